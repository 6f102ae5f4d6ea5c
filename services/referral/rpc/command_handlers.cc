// Commands on the way and after it: redirects, other seats, cancellations, follow-ups.
#include <utility>

#include "absl/time/civil_time.h"
#include "common/base/status_macros.h"
#include "common/wire/pages.h"
#include "common/wire/timestamp.h"
#include "services/referral/domain/errors.h"
#include "services/referral/rpc/command_methods.h"
#include "services/referral/rpc/convert.h"
#include "services/referral/rpc/handlers.h"

namespace yilian::referral {

using convert::ActorOf;
using convert::ToProto;

absl::StatusOr<v1::Referral> ReferralHandlers::Redirect(
    const rpc::Call& call, const v1::RedirectReferralRequest& request) {
  ASSIGN_OR_RETURN(const OrganizationId organization,
                   OrganizationId::Parse(request.receiving_organization_id()));
  ASSIGN_OR_RETURN(const DepartmentId department,
                   DepartmentId::Parse(request.receiving_department_id()));
  ASSIGN_OR_RETURN(const Referral read, Read(call, request.referral_id()));
  RETURN_IF_ERROR(CheckReceiver(
      call, read.direction, read.referring_organization,
      {organization, department, "receiving_organization_id, receiving_department_id"}));
  // Who takes it back has seen it.
  if (organization.uuid() != call.caller().organization_id) {
    RETURN_IF_ERROR(CheckConsent(call, read.patient, organization, read.urgency));
  }
  ASSIGN_OR_RETURN(const Requirements requirements, RequirementsOf(call, read.id, department));
  return Run(call, request.referral_id(), request.etag(),
             [&](const Referral& now, const Actor& by, absl::Time at) {
               return now.Redirect(by, organization, department,
                                   static_cast<ReasonCode>(request.reason()), request.comment(),
                                   deps_.deadlines, at, requirements);
             });
}

absl::StatusOr<v1::Referral> ReferralHandlers::Reschedule(
    const rpc::Call& call, const v1::RescheduleReferralRequest& request) {
  SeatWish wish;
  ASSIGN_OR_RETURN(wish.session, wire::OptionalId<SessionId>(request.session_id()));
  ASSIGN_OR_RETURN(wish.practitioner, wire::OptionalId<PractitionerId>(request.practitioner_id()));
  return Run(call, request.referral_id(), request.etag(),
             [&](const Referral& now, const Actor& by, absl::Time at) {
               return now.Reschedule(by, wish, at);
             });
}

absl::StatusOr<v1::Referral> ReferralHandlers::RequestCancellation(
    const rpc::Call& call, const v1::RequestCancellationRequest& request) {
  return Run(call, request.referral_id(), request.etag(),
             [&](const Referral& now, const Actor& by, absl::Time at) {
               return now.RequestCancellation(by, static_cast<ReasonCode>(request.reason()),
                                              request.comment(), deps_.deadlines, at);
             });
}

absl::StatusOr<v1::Referral> ReferralHandlers::ConfirmCancellation(
    const rpc::Call& call, const v1::MoveReferralRequest& request) {
  return Run(call, request.referral_id(), request.etag(),
             [](const Referral& now, const Actor& by, absl::Time at) {
               return now.ConfirmCancellation(by, at);
             });
}

absl::StatusOr<v1::Referral> ReferralHandlers::RefuseCancellation(
    const rpc::Call& call, const v1::RefuseCancellationRequest& request) {
  return Run(call, request.referral_id(), request.etag(),
             [&](const Referral& now, const Actor& by, absl::Time at) {
               return now.RefuseCancellation(by, request.comment(), at);
             });
}

absl::StatusOr<v1::ListAvailableActionsResponse> ReferralHandlers::ListAvailableActions(
    const rpc::Call& call, const v1::ListAvailableActionsRequest& request) {
  ASSIGN_OR_RETURN(const ReferralId id, ReferralId::Parse(request.referral_id()));
  const Actor by = ActorOf(call.caller());
  ASSIGN_OR_RETURN(const Referral referral, deps_.store.Get(id, by.organization, call.deadline()));
  call.Subject("referral", referral.id.uuid(), referral.patient.uuid());
  v1::ListAvailableActionsResponse response;
  response.set_state(static_cast<v1::State>(referral.state));
  if (const std::optional<Side> side = referral.SideOf(by.organization)) {
    response.set_side(static_cast<v1::Side>(*side));
  }
  for (const referral::Command command : referral.AvailableTo(by)) {
    if (!MayCall(command, call.caller())) continue;
    if (command == referral::Command::kSubmit) {
      const absl::Status consent =
          CheckConsent(call, referral.patient, referral.receiving_organization, referral.urgency);
      if (absl::IsFailedPrecondition(consent)) continue;
      RETURN_IF_ERROR(consent);
    }
    response.add_commands(static_cast<v1::Command>(command));
  }
  response.set_owner_organization_id(wire::TextOrEmpty(referral.owner()));
  response.set_etag(referral.etag());
  if (referral.due_at) wire::SetTime(response.mutable_due_at(), *referral.due_at);
  return response;
}

absl::StatusOr<v1::ListNotActedResponse> ReferralHandlers::ListNotActed(
    const rpc::Call& call, const v1::ListNotActedRequest& request) {
  const rpc::Caller& caller = call.caller();
  const bool region =
      caller.HasRole(policy::v1::ROLE_REGIONAL_ADMINISTRATOR) || caller.is_service();
  NotActedQuery query{.sent = request.sent()};
  ASSIGN_OR_RETURN(query.organization, wire::OptionalId<OrganizationId>(request.organization_id()));
  if (!region && query.organization.uuid() != caller.organization_id) return errors::NotFound();
  const wire::Pages pages(deps_.sealer, call, request);
  query.limit = pages.rows();
  ASSIGN_OR_RETURN(const std::optional<wire::PageKey> after, pages.After());
  if (after) {
    query.after_date = absl::ToCivilDay(after->time, absl::UTCTimeZone());
    query.after_task = TaskId(after->id);
  }
  ASSIGN_OR_RETURN(std::vector<NotActed> tasks, deps_.store.ListNotActed(query, call.deadline()));
  v1::ListNotActedResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(tasks, [](const NotActed& last) {
                     return wire::PageKey{
                         .time = absl::FromCivil(last.due_date, absl::UTCTimeZone()),
                         .id = last.task.uuid()};
                   }));
  for (const NotActed& task : tasks) {
    call.Subject("referral", task.referral.uuid(), base::Uuid());
    *response.add_tasks() = ToProto(task);
  }
  return response;
}

absl::StatusOr<v1::Referral> ReferralHandlers::RescheduleFollowUp(
    const rpc::Call& call, const v1::RescheduleFollowUpRequest& request) {
  ASSIGN_OR_RETURN(const TaskId task, TaskId::Parse(request.task_id()));
  absl::CivilDay due_date;
  if (!absl::ParseCivilTime(request.due_date(), &due_date)) {
    return absl::InternalError("a date passed its rule and does not parse");
  }
  return Run(call, request.referral_id(), request.etag(),
             [&](const Referral& now, const Actor& by, absl::Time at) {
               return now.RescheduleFollowUp(by, task, due_date, request.reason(), deps_.deadlines,
                                             at);
             });
}

absl::StatusOr<v1::Referral> ReferralHandlers::RecordFollowUp(
    const rpc::Call& call, const v1::RecordFollowUpRequest& request) {
  ASSIGN_OR_RETURN(const TaskId task, TaskId::Parse(request.task_id()));
  return Run(call, request.referral_id(), request.etag(),
             [&](const Referral& now, const Actor& by, absl::Time at) {
               return now.RecordFollowUp(by, task, request.result(), at);
             });
}

}  // namespace yilian::referral
