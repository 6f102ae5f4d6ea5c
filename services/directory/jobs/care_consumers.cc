#include "services/directory/jobs/care_consumers.h"

#include <vector>

#include "common/base/status_macros.h"
#include "common/outbox/malformed.h"
#include "common/outbox/outbox.h"
#include "services/directory/domain/care.h"
#include "services/directory/domain/errors.h"
#include "services/directory/store/care_relationships.h"
#include "services/directory/store/timestamp.h"
#include "yilian/consultation/v1/consultation.pb.h"
#include "yilian/referral/v1/referral.pb.h"

namespace yilian::directory {
namespace {

using outbox::Malformed;

CareStage StageOf(referral::v1::State state) {
  switch (state) {
    case referral::v1::STATE_UNSPECIFIED:
    case referral::v1::STATE_DRAFT:
      return CareStage::kNotYet;
    case referral::v1::STATE_COMPLETED:
    case referral::v1::STATE_REJECTED:
    case referral::v1::STATE_CANCELLED:
      return CareStage::kClosed;
    default:
      return CareStage::kOpen;
  }
}

CareStage StageOf(consultation::v1::State state) {
  switch (state) {
    case consultation::v1::STATE_UNSPECIFIED:
    case consultation::v1::STATE_REQUESTED:
      return CareStage::kNotYet;
    case consultation::v1::STATE_ACKNOWLEDGED:
    case consultation::v1::STATE_DECLINED:
    case consultation::v1::STATE_CANCELLED:
      return CareStage::kClosed;
    default:
      return CareStage::kOpen;
  }
}

// Both in one transaction with the consumer's cursor: applied once in effect.
absl::Status Apply(mysql::Session& session, const event::v1::Event& event, CareParties parties) {
  ASSIGN_OR_RETURN(parties.patients, care::RecordsOf(session, parties.patients.front()));
  ASSIGN_OR_RETURN(std::vector<outbox::NewEvent> events,
                   care::Apply(session, parties, FromTimestamp(event.occurred_at())));
  if (events.empty()) return absl::OkStatus();
  for (outbox::NewEvent& one : events) one.traceparent = event.traceparent();
  return outbox::Append(session, events);
}

}  // namespace

absl::Status ApplyReferralEvent(mysql::Session& session, const event::v1::Event& event) {
  referral::v1::ReferralChanged changed;
  if (!event.payload().Is<referral::v1::ReferralChanged>()) return absl::OkStatus();
  if (!event.payload().UnpackTo(&changed)) return Malformed(event);
  if (StageOf(changed.state()) == CareStage::kNotYet) return absl::OkStatus();
  const auto id = base::Uuid::Parse(changed.referral_id());
  const auto patient = PatientId::Parse(changed.patient_id());
  const auto referring = OrganizationId::Parse(changed.referring_organization_id());
  const auto receiving = OrganizationId::Parse(changed.receiving_organization_id());
  if (!id.ok() || !patient.ok() || !referring.ok() || !receiving.ok()) return Malformed(event);
  return Apply(session, event,
               {.source = CareSource::kReferral,
                .source_id = *id,
                .patients = {*patient},
                .organizations = {*referring, *receiving},
                .stage = StageOf(changed.state())});
}

absl::Status ApplyConsultationEvent(mysql::Session& session, const event::v1::Event& event) {
  consultation::v1::ConsultationChanged changed;
  if (!event.payload().Is<consultation::v1::ConsultationChanged>()) return absl::OkStatus();
  if (!event.payload().UnpackTo(&changed)) return Malformed(event);
  if (StageOf(changed.state()) == CareStage::kNotYet) return absl::OkStatus();
  const auto id = base::Uuid::Parse(changed.consultation_id());
  const auto patient = PatientId::Parse(changed.patient_id());
  const auto consulted = OrganizationId::Parse(changed.consulted_organization_id());
  if (!id.ok() || !patient.ok() || !consulted.ok()) return Malformed(event);
  return Apply(session, event,
               {.source = CareSource::kConsultation,
                .source_id = *id,
                .patients = {*patient},
                .organizations = {*consulted},
                .stage = StageOf(changed.state())});
}

}  // namespace yilian::directory
