#include "services/directory/domain/consent.h"

#include <algorithm>
#include <set>

#include "common/base/etag.h"
#include "common/base/name_table.h"
#include "services/directory/domain/errors.h"

namespace yilian::directory {
namespace {

constexpr auto kPurposes = base::Names<ConsentPurpose>({
    {ConsentPurpose::kTreatment, "TREATMENT"},
    {ConsentPurpose::kReferral, "REFERRAL"},
    {ConsentPurpose::kRemoteConsultation, "REMOTE_CONSULTATION"},
    {ConsentPurpose::kResultRecognition, "RESULT_RECOGNITION"},
    {ConsentPurpose::kResearch, "RESEARCH"},
    {ConsentPurpose::kTeaching, "TEACHING"},
});

}  // namespace

std::string_view Name(ConsentPurpose purpose) { return kPurposes.NameOf(purpose); }
std::optional<ConsentPurpose> ConsentPurposeFromName(std::string_view name) {
  return kPurposes.ValueOf(name);
}

bool NeedsConsent(ConsentPurpose purpose) { return purpose != ConsentPurpose::kTreatment; }

bool Consent::Allows(OrganizationId organization, absl::Time at) const {
  if (at < starts_at || (ends_at && at >= *ends_at) || (revoked_at && at >= *revoked_at)) {
    return false;
  }
  return organizations.empty() ||
         std::find(organizations.begin(), organizations.end(), organization) != organizations.end();
}

absl::Status Check(const Consent& consent, absl::Time now) {
  Violations violations;
  if (!NeedsConsent(consent.purpose)) {
    violations.push_back({"purpose", "is one that a consent is asked for; treatment is none"});
  }
  if (consent.ends_at && (*consent.ends_at <= consent.starts_at || *consent.ends_at <= now)) {
    violations.push_back({"ends_at", "lies after the start and in the future"});
  }
  const std::set<OrganizationId> distinct(consent.organizations.begin(),
                                          consent.organizations.end());
  if (distinct.size() != consent.organizations.size()) {
    violations.push_back({"organization_ids", "names an organization once"});
  }
  return violations.empty() ? absl::OkStatus() : errors::FieldInvalid(violations);
}

absl::StatusOr<Consent> Revoked(const Consent& consent, std::string_view etag, absl::Time at) {
  if (etag != base::EtagOf(consent.version)) return errors::EtagStale(consent.version);
  if (consent.revoked_at) return errors::ConsentRevoked();
  Consent after = consent;
  after.revoked_at = at;
  ++after.version;
  return after;
}

}  // namespace yilian::directory
