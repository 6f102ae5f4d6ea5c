#include "services/gateway/rpc/handlers.h"

#include "common/base/status_macros.h"

namespace yilian::gateway {
namespace {

constexpr std::string_view kPagePurpose = "gateway.page.ListParkedMessages";
constexpr int kDefaultPage = 50;

void FillTime(absl::Time time, google::protobuf::Timestamp* out) {
  const int64_t seconds = absl::ToUnixSeconds(time);
  out->set_seconds(seconds);
  out->set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
}

}  // namespace

v1::InboundMessage ToProto(const inbound::StoredMessage& message) {
  v1::InboundMessage out;
  out.set_message_id(message.message_id.ToString());
  out.set_sender(message.sender);
  out.set_control_id(message.control_id);
  out.set_message_type(message.message_type);
  out.set_state(static_cast<v1::MessageState>(static_cast<int>(message.state) + 1));
  out.set_reason(message.reason);
  FillTime(message.received_at, out.mutable_received_at());
  out.set_attempts(message.attempts);
  return out;
}

absl::StatusOr<v1::ListParkedMessagesResponse> GatewayHandlers::ListParked(
    const rpc::Call& call, const v1::ListParkedMessagesRequest& request) {
  const std::string bound_to = call.caller().LedgerName();
  base::Uuid after;
  if (!request.page().page_token().empty()) {
    ASSIGN_OR_RETURN(const std::string text,
                     sealer_.Unseal(kPagePurpose, bound_to, request.page().page_token()));
    ASSIGN_OR_RETURN(after, base::Uuid::Parse(text));
  }
  const int limit = request.page().page_size() == 0 ? kDefaultPage : request.page().page_size();
  ASSIGN_OR_RETURN(std::vector<inbound::StoredMessage> parked,
                   desk_.ListParked(after, limit + 1, call.deadline()));
  v1::ListParkedMessagesResponse response;
  if (static_cast<int>(parked.size()) > limit) {
    parked.resize(limit);
    ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                     sealer_.Seal(kPagePurpose, bound_to, parked.back().message_id.ToString()));
  }
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
