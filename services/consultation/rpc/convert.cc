#include "services/consultation/rpc/convert.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "common/base/status_macros.h"
#include "common/wire/timestamp.h"

namespace yilian::consultation::convert {

using wire::OptionalId;
using wire::SetTime;
using wire::TextOrEmpty;

namespace {

void SetContent(const OpinionContent& content, v1::OpinionContent* out) {
  out->set_findings(content.findings);
  out->set_impression(content.impression);
  out->set_advice(content.advice);
  out->set_refer_up(content.refer_up);
}

v1::Reading ToProto(const Reading& reading) {
  v1::Reading out;
  out.set_practitioner_id(reading.practitioner.ToString());
  SetTime(out.mutable_read_at(), reading.read_at);
  SetContent(reading.content, out.mutable_content());
  return out;
}

// What is between colleagues, beside what both sides see.
void SetColleagues(const SecondReading& of, v1::SecondReading* out) {
  out->set_comment(of.comment);
  if (of.first_reading) *out->mutable_first_reading() = ToProto(*of.first_reading);
  if (of.second_reading) *out->mutable_second_reading() = ToProto(*of.second_reading);
}

}  // namespace

v1::Consultation ToProto(const Consultation& c, const Actor& reader) {
  v1::Consultation out;
  out.set_consultation_id(c.id.ToString());
  out.set_patient_id(c.patient.ToString());
  out.set_kind(static_cast<v1::Kind>(c.kind));
  out.set_urgency(static_cast<v1::Urgency>(c.urgency));
  out.set_state(static_cast<v1::State>(c.state));
  out.set_requesting_organization_id(c.requesting_organization.ToString());
  out.set_requesting_practitioner_id(TextOrEmpty(c.requesting_practitioner));
  out.set_consulted_organization_id(c.consulted_organization.ToString());
  out.set_specialty(c.specialty);
  out.set_expert_practitioner_id(TextOrEmpty(c.expert));
  out.set_question(c.question);
  for (const Evidence& one : c.evidence) {
    v1::Evidence* evidence = out.add_evidence();
    evidence->set_kind(static_cast<v1::Evidence::Kind>(one.kind));
    evidence->set_id(one.id);
  }
  out.set_referral_id(TextOrEmpty(c.referral));
  SetTime(out.mutable_requested_at(), c.requested_at);
  if (c.due_at) SetTime(out.mutable_due_at(), *c.due_at);
  if (c.lease_until) SetTime(out.mutable_lease_until(), *c.lease_until);
  out.set_lease_epoch(c.lease_epoch);
  if (c.opinion) {
    v1::Opinion* opinion = out.mutable_opinion();
    opinion->mutable_statement()->ParseFromString(c.opinion->signed_bytes);
    opinion->set_signed_bytes(c.opinion->signed_bytes);
    opinion->set_signature(c.opinion->signature);
    opinion->set_key_id(c.opinion->key_id);
    opinion->set_public_key(c.opinion->public_key);
  }
  out.set_reason(static_cast<v1::ReasonCode>(c.reason));
  out.set_reason_comment(c.reason_comment);
  out.set_etag(c.etag());
  const bool own_draft = !c.expert.is_nil() && reader.practitioner == c.expert;
  if (c.draft && own_draft) {
    SetContent(*c.draft, out.mutable_draft());
    out.set_draft_practitioner_id(TextOrEmpty(c.draft_by));
  }
  out.set_centre_id(TextOrEmpty(c.centre));
  if (c.receipt_due_at) SetTime(out.mutable_receipt_due_at(), *c.receipt_due_at);
  if (c.received_at) SetTime(out.mutable_received_at(), *c.received_at);
  if (c.parked_at) SetTime(out.mutable_parked_at(), *c.parked_at);
  out.set_escalation_tier(c.tier);
  out.set_receipt_overdue(c.receipt_overdue);
  if (c.second_reading) {
    v1::SecondReading& reading = *out.mutable_second_reading();
    reading.set_first_practitioner_id(c.second_reading->first.ToString());
    reading.set_second_practitioner_id(TextOrEmpty(c.second_reading->second));
    reading.set_verdict(static_cast<v1::Verdict>(c.second_reading->verdict));
    reading.set_discrepancy(static_cast<v1::DiscrepancyCode>(c.second_reading->discrepancy));
    reading.set_first_reader_signs(c.first_reader_signs);
    if (reader.organization == c.consulted_organization) {
      SetColleagues(*c.second_reading, &reading);
    }
  }
  return out;
}

absl::StatusOr<NewConsultation> ToDomain(const v1::RequestConsultationRequest& request,
                                         absl::Time now) {
  NewConsultation input;
  input.id = ConsultationId::New(now);
  ASSIGN_OR_RETURN(input.patient, PatientId::Parse(request.patient_id()));
  input.kind = static_cast<Kind>(request.kind());
  input.urgency = static_cast<Urgency>(request.urgency());
  ASSIGN_OR_RETURN(input.consulted_organization,
                   OrganizationId::Parse(request.consulted_organization_id()));
  input.specialty = request.specialty();
  input.question = request.question();
  for (const v1::Evidence& one : request.evidence()) {
    input.evidence.push_back({static_cast<EvidenceKind>(one.kind()), one.id()});
  }
  ASSIGN_OR_RETURN(input.referral, OptionalId<ReferralId>(request.referral_id()));
  input.patient_consented = request.patient_consented();
  ASSIGN_OR_RETURN(input.centre, OptionalId<CentreId>(request.centre_id()));
  return input;
}

OpinionContent ToDomain(const v1::OpinionContent& content) {
  return {.findings = content.findings(),
          .impression = content.impression(),
          .advice = content.advice(),
          .refer_up = content.refer_up()};
}

Actor ActorOf(const rpc::Caller& caller) {
  return {.organization = OrganizationId(caller.organization_id),
          .practitioner = PractitionerId(caller.practitioner_id)};
}

std::string StatementBytes(const Consultation& consultation, int version,
                           PractitionerId practitioner, absl::Time signed_at,
                           const OpinionContent& content) {
  v1::OpinionStatement statement;
  statement.set_consultation_id(consultation.id.ToString());
  statement.set_patient_id(consultation.patient.ToString());
  statement.set_version(version);
  statement.set_practitioner_id(practitioner.ToString());
  SetTime(statement.mutable_signed_at(), signed_at);
  SetContent(content, statement.mutable_content());
  statement.set_author_practitioner_id(consultation.AuthorOf(content, practitioner).ToString());
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  statement.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

}  // namespace yilian::consultation::convert
