#include "services/lab/domain/errors.h"

#include <fmt/format.h>

#include "common/status/error.h"

namespace yilian::lab::errors {

using absl::StatusCode;

absl::Status NotFound() {
  return status::Error(StatusCode::kNotFound, kDomain, "NOT_FOUND")
      .Message("no such report, or none that your organization may see")
      .Chinese("没有该检验报告，或您的机构无权查看");
}

absl::Status FieldInvalid(const Violations& violations) {
  status::Error error(StatusCode::kInvalidArgument, kDomain, "FIELD_INVALID");
  error
      .Message(
          fmt::format("{} field(s) break a rule; each is named in BadRequest", violations.size()))
      .Chinese(fmt::format("{} 个字段不符合规则，详见 BadRequest", violations.size()));
  for (const auto& [field, rule] : violations) error.Field(field, rule);
  return error;
}

absl::Status PatientContradicts(ReportId report) {
  return status::Error(StatusCode::kFailedPrecondition, kDomain, "PATIENT_CONTRADICTS")
      .Message(
          "this order number belongs to a report about another patient; withdraw that report first")
      .Chinese("该检验单号已属于另一位患者的报告，请先撤回原报告")
      .Meta("report_id", report.ToString());
}

absl::Status ForeignOrganization() {
  return status::Error(StatusCode::kPermissionDenied, kDomain, "FOREIGN_ORGANIZATION")
      .Message("a laboratory sends its own reports only")
      .Chinese("只能提交本机构实验室的报告");
}

}  // namespace yilian::lab::errors
