#include "services/referral/rpc/handlers.h"

#include <utility>

#include "common/base/status_macros.h"
#include "common/wire/pages.h"
#include "common/wire/timestamp.h"
#include "services/referral/domain/errors.h"
#include "services/referral/rpc/citations.h"
#include "services/referral/rpc/consent.h"
#include "services/referral/rpc/convert.h"

namespace yilian::referral {

using convert::ActorOf;
using convert::ToDomain;
using convert::ToProto;

namespace {

WorklistQuery QueryOf(v1::Worklist worklist) {
  WorklistQuery query;
  switch (worklist) {
    case v1::WORKLIST_TO_TRIAGE:
      query.state = State::kSubmitted;
      break;
    case v1::WORKLIST_RETURNED:
      query.side = Side::kReferring;
      query.state = State::kReturned;
      break;
    case v1::WORKLIST_AWAITING_BOOKING:
      query.state = State::kAccepted;
      break;
    case v1::WORKLIST_SENT:
      query.side = Side::kReferring;
      break;
    default:
      break;
  }
  return query;
}

}  // namespace

rpc::Dispatch Bind(ReferralHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.referral.v1.ReferralService");
  dispatch.Unary("CreateReferral", &handlers, &ReferralHandlers::Create)
      .Unary("SubmitReferral", &handlers, &ReferralHandlers::Submit)
      .Unary("GetReferral", &handlers, &ReferralHandlers::Get)
      .Unary("ListReferrals", &handlers, &ReferralHandlers::List)
      .Unary("ReturnReferral", &handlers, &ReferralHandlers::Return)
      .Unary("AcceptReferral", &handlers, &ReferralHandlers::Accept)
      .Unary("RejectReferral", &handlers, &ReferralHandlers::Reject)
      .Unary("RedirectReferral", &handlers, &ReferralHandlers::Redirect)
      .Unary("ScheduleReferral", &handlers, &ReferralHandlers::Schedule)
      .Unary("RescheduleReferral", &handlers, &ReferralHandlers::Reschedule)
      .Unary("ArriveReferral", &handlers, &ReferralHandlers::Arrive)
      .Unary("MarkNoShow", &handlers, &ReferralHandlers::MarkNoShow)
      .Unary("BeginCare", &handlers, &ReferralHandlers::BeginCare)
      .Unary("EndStay", &handlers, &ReferralHandlers::EndStay)
      .Unary("ContinueStay", &handlers, &ReferralHandlers::ContinueStay)
      .Unary("CompleteReferral", &handlers, &ReferralHandlers::Complete)
      .Unary("WithdrawReferral", &handlers, &ReferralHandlers::Withdraw)
      .Unary("RequestCancellation", &handlers, &ReferralHandlers::RequestCancellation)
      .Unary("ConfirmCancellation", &handlers, &ReferralHandlers::ConfirmCancellation)
      .Unary("RefuseCancellation", &handlers, &ReferralHandlers::RefuseCancellation)
      .Unary("ListAvailableActions", &handlers, &ReferralHandlers::ListAvailableActions)
      .Unary("DraftDischarge", &handlers, &ReferralHandlers::DraftDischarge)
      .Unary("WithdrawDischarge", &handlers, &ReferralHandlers::WithdrawDischarge)
      .Unary("ListNotActed", &handlers, &ReferralHandlers::ListNotActed)
      .Unary("RescheduleFollowUp", &handlers, &ReferralHandlers::RescheduleFollowUp)
      .Unary("RecordFollowUp", &handlers, &ReferralHandlers::RecordFollowUp)
      .Unary("RateReferral", &handlers, &ReferralHandlers::Rate)
      .Unary("RecordPatientRating", &handlers, &ReferralHandlers::RecordPatientRating)
      .Unary("RecordClosingContact", &handlers, &ReferralHandlers::RecordClosingContact);
  return dispatch;
}

absl::Status ReferralHandlers::CheckPatient(const rpc::Call& call, PatientId patient) {
  ASSIGN_OR_RETURN(
      const bool known,
      deps_.relationships.MaySee(patient.uuid(), call.caller().organization_id, call.deadline()));
  return known ? absl::OkStatus() : errors::PatientUnavailable();
}

absl::Status ReferralHandlers::CheckReceiver(const rpc::Call& call, Direction direction,
                                             OrganizationId referrer, const Receiver& receiver) {
  return CheckReach(deps_.receivers, deps_.organizations, call, referrer, receiver,
                    [&](const Organization& from, const Organization& to) {
                      return referral::CheckReceiver(direction, from, to, deps_.across_consortia,
                                                     receiver.field);
                    });
}

absl::Status ReferralHandlers::CheckSource(const rpc::Call& call, const NewReferral& input) {
  if (!input.source || input.source->kind != SourceKind::kOpinion) return absl::OkStatus();
  if (!base::Uuid::Parse(input.source->id).ok()) {
    return errors::SourceUnfit("source.id", "is the UUID of a consultation");
  }
  if (call.token().empty()) {
    return errors::SourceUnfit("source", "is turned into a referral by a person, not by a system");
  }
  ASSIGN_OR_RETURN(const std::optional<SignedOpinion> opinion,
                   deps_.opinions.Find(input.source->id, call.token(), call.deadline()));
  if (!opinion || opinion->requesting_organization.uuid() != call.caller().organization_id) {
    return errors::SourceUnfit("source.id",
                               "is a consultation that your organization asked for, with a signed "
                               "opinion");
  }
  if (opinion->patient != input.patient) {
    return errors::SourceUnfit("source.id", "is an opinion on this patient");
  }
  return absl::OkStatus();
}

absl::StatusOr<Referral> ReferralHandlers::Read(const rpc::Call& call,
                                                const std::string& referral_id) {
  ASSIGN_OR_RETURN(const ReferralId id, ReferralId::Parse(referral_id));
  return deps_.store.Get(id, OrganizationId(call.caller().organization_id), call.deadline());
}

absl::StatusOr<Requirements> ReferralHandlers::RequirementsOf(const rpc::Call& call,
                                                              ReferralId referral,
                                                              DepartmentId department) {
  ASSIGN_OR_RETURN(Requirements requirements, deps_.required_items.Of(department, call.deadline()));
  if (requirements.items.empty()) return requirements;
  ASSIGN_OR_RETURN(requirements.attachments, deps_.attachments.Of(referral, call.deadline()));
  return requirements;
}

absl::Status ReferralHandlers::CheckConsent(const rpc::Call& call, PatientId patient,
                                            OrganizationId to, Urgency urgency) {
  if (urgency == Urgency::kEmergency) return absl::OkStatus();
  return referral::CheckConsent(deps_.relationships, call, patient, to,
                                directory::v1::CONSENT_PURPOSE_REFERRAL);
}

absl::StatusOr<v1::Referral> ReferralHandlers::Run(const rpc::Call& call,
                                                   const std::string& referral_id,
                                                   std::optional<std::string_view> etag,
                                                   const Command& command) {
  ASSIGN_OR_RETURN(const ReferralId id, ReferralId::Parse(referral_id));
  const Actor by = ActorOf(call.caller());
  absl::StatusOr<v1::Referral> answer = deps_.store.Update<v1::Referral>(
      call.write_context(), id, by.organization, etag,
      [&](const Referral& now, absl::Time at) -> absl::StatusOr<std::vector<Change>> {
        ASSIGN_OR_RETURN(Change change, command(now, by, at));
        return std::vector<Change>{std::move(change)};
      },
      [](const std::vector<Change>& changes) { return ToProto(changes[0].after); });
  if (answer.ok()) deps_.wake_sagas();
  return answer;
}

absl::StatusOr<v1::Referral> ReferralHandlers::Create(const rpc::Call& call,
                                                      const v1::CreateReferralRequest& request) {
  ASSIGN_OR_RETURN(const NewReferral input, ToDomain(request, absl::Now()));
  const Actor by = ActorOf(call.caller());
  RETURN_IF_ERROR(CheckPatient(call, input.patient));
  RETURN_IF_ERROR(CheckReceiver(call, input.direction, by.organization,
                                {input.receiving_organization, input.receiving_department,
                                 "receiving_organization_id, receiving_department_id"}));
  RETURN_IF_ERROR(CheckSource(call, input));
  Submission submission{.consented = request.patient_consented()};
  if (request.submit()) {
    RETURN_IF_ERROR(CheckConsent(call, input.patient, input.receiving_organization, input.urgency));
    ASSIGN_OR_RETURN(submission.requirements,
                     deps_.required_items.Of(input.receiving_department, call.deadline()));
    ASSIGN_OR_RETURN(submission.citations_unchecked, CheckCited(deps_.cited_reports, call,
                                                                {.patient = input.patient,
                                                                 .channel = input.channel,
                                                                 .urgency = input.urgency,
                                                                 .citations = input.citations}));
  }
  return deps_.store.Create<v1::Referral>(
      call.write_context(),
      [&](absl::Time at) -> absl::StatusOr<Change> {
        ASSIGN_OR_RETURN(Change created, CreateReferral(input, by, deps_.deadlines, at));
        if (!request.submit()) return created;
        ASSIGN_OR_RETURN(Change submitted,
                         created.after.Submit(by, submission, deps_.deadlines, at));
        submitted.events.insert(submitted.events.begin(), created.events[0]);
        return submitted;
      },
      [](const std::vector<Change>& changes) { return ToProto(changes[0].after); });
}

absl::StatusOr<v1::Referral> ReferralHandlers::Submit(const rpc::Call& call,
                                                      const v1::SubmitReferralRequest& request) {
  Submission submission{.consented = request.patient_consented()};
  if (request.has_summary()) submission.summary = ToDomain(request.summary());
  if (request.has_care_plan()) {
    ASSIGN_OR_RETURN(submission.care_plan, ToDomain(request.care_plan(), absl::Now()));
  }
  if (request.has_citations()) submission.citations = ToDomain(request.citations().citations());
  ASSIGN_OR_RETURN(submission.replaces,
                   wire::OptionalId<ReferralId>(request.replaces_referral_id()));
  ASSIGN_OR_RETURN(const Referral read, Read(call, request.referral_id()));
  if (request.channel() != v1::CHANNEL_UNSPECIFIED &&
      static_cast<Channel>(request.channel()) != read.channel) {
    return errors::FieldInvalid({{"channel", "is the referral's own, or is left out"}});
  }
  RETURN_IF_ERROR(CheckConsent(call, read.patient, read.receiving_organization, read.urgency));
  ASSIGN_OR_RETURN(submission.requirements,
                   RequirementsOf(call, read.id, read.receiving_department));
  ASSIGN_OR_RETURN(
      submission.citations_unchecked,
      CheckCited(deps_.cited_reports, call,
                 {.patient = read.patient,
                  .channel = read.channel,
                  .urgency = read.urgency,
                  .citations = submission.citations ? *submission.citations : read.citations}));
  return Run(call, request.referral_id(), request.etag(),
             [&](const Referral& now, const Actor& by, absl::Time at) {
               return now.Submit(by, submission, deps_.deadlines, at);
             });
}

absl::StatusOr<v1::Referral> ReferralHandlers::Get(const rpc::Call& call,
                                                   const v1::GetReferralRequest& request) {
  ASSIGN_OR_RETURN(const ReferralId id, ReferralId::Parse(request.referral_id()));
  ASSIGN_OR_RETURN(
      const Referral referral,
      deps_.store.Get(id, OrganizationId(call.caller().organization_id), call.deadline()));
  call.Subject("referral", referral.id.uuid(), referral.patient.uuid());
  return ToProto(referral);
}

absl::StatusOr<v1::ListReferralsResponse> ReferralHandlers::List(
    const rpc::Call& call, const v1::ListReferralsRequest& request) {
  const wire::Pages pages(deps_.sealer, call, request);
  WorklistQuery query = QueryOf(request.worklist());
  query.organization = OrganizationId(call.caller().organization_id);
  query.limit = pages.rows();
  ASSIGN_OR_RETURN(const std::optional<wire::PageKey> after, pages.After());
  if (after) {
    query.after_time = after->time;
    query.after_id = ReferralId(after->id);
  }
  ASSIGN_OR_RETURN(std::vector<Referral> referrals, deps_.store.List(query, call.deadline()));
  v1::ListReferralsResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(referrals, [](const Referral& last) {
                     return wire::PageKey{.time = last.worklist_time(), .id = last.id.uuid()};
                   }));
  for (const Referral& referral : referrals) {
    call.Subject("referral", referral.id.uuid(), referral.patient.uuid());
    *response.add_referrals() = ToProto(referral);
  }
  return response;
}

