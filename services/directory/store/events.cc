#include "services/directory/store/events.h"

#include "absl/strings/string_view.h"
#include "common/base/etag.h"
#include "services/directory/store/timestamp.h"
#include "yilian/directory/v1/account.pb.h"
#include "yilian/directory/v1/directory.pb.h"
#include "yilian/directory/v1/patient_index.pb.h"

namespace yilian::directory::events {
namespace {

std::string TextOf(const base::Uuid& id) { return id.is_nil() ? "" : id.ToString(); }

std::vector<base::Uuid> IdsOf(const std::vector<OrganizationId>& organizations) {
  std::vector<base::Uuid> ids;
  ids.reserve(organizations.size());
  for (const OrganizationId organization : organizations) ids.push_back(organization.uuid());
  return ids;
}

}  // namespace

outbox::NewEvent Registered(const Organization& organization, absl::Time at) {
  v1::OrganizationRegistered event;
  v1::Organization& message = *event.mutable_organization();
  message.set_organization_id(organization.id.ToString());
  message.set_name(organization.name);
  message.set_tier(static_cast<v1::Tier>(organization.tier));
  message.set_consortium_id(TextOf(organization.consortium.uuid()));
  message.set_etag(base::EtagOf(organization.version));
  return outbox::NewEvent::Of("organization", organization.id.uuid(), organization.version, event,
                              at, {});
}

outbox::NewEvent Registered(const Department& department, absl::Time at) {
  v1::DepartmentRegistered event;
  v1::Department& message = *event.mutable_department();
  message.set_department_id(department.id.ToString());
  message.set_organization_id(department.organization.ToString());
  message.set_name(department.name);
  message.set_specialty(department.specialty);
  return outbox::NewEvent::Of("department", department.id.uuid(), 1, event, at, {});
}

outbox::NewEvent Registered(const Practitioner& practitioner, absl::Time at) {
  v1::PractitionerRegistered event;
  v1::Practitioner& message = *event.mutable_practitioner();
  message.set_practitioner_id(practitioner.id.ToString());
  message.set_organization_id(practitioner.organization.ToString());
  message.set_department_id(TextOf(practitioner.department.uuid()));
  message.set_name(practitioner.name);
  message.set_title(practitioner.title);
  message.set_expert(practitioner.expert);
  message.set_professional_title(
      static_cast<v1::ProfessionalTitle>(practitioner.professional_title));
  message.set_etag(base::EtagOf(practitioner.version));
  return outbox::NewEvent::Of("practitioner", practitioner.id.uuid(), practitioner.version, event,
                              at, {});
}

outbox::NewEvent Registered(const Patient& patient, OrganizationId by, absl::Time at) {
  v1::PatientRegistered event;
  event.set_patient_id(patient.id.ToString());
  event.set_organization_id(by.ToString());
  return outbox::NewEvent::Of("patient", patient.id.uuid(), patient.version, event, at,
                              {by.uuid()});
}

outbox::NewEvent Merged(const PatientMerge& merge, int64_t version,
                        const std::vector<OrganizationId>& audience) {
  v1::PatientsMerged event;
  event.set_surviving_patient_id(merge.survivor.ToString());
  event.set_merged_patient_id(merge.merged.ToString());
  event.set_merge_id(merge.id.ToString());
  return outbox::NewEvent::Of("patient", merge.survivor.uuid(), version, event, merge.merged_at,
                              IdsOf(audience));
}

outbox::NewEvent Unmerged(const PatientMerge& merge, int64_t version,
                          const std::vector<OrganizationId>& audience, absl::Time at) {
  v1::PatientsUnmerged event;
  event.set_surviving_patient_id(merge.survivor.ToString());
  event.set_merged_patient_id(merge.merged.ToString());
  event.set_merge_id(merge.id.ToString());
  return outbox::NewEvent::Of("patient", merge.survivor.uuid(), version, event, at,
                              IdsOf(audience));
}

outbox::NewEvent Opened(const CareRelationship& relationship, absl::Time at) {
  v1::CareRelationshipOpened event;
  event.set_patient_id(relationship.patient.ToString());
  event.set_organization_id(relationship.organization.ToString());
  event.set_source(static_cast<v1::CareSource>(relationship.source));
  event.set_source_id(relationship.source_id.ToString());
  *event.mutable_started_at() = ToTimestamp(relationship.started_at);
  if (relationship.ends_at) *event.mutable_ends_at() = ToTimestamp(*relationship.ends_at);
  return outbox::NewEvent::Of("care_relationship", relationship.id, relationship.version, event, at,
                              {});
}

outbox::NewEvent Ended(const CareRelationship& relationship, absl::Time at) {
  v1::CareRelationshipEnded event;
  event.set_patient_id(relationship.patient.ToString());
  event.set_organization_id(relationship.organization.ToString());
  event.set_source(static_cast<v1::CareSource>(relationship.source));
  event.set_source_id(relationship.source_id.ToString());
  if (relationship.ends_at) *event.mutable_ends_at() = ToTimestamp(*relationship.ends_at);
  return outbox::NewEvent::Of("care_relationship", relationship.id, relationship.version, event, at,
                              {});
}

outbox::NewEvent Revoked(UserId user, int64_t version, absl::Time not_before) {
  v1::UserRevoked event;
  event.set_user_id(user.ToString());
  *event.mutable_not_before() = ToTimestamp(not_before);
  return outbox::NewEvent::Of("user", user.uuid(), version, event, not_before, {});
}

outbox::NewEvent Closed(UserId user, int64_t version, absl::Time at) {
  v1::AccountClosed event;
  event.set_user_id(user.ToString());
  *event.mutable_closed_at() = ToTimestamp(at);
  return outbox::NewEvent::Of("user", user.uuid(), version, event, at, {});
}

outbox::NewEvent EndSet(const Affiliation& affiliation, absl::Time at) {
  v1::AffiliationEndSet event;
  event.set_user_id(affiliation.user.ToString());
  event.set_affiliation_id(affiliation.id.ToString());
  event.set_organization_id(affiliation.organization.ToString());
  *event.mutable_ends_at() = ToTimestamp(*affiliation.ends_at);
  return outbox::NewEvent::Of("affiliation", affiliation.id.uuid(), affiliation.version, event, at,
                              {});
}

}  // namespace yilian::directory::events
