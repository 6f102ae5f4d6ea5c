// One call to another service: deadline, person and trace go along, errors come back with their
// details.
#pragma once

#include <grpcpp/client_context.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/rpc/call.h"
#include "common/status/error.h"

namespace yilian::rpc {

// Kept back from the caller's deadline, so that there is time left to say which callee was slow.
inline constexpr absl::Duration kDeadlineReserve = absl::Milliseconds(20);
inline constexpr absl::Duration kDefaultTimeout = absl::Seconds(5);

// Made for one call or for several in a row; one thread.
//
//   ASSIGN_OR_RETURN(auto seat, ClientCall(call).Invoke(*stub, &SchedulingService::Stub::HoldSeat,
//   request));
class ClientCall {
 public:
  // On behalf of the call being served: its deadline less kDeadlineReserve, its person, its trace.
  explicit ClientCall(const Call& inbound, absl::Duration timeout = kDefaultTimeout);
  // From a job: nobody's person; `traceparent` of the work, may be empty.
  explicit ClientCall(absl::Duration timeout = kDefaultTimeout, std::string_view traceparent = {});

  // As above, where the time for an answer ends: at `deadline`, or after kDefaultTimeout.
  static ClientCall Until(absl::Time deadline) {
    return ClientCall(std::min(deadline - absl::Now(), kDefaultTimeout));
  }

  // The callee sees this service, not the person (a policy that names `services`).
  ClientCall& AsService() {
    token_.clear();
    return *this;
  }
  // On behalf of the person with this token.
  ClientCall& WithToken(std::string_view token) {
    token_ = std::string(token);
    return *this;
  }

  // Blocks: on a handler thread or a job's, never on a gRPC thread. Goes through the channel's
  // retry policy.
  template <typename Stub, typename Base, typename Request, typename Response>
  absl::StatusOr<Response> Invoke(Stub& stub,
                                  grpc::Status (Base::*method)(grpc::ClientContext*, const Request&,
                                                               Response*),
                                  const Request& request) const {
    grpc::ClientContext context;
    absl::Status ready = Prepare(context);
    if (!ready.ok()) return ready;
    Response response;
    const grpc::Status status = (stub.*method)(&context, request, &response);
    if (!status.ok()) return status::FromGrpc(status);
    return response;
  }

  // Sets deadline, person and trace, for calls that Invoke does not cover (streams, asynchronous
  // ones). DEADLINE_EXCEEDED when nothing is left of the inbound deadline.
  absl::Status Prepare(grpc::ClientContext& context) const;

 private:
  const absl::Time inbound_deadline_;
  const absl::Duration timeout_;
  const std::string traceparent_;
  std::string token_;
};

}  // namespace yilian::rpc
