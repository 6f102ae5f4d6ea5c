// Between the wire and the domain.
#pragma once

#include "absl/status/statusor.h"
#include "services/lab/domain/report.h"
#include "yilian/lab/v1/lab.pb.h"

namespace yilian::lab::convert {

v1::Report ToProto(const Report& report);
absl::StatusOr<IncomingReport> ToDomain(const v1::IngestReportRequest& request);

}  // namespace yilian::lab::convert
