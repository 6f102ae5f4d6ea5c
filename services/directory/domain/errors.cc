#include "services/directory/domain/errors.h"

#include <fmt/format.h>

#include "common/status/error.h"

namespace yilian::directory::errors {
namespace {

using absl::StatusCode;

status::Error Make(StatusCode code, std::string_view reason) {
  return status::Error(code, kDomain, reason);
}

void Name(const Violations& violations, status::Error& error) {
  for (const Violation& violation : violations) error.Field(violation.field, violation.rule);
}

std::string_view ChineseOf(std::string_view resource) {
  if (resource == "patient") return "患者";
  if (resource == "organization") return "机构";
  if (resource == "department") return "科室";
  if (resource == "practitioner") return "医务人员";
  if (resource == "user") return "账号";
  return "记录";
}

}  // namespace

absl::Status NotFound(std::string_view resource) {
  return Make(StatusCode::kNotFound, "NOT_FOUND")
      .Message(fmt::format("no such {}, or none that you may know of", resource))
      .Chinese(fmt::format("没有该{}，或您无权查看", ChineseOf(resource)))
      .Meta("resource", resource);
}

absl::Status SignInFailed() {
  return Make(StatusCode::kUnauthenticated, "SIGN_IN_FAILED")
      .Message("user name or password is wrong, or the account is disabled")
      .Chinese("用户名或密码错误，或账号已停用");
}

absl::Status SignInThrottled(absl::Duration wait) {
  return Make(StatusCode::kResourceExhausted, "SIGN_IN_THROTTLED")
      .Message("too many sign-ins failed; wait before the next one")
      .Chinese("登录失败次数过多，请稍后再试")
      .RetryAfter(wait);
}

absl::Status IdentifierTaken(std::string_view kind) {
  return Make(StatusCode::kAlreadyExists, "IDENTIFIER_TAKEN")
      .Message(fmt::format("the {} belongs to another record", kind))
      .Chinese("该标识已属于另一条记录")
      .Meta("kind", kind);
}

absl::Status IdentityContradicts(const Violations& violations) {
  status::Error error = Make(StatusCode::kInvalidArgument, "IDENTITY_CONTRADICTS");
  error.Message("the resident identity number contradicts other fields")
      .Chinese("身份证号与出生日期、性别等信息不一致");
  Name(violations, error);
  return error;
}

absl::Status PatientMerged(PatientId survivor) {
  return Make(StatusCode::kFailedPrecondition, "PATIENT_MERGED")
      .Message("the patient record was merged into another")
      .Chinese("该患者档案已并入另一档案")
      .Meta("surviving_patient_id", survivor.ToString())
      .Precondition("PATIENT_MERGED", survivor.ToString(), "use the surviving record");
}

absl::Status OrganizationOutside(OrganizationId consortium) {
  return Make(StatusCode::kFailedPrecondition, "ORGANIZATION_OUTSIDE")
      .Message("consortium_id names no organization that leads a consortium of this region")
      .Chinese("所填机构不是本区域医联体的牵头机构")
      .Meta("consortium_id", consortium.ToString())
      .Precondition("CONSORTIUM_LEAD", consortium.ToString(), "create the lead hospital first");
}

absl::Status FieldInvalid(const Violations& violations) {
  status::Error error = Make(StatusCode::kInvalidArgument, "FIELD_INVALID");
  error.Message("a rule across fields is broken").Chinese("所填内容不符合要求");
  Name(violations, error);
  return error;
}

absl::Status ForeignOrganization() {
  return Make(StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION")
      .Message("you may act for your own organization only")
      .Chinese("只能代表本机构操作");
}

absl::Status Contention() {
  return Make(StatusCode::kAborted, "CONTENTION")
      .Message("others registered the same identifiers at the same moment; try again")
      .Chinese("操作冲突，请重试");
}

}  // namespace yilian::directory::errors
