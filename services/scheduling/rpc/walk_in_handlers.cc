#include "services/scheduling/rpc/walk_in_handlers.h"

#include <string>

#include "common/base/status_macros.h"
#include "services/scheduling/domain/errors.h"
#include "services/scheduling/rpc/actor.h"

namespace yilian::scheduling {
namespace {

// "URGENT", as reasons are stored and told.
std::string CodeOf(v1::WalkInReason reason) {
  constexpr std::string_view kPrefix = "WALK_IN_REASON_";
  return v1::WalkInReason_Name(reason).substr(kPrefix.size());
}

}  // namespace

rpc::Dispatch Bind(WalkInHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.scheduling.v1.WalkInService");
  dispatch.Unary("BookWalkIn", &handlers, &WalkInHandlers::BookWalkIn);
  return dispatch;
}

absl::StatusOr<v1::Booking> WalkInHandlers::BookWalkIn(const rpc::Call& call,
                                                       const v1::BookWalkInRequest& request) {
  // Who stands at the desk is not turned away for visits not come to.
  HoldCommand command{.hold = deps_.rules.hold, .coordinator = true};
  ASSIGN_OR_RETURN(command.session, SessionId::Parse(request.session_id()));
  ASSIGN_OR_RETURN(command.patient, PatientId::Parse(request.patient_id()));
  ASSIGN_OR_RETURN(command.organization, OrganizationId::Parse(request.organization_id()));
  RETURN_IF_ERROR(CheckActsFor(call.caller(), command.organization));
  command.walk_in = HoldCommand::WalkIn::kOpenSeat;
  command.cannot_wait = request.reason() == v1::WALK_IN_REASON_URGENT;
  if (request.from_reserve()) {
    if (!call.caller().HasRole(policy::v1::ROLE_REFERRAL_COORDINATOR)) {
      return errors::FieldInvalid(
          {{"from_reserve", "is for referral coordinators; ask one, or take an open seat"}});
    }
    command.walk_in = HoldCommand::WalkIn::kAnySeat;
  }
  ASSIGN_OR_RETURN(const bool known,
                   deps_.relationships.MaySee(command.patient.uuid(), command.organization.uuid(),
                                              call.deadline()));
  if (!known) return errors::PatientNotFound();
  return deps_.bookings.WalkIn(call.write_context(), command, CodeOf(request.reason()));
}

}  // namespace yilian::scheduling
