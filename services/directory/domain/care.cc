#include "services/directory/domain/care.h"

#include <algorithm>

namespace yilian::directory {
namespace {

bool IsParty(const CareParties& parties, OrganizationId organization) {
  return std::find(parties.organizations.begin(), parties.organizations.end(), organization) !=
         parties.organizations.end();
}

absl::Duration AfterEndOf(CareSource source) {
  // Who ended a contract goes on with somebody else.
  if (source == CareSource::kContract) return absl::ZeroDuration();
  if (source == CareSource::kConsultation) return kAfterConsultation;
  return source == CareSource::kAdmission ? kAfterDischarge : kAfterReferral;
}

void OpenParties(const CareParties& parties, const std::vector<CareRelationship>& now,
                 absl::Time at, CareChange& change) {
  for (const PatientId patient : parties.patients) {
    for (const OrganizationId organization : parties.organizations) {
      const auto found = std::find_if(now.begin(), now.end(), [&](const CareRelationship& one) {
        return one.patient == patient && one.organization == organization;
      });
      if (found == now.end()) {
        change.opened.push_back({.id = base::Uuid::V7(at),
                                 .patient = patient,
                                 .organization = organization,
                                 .source = parties.source,
                                 .source_id = parties.source_id,
                                 .started_at = at});
      } else if (found->ends_at) {
        change.opened.push_back(*found);
        change.opened.back().ends_at.reset();
        ++change.opened.back().version;
      }
    }
  }
}

}  // namespace

CareChange Reconcile(const CareParties& parties, const std::vector<CareRelationship>& now,
                     absl::Time at) {
  CareChange change;
  if (parties.stage == CareStage::kNotYet) return change;
  if (parties.stage == CareStage::kOpen) OpenParties(parties, now, at, change);
  const absl::Time end = parties.stage == CareStage::kVoid ? at : at + AfterEndOf(parties.source);
  for (const CareRelationship& one : now) {
    const bool goes_on = parties.stage == CareStage::kOpen && IsParty(parties, one.organization);
    if (goes_on || (one.ends_at && *one.ends_at <= end)) continue;
    change.ended.push_back(one);
    change.ended.back().ends_at = end;
    ++change.ended.back().version;
  }
  return change;
}

CareRelationship RelationshipOf(const Contract& contract) {
  return {.id = contract.id.uuid(),
          .patient = contract.patient,
          .organization = contract.organization,
          .source = CareSource::kContract,
          .source_id = contract.id.uuid(),
          .started_at = StartOf(contract.start_date),
          .ends_at = StartOf(contract.end_date + 1)};
}

CareRelationship RegistrationOf(PatientId patient, OrganizationId organization, absl::Time at) {
  return {.id = base::Uuid::V7(at),
          .patient = patient,
          .organization = organization,
          .source = CareSource::kRegistration,
          .source_id = patient.uuid(),
          .started_at = at};
}

}  // namespace yilian::directory
