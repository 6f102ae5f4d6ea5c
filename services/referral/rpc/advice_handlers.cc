#include "services/referral/rpc/advice_handlers.h"

#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/wire/pages.h"
#include "common/wire/timestamp.h"
#include "services/referral/domain/errors.h"
#include "services/referral/domain/receiver.h"
#include "services/referral/rpc/advice_convert.h"
#include "services/referral/rpc/consent.h"
#include "services/referral/rpc/convert.h"
#include "services/referral/rpc/reach.h"

namespace yilian::referral {
namespace {

using convert::ActorOf;
using convert::ToDomain;
using convert::ToProto;

constexpr std::string_view kReceiverFields = "receiving_organization_id, receiving_department_id";

AdviceQuery QueryOf(const v1::ListAdviceRequest& request) {
  AdviceQuery query;
  switch (request.worklist()) {
    case v1::ADVICE_WORKLIST_ANSWERED:
      query.side = AdviceSide::kAsking;
      query.state = AdviceState::kAnswered;
      break;
    case v1::ADVICE_WORKLIST_ASKED:
      query.side = AdviceSide::kAsking;
      query.state = AdviceState::kOpen;
      break;
    case v1::ADVICE_WORKLIST_ADVISED:
      query.state = AdviceState::kAnswered;
      break;
    default:
      break;
  }
  return query;
}

}  // namespace

rpc::Dispatch Bind(AdviceHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.referral.v1.AdviceService");
  dispatch.Unary("AskAdvice", &handlers, &AdviceHandlers::Ask)
      .Unary("GetAdvice", &handlers, &AdviceHandlers::Get)
      .Unary("ListAdvice", &handlers, &AdviceHandlers::List)
      .Unary("AnswerAdvice", &handlers, &AdviceHandlers::Answer)
      .Unary("ContinueAdvice", &handlers, &AdviceHandlers::Continue)
      .Unary("ProposeReferral", &handlers, &AdviceHandlers::ProposeReferral)
      .Unary("DeclineProposal", &handlers, &AdviceHandlers::DeclineProposal)
      .Unary("CloseAdvice", &handlers, &AdviceHandlers::Close)
      .Unary("ConvertAdvice", &handlers, &AdviceHandlers::Convert);
  return dispatch;
}

absl::StatusOr<v1::Advice> AdviceHandlers::Run(const rpc::Call& call, const std::string& advice_id,
                                               const std::string& etag, const Command& command) {
  ASSIGN_OR_RETURN(const AdviceId id, AdviceId::Parse(advice_id));
  const Actor by = ActorOf(call.caller());
  return deps_.store.Update<v1::Advice>(
      call.write_context(), id, by.organization, etag,
      [&](const Advice& now, absl::Time at) { return command(now, by, at); },
      [](const Advice& advice) { return ToProto(advice); });
}

absl::StatusOr<v1::Advice> AdviceHandlers::Ask(const rpc::Call& call,
                                               const v1::AskAdviceRequest& request) {
  ASSIGN_OR_RETURN(const NewAdvice input, ToDomain(request, absl::Now()));
  const Actor by = ActorOf(call.caller());
  ASSIGN_OR_RETURN(
      const bool known,
      deps_.relationships.MaySee(input.patient.uuid(), by.organization.uuid(), call.deadline()));
  if (!known) return errors::PatientUnavailable();
  const Receiver asked{input.advising_organization, input.advising_department,
                       "advising_organization_id, advising_department_id"};
  RETURN_IF_ERROR(CheckReach(deps_.receivers, deps_.organizations, call, by.organization, asked,
                             [&](const Organization& from, const Organization& to) {
                               return CheckConsortium(from, to, deps_.across_consortia,
                                                      asked.field);
                             }));
  RETURN_IF_ERROR(CheckConsent(deps_.relationships, call, input.patient,
                               input.advising_organization, kAdvicePurpose));
  return deps_.store.Create<v1::Advice>(
      call.write_context(), [&](absl::Time at) { return AskAdvice(input, by, deps_.answers, at); },
      [](const Advice& advice) { return ToProto(advice); });
}

absl::StatusOr<v1::Advice> AdviceHandlers::Get(const rpc::Call& call,
                                               const v1::GetAdviceRequest& request) {
  ASSIGN_OR_RETURN(const AdviceId id, AdviceId::Parse(request.advice_id()));
  ASSIGN_OR_RETURN(
      const Advice advice,
      deps_.store.Get(id, OrganizationId(call.caller().organization_id), call.deadline()));
  call.Subject("advice", advice.id.uuid(), advice.patient.uuid());
  return ToProto(advice);
}

absl::StatusOr<v1::ListAdviceResponse> AdviceHandlers::List(const rpc::Call& call,
                                                            const v1::ListAdviceRequest& request) {
  AdviceQuery query = QueryOf(request);
  query.organization = OrganizationId(call.caller().organization_id);
  ASSIGN_OR_RETURN(query.department, wire::OptionalId<DepartmentId>(request.department_id()));
  errors::Violations violations;
  if (!query.department.is_nil() && query.side == AdviceSide::kAsking) {
    violations.emplace_back("department_id", "is given for TO_ANSWER and ADVISED only");
  }
  if (!query.department.is_nil() && request.mine()) {
    violations.emplace_back("mine", "is not given together with department_id");
  }
  if (request.mine() && call.caller().practitioner_id.is_nil()) {
    violations.emplace_back("mine", "is given by a practitioner only");
  }
  if (!violations.empty()) return errors::FieldInvalid(violations);
  if (request.mine()) query.practitioner = PractitionerId(call.caller().practitioner_id);

  const wire::Pages pages(deps_.sealer, call, request);
  ASSIGN_OR_RETURN(const std::optional<wire::PageKey> after, pages.After());
  if (after) {
    query.after_time = after->time;
    query.after_id = AdviceId(after->id);
  }
  query.limit = pages.rows();
  ASSIGN_OR_RETURN(std::vector<Advice> found, deps_.store.List(query, call.deadline()));
  v1::ListAdviceResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(found, [](const Advice& last) {
                     return wire::PageKey{.time = last.worklist_time(), .id = last.id.uuid()};
                   }));
  for (const Advice& advice : found) {
    call.Subject("advice", advice.id.uuid(), advice.patient.uuid());
    *response.add_advice() = ToProto(advice);
  }
  return response;
}

