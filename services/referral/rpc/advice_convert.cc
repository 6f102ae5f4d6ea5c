#include "services/referral/rpc/advice_convert.h"

#include "common/base/status_macros.h"
#include "common/wire/timestamp.h"
#include "services/referral/rpc/convert.h"

namespace yilian::referral::convert {

using wire::OptionalId;
using wire::SetTime;
using wire::TextOrEmpty;

v1::Advice ToProto(const Advice& advice) {
  v1::Advice out;
  out.set_advice_id(advice.id.ToString());
  out.set_patient_id(advice.patient.ToString());
  out.set_state(static_cast<v1::AdviceState>(advice.state));
  out.set_urgency(static_cast<v1::Urgency>(advice.urgency));
  out.set_asking_organization_id(advice.asking.organization.ToString());
  out.set_asking_practitioner_id(TextOrEmpty(advice.asking.practitioner));
  out.set_advising_organization_id(advice.advising_organization.ToString());
  out.set_advising_department_id(advice.advising_department.ToString());
  out.set_advising_practitioner_id(TextOrEmpty(advice.advising_practitioner));
  for (const AdviceTurn& turn : advice.turns) {
    v1::AdviceTurn* wire = out.add_turns();
    wire->set_number(turn.number);
    wire->set_kind(static_cast<v1::AdviceTurn::Kind>(turn.kind));
    wire->set_text(turn.text);
    wire->set_organization_id(turn.by.organization.ToString());
    wire->set_practitioner_id(TextOrEmpty(turn.by.practitioner));
    SetTime(wire->mutable_said_at(), turn.said_at);
  }
  out.set_turn_count(advice.turn_count);
  out.set_referral_proposed(advice.referral_proposed);
  if (advice.due_at) SetTime(out.mutable_due_at(), *advice.due_at);
  out.set_escalation_tier(advice.escalation_tier);
  SetTime(out.mutable_asked_at(), advice.asked_at);
  if (advice.first_answered_at) {
    SetTime(out.mutable_first_answered_at(), *advice.first_answered_at);
  }
  SetTime(out.mutable_updated_at(), advice.updated_at);
  out.set_close_reason(static_cast<v1::ReasonCode>(advice.close_reason));
  out.set_referral_id(TextOrEmpty(advice.referral));
  out.set_etag(advice.etag());
  return out;
}

absl::StatusOr<NewAdvice> ToDomain(const v1::AskAdviceRequest& request, absl::Time now) {
  NewAdvice input{.id = AdviceId::New(now),
                  .urgency = static_cast<Urgency>(request.urgency()),
                  .question = request.question(),
                  .patient_consented = request.patient_consented()};
  ASSIGN_OR_RETURN(input.patient, PatientId::Parse(request.patient_id()));
  ASSIGN_OR_RETURN(input.advising_organization,
                   OrganizationId::Parse(request.advising_organization_id()));
  ASSIGN_OR_RETURN(input.advising_department,
                   DepartmentId::Parse(request.advising_department_id()));
  ASSIGN_OR_RETURN(input.advising_practitioner,
                   OptionalId<PractitionerId>(request.advising_practitioner_id()));
  return input;
}

absl::StatusOr<NewReferral> ToDomain(const v1::ConvertAdviceRequest& request, absl::Time now) {
  NewReferral input;
  input.id = ReferralId::New(now);
  input.direction = static_cast<Direction>(request.direction());
  input.channel = static_cast<Channel>(request.channel());
  input.setting = static_cast<Setting>(request.setting());
  input.urgency = static_cast<Urgency>(request.urgency());
  ASSIGN_OR_RETURN(input.receiving_organization,
                   OptionalId<OrganizationId>(request.receiving_organization_id()));
  ASSIGN_OR_RETURN(input.receiving_department,
                   OptionalId<DepartmentId>(request.receiving_department_id()));
  input.summary = ToDomain(request.summary());
  return input;
}

}  // namespace yilian::referral::convert
