// Who cares for whom: the reasons for which an organization may see a patient's data.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "services/directory/domain/contract.h"
#include "services/directory/domain/types.h"

namespace yilian::directory {

struct CareRelationship {
  base::Uuid id;
  PatientId patient;
  OrganizationId organization;
  CareSource source = CareSource::kRegistration;
  // The contract, referral, consultation or admission; the patient for a registration.
  base::Uuid source_id;
  absl::Time started_at;
  std::optional<absl::Time> ends_at;  // nothing: open
  int64_t version = 1;
};

// How long both sides of a referral, and the expert's side of a consultation, still see the patient
// after its end: time to write the letter, to read it and to ask back.
inline constexpr absl::Duration kAfterReferral = absl::Hours(30 * 24);
inline constexpr absl::Duration kAfterConsultation = absl::Hours(7 * 24);
// A hospital follows up on its patients as it does after a referral.
inline constexpr absl::Duration kAfterDischarge = absl::Hours(30 * 24);

// Where a referral, consultation, admission or contract stands, as far as it matters here.
enum class CareStage {
  kNotYet,  // nobody sees anything for it
  kOpen,    // its parties see the patient
  kClosed,  // they go on to for a while, and nobody else begins to
  kVoid,    // it never was: what they saw because of it ends at once
};

// What a referral, consultation, admission or contract says of those who take part in it.
struct CareParties {
  CareSource source = CareSource::kReferral;
  base::Uuid source_id;
  std::vector<PatientId> patients;  // the one it names and, where that was merged, the survivor
  std::vector<OrganizationId> organizations;
  CareStage stage = CareStage::kNotYet;
};

struct CareChange {
  std::vector<CareRelationship> opened;  // new ones and those that lost their end
  std::vector<CareRelationship> ended;   // those that got an end, or an earlier one
};

// What becomes of the relationships of one source, `now` all of them, at `at`. An organization that
// is no party any more (a redirected referral) keeps the time that follows an end.
CareChange Reconcile(const CareParties& parties, const std::vector<CareRelationship>& now,
                     absl::Time at);

// The relationship that a contract makes: its days, in the region's time.
CareRelationship RelationshipOf(const Contract& contract);
CareRelationship RegistrationOf(PatientId patient, OrganizationId organization, absl::Time at);

}  // namespace yilian::directory
