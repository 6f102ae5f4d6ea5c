// The methods of yilian.consultation.v1.LiveSessionService and LiveRelayService: convert, one use
// case, convert back.
#pragma once

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "services/consultation/rpc/live_guest.h"
#include "yilian/consultation/v1/live_session.pb.h"

namespace yilian::consultation {

// Thread-safe; owned by the service's context.
class LiveSessionHandlers {
 public:
  explicit LiveSessionHandlers(const LiveDeps& deps) : deps_(deps) {}

  absl::StatusOr<v1::LiveSession> Open(const rpc::Call& call,
                                       const v1::OpenLiveSessionRequest& request);
  absl::StatusOr<v1::ListLiveSessionsResponse> List(const rpc::Call& call,
                                                    const v1::ListLiveSessionsRequest& request);
  absl::StatusOr<v1::ListTranscriptResponse> ListTranscript(
      const rpc::Call& call, const v1::ListTranscriptRequest& request);
  absl::Status Join(const rpc::Call& call, std::shared_ptr<LiveStream> stream);
  absl::StatusOr<v1::RelayFramesResponse> Relay(const rpc::Call& call,
                                                const v1::RelayFramesRequest& request);

 private:
  const LiveDeps deps_;
};

// The methods of both services, bound.
rpc::Dispatch Bind(LiveSessionHandlers& handlers);
rpc::Dispatch BindRelay(LiveSessionHandlers& handlers);

}  // namespace yilian::consultation