absl::StatusOr<v1::Referral> ReferralHandlers::Return(const rpc::Call& call,
                                                      const v1::ReturnReferralRequest& request) {
  return Run(call, request.referral_id(), request.etag(),
             [&](const Referral& now, const Actor& by, absl::Time at) {
               return now.Return(by, static_cast<ReasonCode>(request.reason()), request.comment(),
                                 deps_.deadlines, at);
             });
}

absl::StatusOr<v1::Referral> ReferralHandlers::Accept(const rpc::Call& call,
                                                      const v1::AcceptReferralRequest& request) {
  SeatWish wish;
  ASSIGN_OR_RETURN(wish.practitioner, wire::OptionalId<PractitionerId>(request.practitioner_id()));
  std::optional<Urgency> raised;
  if (request.raised_urgency() != v1::URGENCY_UNSPECIFIED) {
    raised = static_cast<Urgency>(request.raised_urgency());
  }
  return Run(call, request.referral_id(), request.etag(),
             [&](const Referral& now, const Actor& by, absl::Time at) {
               return now.Accept(by, raised, request.urgency_reason(), wish, at);
             });
}

absl::StatusOr<v1::Referral> ReferralHandlers::Reject(const rpc::Call& call,
                                                      const v1::RejectReferralRequest& request) {
  return Run(call, request.referral_id(), request.etag(),
             [&](const Referral& now, const Actor& by, absl::Time at) {
               return now.Reject(by, static_cast<ReasonCode>(request.reason()), request.comment(),
                                 at);
             });
}

