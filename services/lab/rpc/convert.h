// Between the wire and the domain.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "services/lab/domain/report.h"
#include "yilian/lab/v1/lab.pb.h"

namespace yilian::lab::convert {

v1::Report ToProto(const Report& report);
// Of a field with FORMAT_DATE; empty: nullopt.
std::optional<absl::CivilDay> ToDay(const std::string& text);
absl::StatusOr<IncomingReport> ToDomain(const v1::IngestReportRequest& request);

}  // namespace yilian::lab::convert
