#include "services/gateway/rpc/handlers.h"

#include "common/base/status_macros.h"
#include "common/wire/pages.h"
#include "common/wire/timestamp.h"

namespace yilian::gateway {

v1::InboundMessage ToProto(const inbound::StoredMessage& message) {
  v1::InboundMessage out;
  out.set_message_id(message.message_id.ToString());
  out.set_sender(message.sender);
  out.set_control_id(message.control_id);
  out.set_message_type(message.message_type);
  out.set_state(static_cast<v1::MessageState>(static_cast<int>(message.state) + 1));
  out.set_reason(message.reason);
  wire::SetTime(out.mutable_received_at(), message.received_at);
  out.set_attempts(message.attempts);
  return out;
}

absl::StatusOr<v1::ListParkedMessagesResponse> GatewayHandlers::ListParked(
    const rpc::Call& call, const v1::ListParkedMessagesRequest& request) {
  const wire::Pages pages(sealer_, call, request);
  ASSIGN_OR_RETURN(const std::optional<wire::PageKey> after, pages.After());
  ASSIGN_OR_RETURN(
      std::vector<inbound::StoredMessage> parked,
      desk_.ListParked(after ? after->id : base::Uuid(), pages.rows(), call.deadline()));
  v1::ListParkedMessagesResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(parked, [](const inbound::StoredMessage& last) {
                     return wire::PageKey{.time = last.received_at, .id = last.message_id};
                   }));
  for (const inbound::StoredMessage& message : parked) {
    *response.add_messages() = ToProto(message);
    call.Subject("inbound_message", message.message_id, base::Uuid());
  }
  return response;
}

absl::StatusOr<v1::InboundMessage> GatewayHandlers::Retry(
    const rpc::Call& call, const v1::RetryParkedMessageRequest& request) {
  ASSIGN_OR_RETURN(const base::Uuid message_id, base::Uuid::Parse(request.message_id()));
  return desk_.Retry(call.write_context(), message_id);
}

absl::StatusOr<v1::CountMessagesResponse> GatewayHandlers::Count(const rpc::Call& call,
                                                                 const v1::CountMessagesRequest&) {
  ASSIGN_OR_RETURN(const inbound::Counts counts, desk_.Count(call.deadline()));
  v1::CountMessagesResponse response;
  response.set_received(counts.received);
  response.set_delivered(counts.delivered);
  response.set_parked(counts.parked);
  response.set_refused(counts.refused);
  return response;
}

rpc::Dispatch Bind(GatewayHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.gateway.v1.GatewayService");
  dispatch.Unary("ListParkedMessages", &handlers, &GatewayHandlers::ListParked)
      .Unary("RetryParkedMessage", &handlers, &GatewayHandlers::Retry)
      .Unary("CountMessages", &handlers, &GatewayHandlers::Count);
  return dispatch;
}

}  // namespace yilian::gateway