absl::StatusOr<v1::Referral> ReferralHandlers::Schedule(
    const rpc::Call& call, const v1::ScheduleReferralRequest& request) {
  SeatWish wish;
  ASSIGN_OR_RETURN(wish.session, wire::OptionalId<SessionId>(request.session_id()));
  ASSIGN_OR_RETURN(wish.practitioner, wire::OptionalId<PractitionerId>(request.practitioner_id()));
  return Run(call, request.referral_id(), request.etag(),
             [&](const Referral& now, const Actor& by, absl::Time at) {
               return now.Schedule(by, wish, at);
             });
}

absl::StatusOr<v1::Referral> ReferralHandlers::Arrive(const rpc::Call& call,
                                                      const v1::MoveReferralRequest& request) {
  return Run(call, request.referral_id(), request.etag(),
             [&](const Referral& now, const Actor& by, absl::Time at) {
               return now.Arrive(by, deps_.deadlines, at);
             });
}

absl::StatusOr<v1::Referral> ReferralHandlers::MarkNoShow(const rpc::Call& call,
                                                          const v1::MoveReferralRequest& request) {
  return Run(call, request.referral_id(), request.etag(),
             [&](const Referral& now, const Actor& by, absl::Time at) {
               return now.MarkNoShow(by, deps_.deadlines, at);
             });
}

