#include "services/directory/store/access_events.h"

#include <string>

#include "common/base/etag.h"
#include "services/directory/store/timestamp.h"
#include "yilian/directory/v1/access.pb.h"

namespace yilian::directory::events {
namespace {

void Fill(const Admission& admission, v1::Admission& message) {
  message.set_admission_id(admission.id.ToString());
  message.set_patient_id(admission.patient.ToString());
  message.set_organization_id(admission.organization.ToString());
  *message.mutable_admitted_at() = ToTimestamp(admission.admitted_at);
  if (admission.discharged_at) {
    *message.mutable_discharged_at() = ToTimestamp(*admission.discharged_at);
  }
  if (admission.cancelled_at) {
    *message.mutable_cancelled_at() = ToTimestamp(*admission.cancelled_at);
  }
  message.set_etag(base::EtagOf(admission.version));
}

void Fill(const Consent& consent, v1::Consent& message) {
  message.set_consent_id(consent.id.ToString());
  message.set_patient_id(consent.patient.ToString());
  message.set_purpose(static_cast<v1::ConsentPurpose>(consent.purpose));
  for (const OrganizationId one : consent.organizations) {
    message.add_organization_ids(one.ToString());
  }
  *message.mutable_starts_at() = ToTimestamp(consent.starts_at);
  if (consent.ends_at) *message.mutable_ends_at() = ToTimestamp(*consent.ends_at);
  if (consent.revoked_at) *message.mutable_revoked_at() = ToTimestamp(*consent.revoked_at);
  message.set_recorded_by_organization_id(consent.recorded_by.ToString());
  message.set_etag(base::EtagOf(consent.version));
}

void Fill(const BrokenGlass& glass, v1::BrokenGlass& message) {
  message.set_broken_glass_id(glass.id.ToString());
  message.set_patient_id(glass.patient.ToString());
  message.set_organization_id(glass.organization.ToString());
  message.set_user_id(glass.user.ToString());
  message.set_reason(static_cast<v1::GlassReason>(glass.reason));
  *message.mutable_started_at() = ToTimestamp(glass.started_at);
  *message.mutable_ends_at() = ToTimestamp(glass.ends_at);
  *message.mutable_review_due_at() = ToTimestamp(glass.review_due_at);
  if (glass.escalated_at) *message.mutable_escalated_at() = ToTimestamp(*glass.escalated_at);
  if (glass.review) {
    message.set_verdict(static_cast<v1::GlassVerdict>(glass.review->verdict));
    *message.mutable_reviewed_at() = ToTimestamp(glass.review->at);
    message.set_reviewer_id(glass.review->reviewer.ToString());
  }
  message.set_etag(base::EtagOf(glass.version));
}

std::vector<base::Uuid> AudienceOf(const Consent& consent) {
  std::vector<base::Uuid> audience = {consent.recorded_by.uuid()};
  for (const OrganizationId one : consent.organizations) {
    if (one != consent.recorded_by) audience.push_back(one.uuid());
  }
  return audience;
}

template <typename Event>
outbox::NewEvent AboutConsent(const Consent& consent, absl::Time at) {
  Event event;
  Fill(consent, *event.mutable_consent());
  return outbox::NewEvent::Of("consent", consent.id.uuid(), consent.version, event, at,
                              AudienceOf(consent));
}

template <typename Event>
outbox::NewEvent AboutGlass(const BrokenGlass& glass, const std::vector<base::Uuid>& audience,
                            absl::Time at) {
  Event event;
  Fill(glass, *event.mutable_broken_glass());
  return outbox::NewEvent::Of("broken_glass", glass.id.uuid(), glass.version, event, at, audience);
}

template <typename Event>
outbox::NewEvent AboutStay(const Admission& admission, absl::Time at) {
  Event event;
  Fill(admission, *event.mutable_admission());
  return outbox::NewEvent::Of("admission", admission.id.uuid(), admission.version, event, at,
                              {admission.organization.uuid()});
}

}  // namespace

outbox::NewEvent Admitted(const Admission& admission, absl::Time at) {
  return AboutStay<v1::PatientAdmitted>(admission, at);
}
outbox::NewEvent DischargedFrom(const Admission& admission, absl::Time at) {
  return AboutStay<v1::PatientDischarged>(admission, at);
}
outbox::NewEvent AdmissionCancelled(const Admission& admission, absl::Time at) {
  return AboutStay<v1::AdmissionCancelled>(admission, at);
}
outbox::NewEvent DischargeCancelled(const Admission& admission, absl::Time at) {
  return AboutStay<v1::DischargeCancelled>(admission, at);
}
outbox::NewEvent Recorded(const Consent& consent, absl::Time at) {
  return AboutConsent<v1::ConsentRecorded>(consent, at);
}
outbox::NewEvent Revoked(const Consent& consent, absl::Time at) {
  return AboutConsent<v1::ConsentRevoked>(consent, at);
}
outbox::NewEvent Broken(const BrokenGlass& glass, const std::vector<base::Uuid>& audience,
                        absl::Time at) {
  return AboutGlass<v1::GlassBroken>(glass, audience, at);
}
outbox::NewEvent Reviewed(const BrokenGlass& glass, const std::vector<base::Uuid>& audience,
                          absl::Time at) {
  return AboutGlass<v1::GlassReviewed>(glass, audience, at);
}
outbox::NewEvent ReviewOverdue(const BrokenGlass& glass, const std::vector<base::Uuid>& audience,
                               absl::Time at) {
  return AboutGlass<v1::GlassReviewOverdue>(glass, audience, at);
}

}  // namespace yilian::directory::events
