#include "services/scheduling/rpc/cancellation_handlers.h"

#include "common/base/status_macros.h"
#include "common/wire/timestamp.h"
#include "services/scheduling/rpc/actor.h"

namespace yilian::scheduling {

v1::SessionCancellation convert::ToProto(const SessionCancellation& cancellation) {
  v1::SessionCancellation proto;
  proto.set_session_id(cancellation.session.ToString());
  proto.set_organization_id(cancellation.organization.ToString());
  proto.set_reason(cancellation.reason);
  wire::SetTime(proto.mutable_cancelled_at(), cancellation.cancelled_at);
  proto.set_bookings(static_cast<int32_t>(cancellation.bookings));
  proto.set_pending(static_cast<int32_t>(cancellation.pending));
  proto.set_released(static_cast<int32_t>(cancellation.released));
  proto.set_by_referral(static_cast<int32_t>(cancellation.by_referral));
  proto.set_waiting(static_cast<int32_t>(cancellation.waiting));
  proto.set_offered(static_cast<int32_t>(cancellation.offered));
  proto.set_rebooked(static_cast<int32_t>(cancellation.rebooked));
  proto.set_given_up(static_cast<int32_t>(cancellation.given_up));
  return proto;
}

rpc::Dispatch Bind(CancellationHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.scheduling.v1.SessionCancellationService");
  dispatch.Unary("CancelSession", &handlers, &CancellationHandlers::CancelSession)
      .Unary("GetSessionCancellation", &handlers, &CancellationHandlers::GetSessionCancellation);
  return dispatch;
}

absl::StatusOr<v1::SessionCancellation> CancellationHandlers::CancelSession(
    const rpc::Call& call, const v1::CancelSessionRequest& request) {
  ASSIGN_OR_RETURN(const SessionId id, SessionId::Parse(request.session_id()));
  return deps_.cancellations.Cancel(call.write_context(), id, ActorOf(call.caller()),
                                    request.reason());
}

absl::StatusOr<v1::SessionCancellation> CancellationHandlers::GetSessionCancellation(
    const rpc::Call& call, const v1::GetSessionCancellationRequest& request) {
  ASSIGN_OR_RETURN(const SessionId id, SessionId::Parse(request.session_id()));
  ASSIGN_OR_RETURN(const SessionCancellation found,
                   deps_.cancellations.Get(id, ActorOf(call.caller()), call.deadline()));
  return convert::ToProto(found);
}

}  // namespace yilian::scheduling
