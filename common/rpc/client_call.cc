#include "common/rpc/client_call.h"

#include <algorithm>

#include "absl/time/clock.h"

namespace yilian::rpc {

ClientCall::ClientCall(const Call& inbound, absl::Duration timeout)
    : inbound_deadline_(inbound.deadline()),
      timeout_(timeout),
      traceparent_(inbound.traceparent()),
      token_(inbound.token()) {}

ClientCall::ClientCall(absl::Duration timeout, std::string_view traceparent)
    : inbound_deadline_(absl::InfiniteFuture()), timeout_(timeout), traceparent_(traceparent) {}

absl::Status ClientCall::Prepare(grpc::ClientContext& context) const {
  const absl::Time now = absl::Now();
  const absl::Time deadline = std::min(now + timeout_, inbound_deadline_ - kDeadlineReserve);
  if (deadline <= now) {
    return status::Error(absl::StatusCode::kDeadlineExceeded, "yilian", "DEADLINE_EXCEEDED")
        .Message("the deadline left no time for a call to another service");
  }
  if (deadline != absl::InfiniteFuture()) context.set_deadline(absl::ToChronoTime(deadline));
  if (!token_.empty()) context.AddMetadata("authorization", "Bearer " + token_);
  if (!traceparent_.empty()) context.AddMetadata("traceparent", traceparent_);
  return absl::OkStatus();
}

}  // namespace yilian::rpc
