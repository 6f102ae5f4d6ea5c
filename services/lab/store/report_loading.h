// A version of a report with its observations, inside the caller's transaction or read.
#pragma once

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/mysql/session.h"
#include "services/lab/domain/report.h"

namespace yilian::lab {

absl::Status ReadObservations(mysql::Session& session, Report& report);
// `version` 0: the one that readers see.
absl::StatusOr<std::optional<Report>> LoadReport(mysql::Session& session, ReportId id, int version);

}  // namespace yilian::lab
