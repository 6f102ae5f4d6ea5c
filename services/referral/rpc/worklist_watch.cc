#include "services/referral/rpc/worklist_watch.h"

#include <fmt/format.h>

#include "absl/strings/numbers.h"
#include "common/status/error.h"

namespace yilian::referral {
namespace {

constexpr std::string_view kPurpose = "referral.watch";

absl::Status NotThisToken() {
  return status::Error(absl::StatusCode::kInvalidArgument, "yilian", "SEALED_TOKEN_INVALID")
      .Message("the resume token was not issued to this organization: begin anew without it")
      .Chinese("续传标记不属于本机构，请不带标记重新订阅")
      .Field("resume_token", "is one that this method gave to this organization");
}

}  // namespace

absl::StatusOr<std::string> ResumeTokens::At(int64_t position) const {
  return sealer_->Seal(kPurpose, organization_.ToString(), fmt::to_string(position));
}

absl::StatusOr<int64_t> ResumeTokens::Position(const std::string& token) const {
  const absl::StatusOr<std::string> text =
      sealer_->Unseal(kPurpose, organization_.ToString(), token);
  int64_t position = 0;
  if (!text.ok() || !absl::SimpleAtoi(*text, &position)) return NotThisToken();
  return position;
}

bool ReferralWatch::Write(event::v1::StreamResponse message) {
  v1::WatchReferralsResponse out;
  for (event::v1::Event& event : *message.mutable_events()) {
    v1::ReferralChanged change;
    // Other aggregates of this service have other payloads.
    if (!event.payload().UnpackTo(&change)) continue;
    v1::ReferralEvent* shown = out.add_events();
    shown->set_event_id(std::move(*event.mutable_event_id()));
    shown->set_type(std::move(*event.mutable_type()));
    shown->set_version(event.aggregate_version());
    shown->mutable_occurred_at()->Swap(event.mutable_occurred_at());
    shown->mutable_change()->Swap(&change);
  }
  absl::StatusOr<std::string> token = tokens_.At(message.cursor());
  if (!token.ok()) {
    reader_->Finish(token.status());
    return false;
  }
  out.set_resume_token(*std::move(token));
  out.set_caught_up(message.caught_up());
  return reader_->Write(std::move(out));
}

}  // namespace yilian::referral
