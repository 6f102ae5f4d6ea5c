#include "services/directory/domain/errors.h"

#include <fmt/format.h>

#include "common/base/etag.h"
#include "common/status/errors_of.h"

namespace yilian::directory::errors {
namespace {

using absl::StatusCode;

constexpr status::ErrorsOf kError(kDomain);

void Name(const Violations& violations, status::Error& error) {
  for (const Violation& violation : violations) error.Field(violation.field, violation.rule);
}

std::string_view ChineseOf(std::string_view resource) {
  if (resource == "patient") return "患者";
  if (resource == "organization") return "机构";
  if (resource == "department") return "科室";
  if (resource == "practitioner") return "医务人员";
  if (resource == "user") return "账号";
  if (resource == "affiliation") return "任职";
  if (resource == "admission") return "住院记录";
  if (resource == "contract") return "签约";
  if (resource == "team") return "家庭医生团队";
  if (resource == "qualification") return "执业资质";
  if (resource == "practice") return "执业记录";
  if (resource == "consent") return "知情同意书";
  if (resource == "broken_glass") return "紧急调阅记录";
  return "记录";
}

}  // namespace

absl::Status NotFound(std::string_view resource) {
  return kError(StatusCode::kNotFound, "NOT_FOUND")
      .Message(fmt::format("no such {}, or none that you may know of", resource))
      .Chinese(fmt::format("没有该{}，或您无权查看", ChineseOf(resource)))
      .Meta("resource", resource);
}

absl::Status SignInFailed() {
  return kError(StatusCode::kUnauthenticated, "SIGN_IN_FAILED")
      .Message("user name or password is wrong, or the account is disabled")
      .Chinese("用户名或密码错误，或账号已停用");
}

absl::Status SignInThrottled(absl::Duration wait) {
  return kError(StatusCode::kResourceExhausted, "SIGN_IN_THROTTLED")
      .Message("too many sign-ins failed; wait before the next one")
      .Chinese("登录失败次数过多，请稍后再试")
      .RetryAfter(wait);
}

absl::Status SecondFactorWrong() {
  return kError(StatusCode::kUnauthenticated, "SECOND_FACTOR_WRONG")
      .Message("the second factor's code is missing, wrong or was used before")
      .Chinese("动态口令缺失、错误或已使用过");
}

absl::Status SecondFactorMissing() {
  return kError(StatusCode::kFailedPrecondition, "SECOND_FACTOR_MISSING")
      .Message("an administrator signs in with a second factor, and none is set up")
      .Chinese("管理员须先绑定动态口令后才能登录")
      .Precondition("SECOND_FACTOR", "account",
                    "EnrolSecondFactor, then ConfirmSecondFactor within 15 minutes");
}

absl::Status PasswordMustChange() {
  return kError(StatusCode::kFailedPrecondition, "PASSWORD_MUST_CHANGE")
      .Message("the password was set by an administrator; choose another one first")
      .Chinese("密码由管理员设置，请先修改密码")
      .Precondition("PASSWORD", "account", "ChangePassword");
}

absl::Status PasswordWeak(const Violations& violations) {
  status::Error error = kError(StatusCode::kInvalidArgument, "PASSWORD_WEAK");
  error.Message("the password is too easy to guess").Chinese("密码过于简单，请更换");
  Name(violations, error);
  return error;
}

absl::Status NoAffiliation() {
  return kError(StatusCode::kPermissionDenied, "NO_AFFILIATION")
      .Message("the account has no role with the organization at present")
      .Chinese("该账号目前在此机构没有任职");
}

absl::Status OwnAccount() {
  return kError(StatusCode::kPermissionDenied, "OWN_ACCOUNT")
      .Message("nobody does this to their own account; ask another security administrator")
      .Chinese("不能对本人账号进行此操作，请由另一位安全管理员办理");
}

absl::Status GlassNotNeeded() {
  return kError(StatusCode::kFailedPrecondition, "GLASS_NOT_NEEDED")
      .Message("your organization has a care relationship with the patient: read as usual")
      .Chinese("本机构与该患者已有诊疗关系，可直接查阅，无需紧急调阅")
      .Precondition("NO_CARE_RELATIONSHIP", "organization", "an ordinary read passes");
}

absl::Status ReviewDone() {
  return kError(StatusCode::kFailedPrecondition, "REVIEW_DONE")
      .Message("the emergency access was reviewed before")
      .Chinese("该次紧急调阅已完成审核")
      .Precondition("REVIEW", "broken_glass", "it is decided once");
}

absl::Status ConsentRevoked() {
  return kError(StatusCode::kFailedPrecondition, "CONSENT_REVOKED")
      .Message("the consent was revoked before")
      .Chinese("该同意书已撤销")
      .Precondition("CONSENT", "consent", "it is revoked once");
}

absl::Status IdentifierTaken(std::string_view kind) {
  return kError(StatusCode::kAlreadyExists, "IDENTIFIER_TAKEN")
      .Message(fmt::format("the {} belongs to another record", kind))
      .Chinese("该标识已属于另一条记录")
      .Meta("kind", kind);
}

absl::Status IdentityContradicts(const Violations& violations) {
  status::Error error = kError(StatusCode::kInvalidArgument, "IDENTITY_CONTRADICTS");
  error.Message("the resident identity number contradicts other fields")
      .Chinese("身份证号与出生日期、性别等信息不一致");
  Name(violations, error);
  return error;
}

absl::Status PatientMerged(PatientId survivor) {
  return kError(StatusCode::kFailedPrecondition, "PATIENT_MERGED")
      .Message("the patient record was merged into another")
      .Chinese("该患者档案已并入另一档案")
      .Meta("surviving_patient_id", survivor.ToString())
      .Precondition("PATIENT_MERGED", survivor.ToString(), "use the surviving record");
}

absl::Status MergeUndone() {
  return kError(StatusCode::kFailedPrecondition, "MERGE_UNDONE")
      .Message("the merge was undone before")
      .Chinese("该合并已被撤销");
}

absl::Status MergeCovered(const base::Uuid& later) {
  return kError(StatusCode::kFailedPrecondition, "MERGE_COVERED")
      .Message("the surviving record was merged itself; undo that merge first")
      .Chinese("保留的档案已再次合并，请先撤销后一次合并")
      .Meta("merge_id", later.ToString())
      .Precondition("MERGE_COVERED", later.ToString(), "undo this merge first");
}

absl::Status ReviewDecided(std::string_view state) {
  return kError(StatusCode::kFailedPrecondition, "REVIEW_DECIDED")
      .Message("the pair of records was decided before")
      .Chinese("该疑似重复档案已处理")
      .Meta("state", state);
}

absl::Status EtagStale(int64_t version) {
  return kError(StatusCode::kAborted, "ETAG_STALE")
      .Message("the record changed since it was read; read it again")
      .Chinese("记录已被他人修改，请刷新后重试")
      .Meta("current_etag", base::EtagOf(version));
}

absl::Status ContractOverlaps(ContractId contract) {
  return kError(StatusCode::kAlreadyExists, "CONTRACT_OVERLAPS")
      .Message("the resident has a family-doctor contract on some of these days")
      .Chinese("该居民在此期间已有家庭医生签约")
      .Meta("contract_id", contract.ToString());
}

absl::Status ContractEnded(std::string_view state) {
  return kError(StatusCode::kFailedPrecondition, "CONTRACT_ENDED")
      .Message("the contract is over; sign a new one")
      .Chinese("该签约已到期或已解约，请重新签约")
      .Meta("state", state)
      .Precondition("CONTRACT", "contract", "it is pending or active");
}

absl::Status OrganizationOutside(OrganizationId consortium) {
  return kError(StatusCode::kFailedPrecondition, "ORGANIZATION_OUTSIDE")
      .Message("consortium_id names no organization that leads a consortium of this region")
      .Chinese("所填机构不是本区域医联体的牵头机构")
      .Meta("consortium_id", consortium.ToString())
      .Precondition("CONSORTIUM_LEAD", consortium.ToString(), "create the lead hospital first");
}

absl::Status FieldInvalid(const Violations& violations) {
  status::Error error = kError(StatusCode::kInvalidArgument, "FIELD_INVALID");
  error.Message("a rule across fields is broken").Chinese("所填内容不符合要求");
  Name(violations, error);
  return error;
}

absl::Status ForeignOrganization() {
  return kError(StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION")
      .Message("you may act for your own organization only")
      .Chinese("只能代表本机构操作");
}

absl::Status Contention() {
  return kError(StatusCode::kAborted, "CONTENTION")
      .Message("others registered the same identifiers at the same moment; try again")
      .Chinese("操作冲突，请重试");
}

}  // namespace yilian::directory::errors
