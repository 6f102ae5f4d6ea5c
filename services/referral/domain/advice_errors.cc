#include "services/referral/domain/advice_errors.h"

#include <fmt/format.h>

#include "common/status/errors_of.h"
#include "services/referral/domain/errors.h"

namespace yilian::referral::errors {
namespace {

using absl::StatusCode;

constexpr status::ErrorsOf kError(kDomain);

}  // namespace

absl::Status AdviceNotFound() {
  return kError(StatusCode::kNotFound, "ADVICE_NOT_FOUND")
      .Message("no such advice thread, or none that your organization is a party of")
      .Chinese("没有该咨询，或您的机构不是其中一方");
}

absl::Status AdviceCommandNotAvailable(AdviceCommand command, AdviceState state,
                                       const std::vector<AdviceCommand>& available) {
  std::string list;
  for (const AdviceCommand one : available) {
    if (!list.empty()) list += ',';
    list += Name(one);
  }
  return kError(StatusCode::kFailedPrecondition, "ADVICE_COMMAND_NOT_AVAILABLE")
      .Message(fmt::format("{} is not possible in state {}; possible now: {}", Name(command),
                           Name(state), list.empty() ? "nothing" : list))
      .Chinese(fmt::format("当前状态 {} 不能执行 {}；现在可执行：{}", Name(state), Name(command),
                           list.empty() ? "无" : list))
      .Meta("command", Name(command))
      .Meta("state", Name(state))
      .Meta("available", list);
}

absl::Status NotYourAdviceSide(AdviceCommand command, AdviceSide side) {
  return kError(StatusCode::kPermissionDenied, "NOT_YOUR_ADVICE_SIDE")
      .Message(fmt::format("{} belongs to the {} side", Name(command), Name(side)))
      .Chinese(side == AdviceSide::kAsking ? "该操作由提问方执行" : "该操作由答复方执行")
      .Meta("command", Name(command))
      .Meta("side", Name(side));
}

absl::Status NotTheAsker() {
  return kError(StatusCode::kPermissionDenied, "NOT_THE_ASKER")
      .Message("whether the patient is referred is for the doctor who asked to say, in person")
      .Chinese("是否转诊须由提问医生本人确认");
}

absl::Status AdviceEtagStale(std::string_view current_etag) {
  return kError(StatusCode::kAborted, "ADVICE_ETAG_STALE")
      .Message("the thread changed since you read it; read it again and decide anew")
      .Chinese("咨询已有新内容，请重新读取后再操作")
      .Meta("current_etag", current_etag);
}

absl::Status TooManyTurns(int limit) {
  return kError(StatusCode::kFailedPrecondition, "TOO_MANY_TURNS")
      .Message(fmt::format("a thread has at most {} turns: close it and ask anew, or refer", limit))
      .Chinese(fmt::format("一次咨询最多 {} 条，请结束后重新提问或转诊", limit))
      .Meta("limit", std::to_string(limit));
}

}  // namespace yilian::referral::errors
