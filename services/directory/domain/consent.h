// What a patient agreed to: for which purpose, to whom, for how long.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/directory/domain/types.h"

namespace yilian::unit {
class Scope;  // the transaction of a write
}

namespace yilian::directory {

using ConsentId = base::Id<struct ConsentTag>;

// Numbers are those of the proto's enum.
enum class ConsentPurpose {
  kTreatment = 1,
  kReferral,
  kRemoteConsultation,
  kResultRecognition,
  kResearch,
  kTeaching,
};
std::string_view Name(ConsentPurpose purpose);
std::optional<ConsentPurpose> ConsentPurposeFromName(std::string_view name);

// Treatment needs none: who treats a patient has a care relationship (Law on Basic Medical and
// Health Care, article 32, leaves consent to the treatment itself). Whatever goes beyond it does
// (Personal Information Protection Law, articles 23 and 29).
bool NeedsConsent(ConsentPurpose purpose);

struct Consent {
  ConsentId id;
  PatientId patient;
  ConsentPurpose purpose = ConsentPurpose::kTreatment;
  std::vector<OrganizationId> organizations;  // empty: every one of the region
  absl::Time starts_at;
  std::optional<absl::Time> ends_at;
  std::string evidence;
  OrganizationId recorded_by;
  UserId recorded_by_user;
  absl::Time recorded_at;
  std::optional<absl::Time> revoked_at;
  int64_t version = 1;

  bool Allows(OrganizationId organization, absl::Time at) const;
};

// FIELD_INVALID: the end is not after the start, or an organization is named twice.
absl::Status Check(const Consent& consent, absl::Time now);
// ETAG_STALE, CONSENT_REVOKED.
absl::StatusOr<Consent> Revoked(const Consent& consent, std::string_view etag, absl::Time at);

struct ConsentsQuery {
  PatientId patient;
  bool as_auditor = false;  // of any patient
  // Rows after this one; nothing for the first page.
  std::optional<std::pair<absl::Time, ConsentId>> after;
  int limit = 50;
};

// Where consents are kept. What a merged record agreed to holds for the survivor. Reads answer
// NOT_FOUND where the actor may not know of the patient. Thread-safe.
class ConsentStore {
 public:
  virtual ~ConsentStore() = default;
  // NOT_FOUND (patient, organization), PATIENT_MERGED.
  virtual absl::Status Record(unit::Scope& scope, const Consent& consent, const Actor& actor) = 0;
  // NOT_FOUND; errors of Revoked.
  virtual absl::StatusOr<Consent> Revoke(unit::Scope& scope, ConsentId id, std::string_view etag,
                                         const Actor& actor) = 0;
  virtual absl::StatusOr<std::vector<Consent>> List(const ConsentsQuery& query, const Actor& actor,
                                                    absl::Time now, absl::Time deadline) = 0;
  // True where the purpose needs no more than a care relationship and there is one, or a live
  // consent names the organization.
  virtual absl::StatusOr<bool> Allows(PatientId patient, OrganizationId organization,
                                      ConsentPurpose purpose, absl::Time now,
                                      absl::Time deadline) = 0;
};

}  // namespace yilian::directory
