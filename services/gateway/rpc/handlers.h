// The methods of yilian.gateway.v1.GatewayService.
#pragma once

#include "absl/status/statusor.h"
#include "common/crypto/sealed.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "services/gateway/rpc/message_desk.h"
#include "yilian/gateway/v1/gateway.pb.h"

namespace yilian::gateway {

// Thread-safe; owned by the service's context.
class GatewayHandlers {
 public:
  GatewayHandlers(MessageDesk& desk, const crypto::Sealer& sealer) : desk_(desk), sealer_(sealer) {}

  absl::StatusOr<v1::ListParkedMessagesResponse> ListParked(
      const rpc::Call& call, const v1::ListParkedMessagesRequest& request);
  absl::StatusOr<v1::InboundMessage> Retry(const rpc::Call& call,
                                           const v1::RetryParkedMessageRequest& request);
  absl::StatusOr<v1::CountMessagesResponse> Count(const rpc::Call& call,
                                                  const v1::CountMessagesRequest& request);

 private:
  MessageDesk& desk_;
  const crypto::Sealer& sealer_;
};

// The service's methods, bound.
rpc::Dispatch Bind(GatewayHandlers& handlers);

}  // namespace yilian::gateway
