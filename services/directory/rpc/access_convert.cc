#include "services/directory/rpc/access_convert.h"

#include "common/base/etag.h"
#include "common/base/status_macros.h"
#include "common/wire/timestamp.h"

namespace yilian::directory::convert {
namespace {

// What every request about a stay says.
template <typename Request>
absl::StatusOr<StayNews> NewsOf(StayNews::Kind kind, const Request& request, absl::Time now) {
  StayNews news{.kind = kind, .recorded_at = now};
  ASSIGN_OR_RETURN(news.visit.organization, OrganizationId::Parse(request.organization_id()));
  news.visit.number = request.visit_number();
  if (!request.patient_id().empty()) {
    ASSIGN_OR_RETURN(news.patient, PatientId::Parse(request.patient_id()));
  }
  if (request.has_recorded_at()) news.recorded_at = wire::ToTime(request.recorded_at());
  return news;
}

}  // namespace

v1::CareRelationship ToProto(const CareRelationship& relationship,
                             const std::string& organization_name) {
  v1::CareRelationship message;
  message.set_care_relationship_id(relationship.id.ToString());
  message.set_patient_id(relationship.patient.ToString());
  message.set_organization_id(relationship.organization.ToString());
  message.set_organization_name(organization_name);
  message.set_source(static_cast<v1::CareSource>(relationship.source));
  message.set_source_id(relationship.source_id.ToString());
  wire::SetTime(message.mutable_started_at(), relationship.started_at);
  if (relationship.ends_at) wire::SetTime(message.mutable_ends_at(), *relationship.ends_at);
  return message;
}

v1::Admission ToProto(const Admission& admission) {
  v1::Admission message;
  message.set_admission_id(admission.id.ToString());
  message.set_patient_id(admission.patient.ToString());
  message.set_organization_id(admission.organization.ToString());
  wire::SetTime(message.mutable_admitted_at(), admission.admitted_at);
  if (admission.discharged_at) {
    wire::SetTime(message.mutable_discharged_at(), *admission.discharged_at);
  }
  if (admission.cancelled_at) {
    wire::SetTime(message.mutable_cancelled_at(), *admission.cancelled_at);
  }
  message.set_etag(base::EtagOf(admission.version));
  return message;
}

v1::Consent ToProto(const Consent& consent) {
  v1::Consent message;
  message.set_consent_id(consent.id.ToString());
  message.set_patient_id(consent.patient.ToString());
  message.set_purpose(static_cast<v1::ConsentPurpose>(consent.purpose));
  for (const OrganizationId one : consent.organizations) {
    message.add_organization_ids(one.ToString());
  }
  wire::SetTime(message.mutable_starts_at(), consent.starts_at);
  if (consent.ends_at) wire::SetTime(message.mutable_ends_at(), *consent.ends_at);
  message.set_evidence(consent.evidence);
  message.set_recorded_by_organization_id(consent.recorded_by.ToString());
  if (consent.revoked_at) wire::SetTime(message.mutable_revoked_at(), *consent.revoked_at);
  message.set_etag(base::EtagOf(consent.version));
  return message;
}

v1::BrokenGlass ToProto(const BrokenGlass& glass) {
  v1::BrokenGlass message;
  message.set_broken_glass_id(glass.id.ToString());
  message.set_patient_id(glass.patient.ToString());
  message.set_organization_id(glass.organization.ToString());
  message.set_user_id(glass.user.ToString());
  message.set_reason(static_cast<v1::GlassReason>(glass.reason));
  message.set_explanation(glass.explanation);
  wire::SetTime(message.mutable_started_at(), glass.started_at);
  wire::SetTime(message.mutable_ends_at(), glass.ends_at);
  wire::SetTime(message.mutable_review_due_at(), glass.review_due_at);
  if (glass.escalated_at) wire::SetTime(message.mutable_escalated_at(), *glass.escalated_at);
  if (glass.review) {
    message.set_verdict(static_cast<v1::GlassVerdict>(glass.review->verdict));
    wire::SetTime(message.mutable_reviewed_at(), glass.review->at);
    message.set_reviewer_id(glass.review->reviewer.ToString());
    message.set_review_comment(glass.review->comment);
  }
  message.set_etag(base::EtagOf(glass.version));
  return message;
}

v1::RecordAccess ToProto(const RecordAccess& access) {
  v1::RecordAccess message;
  message.set_service(access.service);
  message.set_organization_name(access.organization_name);
  message.set_display_name(access.display_name);
  audit::v1::Access& one = *message.mutable_access();
  one.set_audit_id(access.audit_id.ToString());
  wire::SetTime(one.mutable_occurred_at(), access.occurred_at);
  one.set_method(access.method);
  one.set_action(static_cast<audit::v1::Action>(access.action));
  one.set_peer(access.peer);
  one.set_user_id(wire::TextOrEmpty(access.user));
  one.set_organization_id(wire::TextOrEmpty(access.organization));
  one.set_subject_type(access.subject_type);
  one.set_subject_id(wire::TextOrEmpty(access.subject_id));
  one.set_outcome(access.outcome);
  return message;
}

absl::StatusOr<StayNews> ToDomain(const v1::RecordAdmissionRequest& request, absl::Time now) {
  ASSIGN_OR_RETURN(StayNews news, NewsOf(StayNews::Kind::kAdmitted, request, now));
  news.admitted_at = wire::ToTime(request.admitted_at());
  return news;
}

absl::StatusOr<StayNews> ToDomain(const v1::RecordDischargeRequest& request, absl::Time now) {
  ASSIGN_OR_RETURN(StayNews news, NewsOf(StayNews::Kind::kDischarged, request, now));
  news.discharged_at = wire::ToTime(request.discharged_at());
  if (request.has_admitted_at()) news.admitted_at = wire::ToTime(request.admitted_at());
  return news;
}

absl::StatusOr<StayNews> ToDomain(const v1::CancelAdmissionRequest& request, absl::Time now) {
  return NewsOf(StayNews::Kind::kAdmissionCancelled, request, now);
}

absl::StatusOr<StayNews> ToDomain(const v1::CancelDischargeRequest& request, absl::Time now) {
  ASSIGN_OR_RETURN(StayNews news, NewsOf(StayNews::Kind::kDischargeCancelled, request, now));
  if (request.has_admitted_at()) news.admitted_at = wire::ToTime(request.admitted_at());
  return news;
}

absl::StatusOr<Consent> ToDomain(const v1::RecordConsentRequest& request, const Actor& actor,
                                 absl::Time now) {
  Consent consent{.id = ConsentId::New(now),
                  .purpose = static_cast<ConsentPurpose>(request.purpose()),
                  .starts_at = request.has_starts_at() ? wire::ToTime(request.starts_at()) : now,
                  .evidence = request.evidence(),
                  .recorded_by = actor.organization,
                  .recorded_by_user = actor.user,
                  .recorded_at = now};
  ASSIGN_OR_RETURN(consent.patient, PatientId::Parse(request.patient_id()));
  for (const std::string& id : request.organization_ids()) {
    ASSIGN_OR_RETURN(const OrganizationId organization, OrganizationId::Parse(id));
    consent.organizations.push_back(organization);
  }
  if (request.has_ends_at()) consent.ends_at = wire::ToTime(request.ends_at());
  return consent;
}

}  // namespace yilian::directory::convert
