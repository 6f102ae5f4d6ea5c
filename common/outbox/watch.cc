#include "common/outbox/watch.h"

#include <fmt/format.h>

#include "absl/strings/numbers.h"
#include "common/base/status_macros.h"
#include "common/status/error.h"

namespace yilian::outbox {
namespace {

absl::Status NotThisToken() {
  return status::Error(absl::StatusCode::kInvalidArgument, "yilian", "SEALED_TOKEN_INVALID")
      .Message("the resume token was not issued to this organization: begin anew without it")
      .Chinese("续传标记不属于本机构，请不带标记重新订阅")
      .Field("resume_token", "is one that this method gave to this organization");
}

}  // namespace

absl::StatusOr<std::string> ResumeTokens::At(int64_t position) const {
  return sealer_->Seal(purpose_, organization_.ToString(), fmt::to_string(position));
}

absl::StatusOr<int64_t> ResumeTokens::Position(const std::string& token) const {
  const absl::StatusOr<std::string> text =
      sealer_->Unseal(purpose_, organization_.ToString(), token);
  int64_t position = 0;
  if (!text.ok() || !absl::SimpleAtoi(*text, &position)) return NotThisToken();
  return position;
}

absl::StatusOr<event::v1::StreamRequest> WatchFrom(const WatchOptions& options,
                                                   const ResumeTokens& tokens,
                                                   const std::string& resume_token) {
  event::v1::StreamRequest from;
  from.set_subscriber("watch");
  for (const std::string& type : options.types) from.add_types(type);
  int64_t position = 0;
  if (resume_token.empty()) {
    ASSIGN_OR_RETURN(position, options.feed.LastPosition());
  } else {
    ASSIGN_OR_RETURN(position, tokens.Position(resume_token));
  }
  from.set_cursor(position);
  return from;
}

}  // namespace yilian::outbox