absl::StatusOr<v1::Advice> AdviceHandlers::Answer(const rpc::Call& call,
                                                  const v1::SayAdviceRequest& request) {
  return Run(call, request.advice_id(), request.etag(),
             [&](const Advice& now, const Actor& by, absl::Time at) {
               return now.Answer(by, request.text(), at);
             });
}

absl::StatusOr<v1::Advice> AdviceHandlers::Continue(const rpc::Call& call,
                                                    const v1::SayAdviceRequest& request) {
  ASSIGN_OR_RETURN(const AdviceId id, AdviceId::Parse(request.advice_id()));
  // Whom it is about and who is asked never changes.
  ASSIGN_OR_RETURN(
      const Advice read,
      deps_.store.Get(id, OrganizationId(call.caller().organization_id), call.deadline()));
  RETURN_IF_ERROR(CheckConsent(deps_.relationships, call, read.patient, read.advising_organization,
                               kAdvicePurpose));
  return Run(call, request.advice_id(), request.etag(),
             [&](const Advice& now, const Actor& by, absl::Time at) {
               return now.Continue(by, request.text(), deps_.answers, at);
             });
}

absl::StatusOr<v1::Advice> AdviceHandlers::ProposeReferral(const rpc::Call& call,
                                                           const v1::SayAdviceRequest& request) {
  return Run(call, request.advice_id(), request.etag(),
             [&](const Advice& now, const Actor& by, absl::Time at) {
               return now.ProposeReferral(by, request.text(), at);
             });
}

absl::StatusOr<v1::Advice> AdviceHandlers::DeclineProposal(const rpc::Call& call,
                                                           const v1::SayAdviceRequest& request) {
  return Run(call, request.advice_id(), request.etag(),
             [&](const Advice& now, const Actor& by, absl::Time at) {
               return now.DeclineProposal(by, request.text(), at);
             });
}

absl::StatusOr<v1::Advice> AdviceHandlers::Close(const rpc::Call& call,
                                                 const v1::CloseAdviceRequest& request) {
  return Run(call, request.advice_id(), request.etag(),
             [&](const Advice& now, const Actor& by, absl::Time at) {
               return now.Close(by, static_cast<ReasonCode>(request.reason()), request.comment(),
                                at);
             });
}

absl::StatusOr<v1::ConvertAdviceResponse> AdviceHandlers::Convert(
    const rpc::Call& call, const v1::ConvertAdviceRequest& request) {
  ASSIGN_OR_RETURN(const AdviceId id, AdviceId::Parse(request.advice_id()));
  ASSIGN_OR_RETURN(const NewReferral input, ToDomain(request, absl::Now()));
  const Actor by = ActorOf(call.caller());
  // Who receives is known before the transaction, which asks nobody; what was said may still grow.
  ASSIGN_OR_RETURN(const Advice read, deps_.store.Get(id, by.organization, call.deadline()));
  ASSIGN_OR_RETURN(const NewReferral draft, DraftFrom(read, input, deps_.zone));
  const Receiver receiver{draft.receiving_organization, draft.receiving_department,
                          kReceiverFields};
  RETURN_IF_ERROR(CheckReach(deps_.receivers, deps_.organizations, call, by.organization, receiver,
                             [&](const Organization& from, const Organization& to) {
                               return CheckReceiver(draft.direction, from, to,
                                                    deps_.across_consortia, receiver.field);
                             }));
  return deps_.store.Convert<v1::ConvertAdviceResponse>(
      call.write_context(), id, by.organization, request.etag(),
      [&](const Advice& now, absl::Time at) -> absl::StatusOr<Conversion> {
        ASSIGN_OR_RETURN(AdviceChange change, now.Convert(by, input.id, at));
        ASSIGN_OR_RETURN(const NewReferral full, DraftFrom(now, input, deps_.zone));
        ASSIGN_OR_RETURN(Change referral, CreateReferral(full, by, deps_.deadlines, at));
        return Conversion{.advice = std::move(change), .referral = std::move(referral)};
      },
      [](const Conversion& conversion) {
        v1::ConvertAdviceResponse response;
        *response.mutable_advice() = ToProto(conversion.advice.after);
        *response.mutable_referral() = ToProto(conversion.referral.after);
        return response;
      });
}

}  // namespace yilian::referral