absl::StatusOr<v1::Referral> ReferralHandlers::BeginCare(const rpc::Call& call,
                                                         const v1::MoveReferralRequest& request) {
  return Run(
      call, request.referral_id(), request.etag(),
      [](const Referral& now, const Actor& by, absl::Time at) { return now.BeginCare(by, at); });
}

absl::StatusOr<v1::CompleteReferralResponse> ReferralHandlers::Complete(
    const rpc::Call& call, const v1::CompleteReferralRequest& request) {
  ASSIGN_OR_RETURN(const ReferralId id, ReferralId::Parse(request.referral_id()));
  const Actor by = ActorOf(call.caller());
  std::optional<NewReferral> down;
  if (request.has_down_referral()) {
    const v1::DownReferral& wire = request.down_referral();
    down.emplace();
    down->id = ReferralId::New(absl::Now());
    down->direction = Direction::kDown;
    ASSIGN_OR_RETURN(down->receiving_organization,
                     OrganizationId::Parse(wire.receiving_organization_id()));
    ASSIGN_OR_RETURN(down->care_plan, ToDomain(wire.care_plan(), absl::Now()));
    RETURN_IF_ERROR(CheckReceiver(
        call, Direction::kDown, by.organization,
        {down->receiving_organization, DepartmentId(), "down_referral.receiving_organization_id"}));
    ASSIGN_OR_RETURN(const Referral read, Read(call, request.referral_id()));
    RETURN_IF_ERROR(
        CheckConsent(call, read.patient, down->receiving_organization, Urgency::kRoutine));
  }
  return deps_.store.Update<v1::CompleteReferralResponse>(
      call.write_context(), id, by.organization, request.etag(),
      [&](const Referral& now, absl::Time at) -> absl::StatusOr<std::vector<Change>> {
        ASSIGN_OR_RETURN(Change completed, now.Complete(by, request.outcome_letter(), at));
        std::vector<Change> changes = {std::move(completed)};
        if (down) {
          ASSIGN_OR_RETURN(Change opened, now.OpenDownReferral(*down, by, deps_.deadlines, at));
          changes.push_back(std::move(opened));
        }
        return changes;
      },
      [](const std::vector<Change>& changes) {
        v1::CompleteReferralResponse response;
        *response.mutable_referral() = ToProto(changes[0].after);
        if (changes.size() > 1) *response.mutable_down_referral() = ToProto(changes[1].after);
        return response;
      });
}

absl::StatusOr<v1::Referral> ReferralHandlers::Withdraw(
    const rpc::Call& call, const v1::WithdrawReferralRequest& request) {
  return Run(call, request.referral_id(), request.etag(),
             [&](const Referral& now, const Actor& by, absl::Time at) {
               return now.Withdraw(by, static_cast<ReasonCode>(request.reason()), request.comment(),
                                   at);
             });
}

}  // namespace yilian::referral
