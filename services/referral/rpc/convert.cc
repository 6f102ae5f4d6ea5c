#include "services/referral/rpc/convert.h"

#include <algorithm>

#include "absl/time/civil_time.h"
#include "common/base/status_macros.h"
#include "common/wire/timestamp.h"

namespace yilian::referral::convert {

using wire::OptionalId;
using wire::SetTime;
using wire::TextOrEmpty;

namespace {

void SetSummary(const ClinicalSummary& summary, v1::ClinicalSummary* out) {
  out->set_complaint(summary.complaint);
  out->set_history(summary.history);
  if (!summary.diagnosis_code.empty() || !summary.diagnosis_display.empty()) {
    out->mutable_diagnosis()->set_system(summary.diagnosis_system);
    out->mutable_diagnosis()->set_code(summary.diagnosis_code);
    out->mutable_diagnosis()->set_display(summary.diagnosis_display);
  }
  out->set_treatment(summary.treatment);
  out->set_question(summary.question);
}

void SetCarePlan(const CarePlan& plan, v1::CarePlan* out) {
  out->set_discharge_summary(plan.discharge_summary);
  out->set_medication(plan.medication);
  for (const FollowUpTask& task : plan.tasks) {
    v1::FollowUpTask* wire = out->add_tasks();
    wire->set_task_id(task.id.ToString());
    wire->set_instruction(task.instruction);
    wire->set_due_date(absl::FormatCivilTime(task.due_date));
    wire->set_state(static_cast<v1::FollowUpTask::State>(task.state));
    wire->set_result(task.result);
    wire->set_escalation_tier(task.escalation_tier);
    wire->set_reschedule_count(task.reschedule_count);
    wire->set_reschedule_reason(task.reschedule_reason);
  }
}

void SetBooking(const BookingReference& booking, v1::BookingReference* out) {
  out->set_booking_id(booking.booking.ToString());
  out->set_session_id(booking.session.ToString());
  out->set_practitioner_id(TextOrEmpty(booking.practitioner));
  SetTime(out->mutable_starts_at(), booking.starts_at);
  out->set_seat_number(booking.seat_number);
}

void SetProgress(const Referral& r, v1::Referral& out) {
  out.set_owner_organization_id(TextOrEmpty(r.owner()));
  out.set_responsible_organization_id(TextOrEmpty(r.responsible_organization));
  out.set_clock(static_cast<v1::Clock>(r.clock()));
  out.set_booking_under_way(!r.booking_saga.is_nil());
  out.set_urgency_reason(r.urgency_reason);
  if (r.cancellation) {
    out.mutable_cancellation()->set_reason(static_cast<v1::ReasonCode>(r.cancellation->reason));
    out.mutable_cancellation()->set_comment(r.cancellation->comment);
    SetTime(out.mutable_cancellation()->mutable_asked_at(), r.cancellation->asked_at);
  }
  out.set_readmission(r.readmission);
  out.set_replaces_referral_id(TextOrEmpty(r.replaces));
  if (r.source) {
    out.mutable_source()->set_kind(static_cast<v1::Source::Kind>(r.source->kind));
    out.mutable_source()->set_id(r.source->id);
  }
  for (const Redirection& step : r.redirections) {
    v1::Redirection* wire = out.add_redirections();
    wire->set_from_organization_id(step.from_organization.ToString());
    wire->set_from_department_id(TextOrEmpty(step.from_department));
    wire->set_to_organization_id(step.to_organization.ToString());
    wire->set_to_department_id(TextOrEmpty(step.to_department));
    wire->set_reason(static_cast<v1::ReasonCode>(step.reason));
    wire->set_comment(step.comment);
    wire->set_practitioner_id(TextOrEmpty(step.by));
    SetTime(wire->mutable_redirected_at(), step.at);
  }
  out.set_redirect_count(r.redirect_count);
  out.set_consent_withdrawn(r.consent_withdrawn);
  out.set_booking_failure(static_cast<v1::BookingFailure>(r.booking_failure));
  if (r.letter_missed_since) {
    SetTime(out.mutable_letter_missed_since(), *r.letter_missed_since);
  }
  out.set_citations_unchecked(r.citations_unchecked);
}

void SetClosing(const Referral& r, v1::Referral& out) {
  if (r.patient_rating) {
    v1::PatientRating* rating = out.mutable_patient_rating();
    rating->set_score(r.patient_rating->score);
    rating->set_respondent(static_cast<v1::Respondent>(r.patient_rating->respondent));
    rating->set_organization_id(r.patient_rating->asked_by.organization.ToString());
    rating->set_practitioner_id(TextOrEmpty(r.patient_rating->asked_by.practitioner));
    SetTime(rating->mutable_recorded_at(), r.patient_rating->recorded_at);
  }
  for (const ClosingContact& contact : r.closing_contacts) {
    v1::ClosingContact* wire = out.add_closing_contacts();
    wire->set_organization_id(contact.by.organization.ToString());
    wire->set_practitioner_id(TextOrEmpty(contact.by.practitioner));
    SetTime(wire->mutable_contacted_at(), contact.contacted_at);
    wire->set_reached(contact.reached);
    wire->set_satisfaction(static_cast<v1::Satisfaction>(contact.satisfaction));
    wire->set_remarks(contact.remarks);
  }
}

}  // namespace

v1::Referral ToProto(const Referral& r) {
  v1::Referral out;
  out.set_referral_id(r.id.ToString());
  out.set_patient_id(r.patient.ToString());
  out.set_direction(static_cast<v1::Direction>(r.direction));
  out.set_channel(static_cast<v1::Channel>(r.channel));
  out.set_setting(static_cast<v1::Setting>(r.setting));
  out.set_urgency(static_cast<v1::Urgency>(r.urgency));
  out.set_state(static_cast<v1::State>(r.state));
  out.set_referring_organization_id(r.referring_organization.ToString());
  out.set_referring_practitioner_id(TextOrEmpty(r.referring_practitioner));
  out.set_receiving_organization_id(r.receiving_organization.ToString());
  out.set_receiving_department_id(TextOrEmpty(r.receiving_department));
  SetSummary(r.summary, out.mutable_summary());
  for (const Citation& citation : r.citations) {
    v1::Citation* wire = out.add_citations();
    wire->set_kind(static_cast<v1::Citation::Kind>(citation.kind));
    wire->set_id(citation.id);
  }
  if (r.care_plan) SetCarePlan(*r.care_plan, out.mutable_care_plan());
  if (r.booking) SetBooking(*r.booking, out.mutable_booking());
  out.set_reason(static_cast<v1::ReasonCode>(r.reason));
  out.set_reason_comment(r.reason_comment);
  out.set_outcome_letter(r.outcome_letter);
  out.set_follows_referral_id(TextOrEmpty(r.follows));
  if (r.submitted_at) SetTime(out.mutable_submitted_at(), *r.submitted_at);
  if (r.first_response_at) SetTime(out.mutable_first_response_at(), *r.first_response_at);
  if (r.due_at) SetTime(out.mutable_due_at(), *r.due_at);
  out.set_escalation_tier(r.escalation_tier);
  SetTime(out.mutable_updated_at(), r.updated_at);
  out.set_etag(r.etag());
  SetProgress(r, out);
  SetClosing(r, out);
  return out;
}

v1::NotActed ToProto(const NotActed& task) {
  v1::NotActed out;
  out.set_referral_id(task.referral.ToString());
  out.set_task_id(task.task.ToString());
  out.set_due_date(absl::FormatCivilTime(task.due_date));
  out.set_escalation_tier(task.escalation_tier);
  out.set_reschedule_count(task.reschedule_count);
  out.set_referring_organization_id(task.referring_organization.ToString());
  out.set_receiving_organization_id(task.receiving_organization.ToString());
  return out;
}

ClinicalSummary ToDomain(const v1::ClinicalSummary& summary) {
  return {.complaint = summary.complaint(),
          .history = summary.history(),
          .diagnosis_system = summary.diagnosis().system(),
          .diagnosis_code = summary.diagnosis().code(),
          .diagnosis_display = summary.diagnosis().display(),
          .treatment = summary.treatment(),
          .question = summary.question()};
}

absl::StatusOr<CarePlan> ToDomain(const v1::CarePlan& plan, absl::Time now) {
  CarePlan out{.discharge_summary = plan.discharge_summary(), .medication = plan.medication()};
  for (const v1::FollowUpTask& wire : plan.tasks()) {
    FollowUpTask task{.id = TaskId::New(now), .instruction = wire.instruction()};
    if (!absl::ParseCivilTime(wire.due_date(), &task.due_date)) {
      return absl::InternalError("a date passed its rule and does not parse");
    }
    out.tasks.push_back(std::move(task));
  }
  return out;
}

std::vector<Citation> ToDomain(const google::protobuf::RepeatedPtrField<v1::Citation>& cited) {
  std::vector<Citation> citations;
  for (const v1::Citation& citation : cited) {
    citations.push_back({static_cast<CitationKind>(citation.kind()), citation.id()});
  }
  return citations;
}

absl::StatusOr<NewReferral> ToDomain(const v1::CreateReferralRequest& request, absl::Time now) {
  NewReferral input;
  input.id = ReferralId::New(now);
  ASSIGN_OR_RETURN(input.patient, PatientId::Parse(request.patient_id()));
  input.direction = static_cast<Direction>(request.direction());
  input.channel = static_cast<Channel>(request.channel());
  input.setting = static_cast<Setting>(request.setting());
  input.urgency = static_cast<Urgency>(request.urgency());
  ASSIGN_OR_RETURN(input.receiving_organization,
                   OrganizationId::Parse(request.receiving_organization_id()));
  ASSIGN_OR_RETURN(input.receiving_department,
                   OptionalId<DepartmentId>(request.receiving_department_id()));
  input.summary = ToDomain(request.summary());
  input.citations = ToDomain(request.citations());
  if (request.has_care_plan()) {
    ASSIGN_OR_RETURN(input.care_plan, ToDomain(request.care_plan(), now));
  }
  ASSIGN_OR_RETURN(input.follows, OptionalId<ReferralId>(request.follows_referral_id()));
  ASSIGN_OR_RETURN(input.replaces, OptionalId<ReferralId>(request.replaces_referral_id()));
  if (request.has_source()) {
    input.source = Source{.kind = static_cast<SourceKind>(request.source().kind()),
                          .id = request.source().id()};
  }
  return input;
}

Actor ActorOf(const rpc::Caller& caller) {
  return {.organization = OrganizationId(caller.organization_id),
          .practitioner = PractitionerId(caller.practitioner_id)};
}

}  // namespace yilian::referral::convert
