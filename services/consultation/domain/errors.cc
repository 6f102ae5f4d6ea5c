#include "services/consultation/domain/errors.h"

#include <fmt/format.h>

#include "common/status/errors_of.h"

namespace yilian::consultation::errors {
namespace {

using absl::StatusCode;

constexpr status::ErrorsOf kError(kDomain);

}  // namespace

absl::Status NotFound() {
  return kError(StatusCode::kNotFound, "NOT_FOUND")
      .Message("no such consultation, or none that your organization is a party of")
      .Chinese("没有该会诊单，或您的机构不是其中一方");
}

absl::Status CommandNotAvailable(Command command, State state,
                                 const std::vector<Command>& available) {
  std::string list;
  for (const Command one : available) {
    if (!list.empty()) list += ',';
    list += Name(one);
  }
  return kError(StatusCode::kFailedPrecondition, "COMMAND_NOT_AVAILABLE")
      .Message(fmt::format("{} is not possible in state {}; possible now: {}", Name(command),
                           Name(state), list.empty() ? "nothing" : list))
      .Chinese(fmt::format("当前状态 {} 不能执行 {}", Name(state), Name(command)))
      .Meta("command", Name(command))
      .Meta("state", Name(state))
      .Meta("available", list);
}

absl::Status NotYourSide(Command command, Side side) {
  return kError(StatusCode::kPermissionDenied, "NOT_YOUR_SIDE")
      .Message(fmt::format("{} belongs to the {} side", Name(command), Name(side)))
      .Chinese(side == Side::kRequesting ? "该操作由申请方执行" : "该操作由会诊方执行")
      .Meta("command", Name(command))
      .Meta("side", Name(side));
}

absl::Status EtagStale(std::string_view current_etag) {
  return kError(StatusCode::kAborted, "ETAG_STALE")
      .Message("the consultation changed since you read it; read it again and decide anew")
      .Chinese("会诊单已被更新，请重新读取后再操作")
      .Meta("current_etag", current_etag);
}

absl::Status ClaimedByAnother(absl::Time lease_until) {
  return kError(StatusCode::kFailedPrecondition, "CLAIMED_BY_ANOTHER")
      .Message("another expert holds the claim; it can be taken when the lease ends")
      .Chinese("已被其他专家领取，租约到期后可再领取")
      .Meta("lease_until", absl::FormatTime(absl::RFC3339_sec, lease_until, absl::UTCTimeZone()));
}

absl::Status ClaimLost(int64_t lease_epoch) {
  return kError(StatusCode::kAborted, "CLAIM_LOST")
      .Message("your claim has run out or was taken over; claim the consultation again")
      .Chinese("领取已失效或被他人接手，请重新领取")
      .Meta("lease_epoch", fmt::to_string(lease_epoch));
}

absl::Status PatientUnavailable() {
  return kError(StatusCode::kFailedPrecondition, "PATIENT_UNAVAILABLE")
      .Message(
          "your organization has no care relationship with this patient: register or find the "
          "patient first")
      .Chinese("本机构与该患者没有诊疗关系：请先登记或检索患者");
}

absl::Status FieldInvalid(const Violations& violations) {
  status::Error error = kError(StatusCode::kInvalidArgument, "FIELD_INVALID");
  error
      .Message(
          fmt::format("{} field(s) break a rule; each is named in BadRequest", violations.size()))
      .Chinese(fmt::format("{} 个字段不符合规则，详见 BadRequest", violations.size()));
  for (const auto& [field, rule] : violations) error.Field(field, rule);
  return error;
}

absl::Status NothingToClaim() {
  return kError(StatusCode::kFailedPrecondition, "NOTHING_TO_CLAIM")
      .Message("the worklist has nothing that you may claim")
      .Chinese("当前没有可领取的会诊");
}

}  // namespace yilian::consultation::errors
