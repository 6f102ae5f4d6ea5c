// The methods of yilian.scheduling.v1.SessionCancellationService: convert, one use case, convert
// back.
#pragma once

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "services/scheduling/domain/session_cancellation.h"
#include "yilian/scheduling/v1/session_cancellation.pb.h"

namespace yilian::scheduling {

// Thread-safe; owned by the service's context.
class CancellationHandlers {
 public:
  struct Deps {
    CancellationStore& cancellations;
  };
  explicit CancellationHandlers(Deps deps) : deps_(deps) {}

  absl::StatusOr<v1::SessionCancellation> CancelSession(const rpc::Call& call,
                                                        const v1::CancelSessionRequest& request);
  absl::StatusOr<v1::SessionCancellation> GetSessionCancellation(
      const rpc::Call& call, const v1::GetSessionCancellationRequest& request);

 private:
  const Deps deps_;
};

// The service's methods, bound.
rpc::Dispatch Bind(CancellationHandlers& handlers);

namespace convert {
v1::SessionCancellation ToProto(const SessionCancellation& cancellation);
}  // namespace convert

}  // namespace yilian::scheduling
