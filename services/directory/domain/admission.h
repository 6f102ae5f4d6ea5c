// A patient's stay in a hospital.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/directory/domain/types.h"

namespace yilian::unit {
class Scope;  // the transaction of a write
}

namespace yilian::directory {

using AdmissionId = base::Id<struct AdmissionTag>;

struct Admission {
  AdmissionId id;
  PatientId patient;
  OrganizationId organization;
  absl::Time admitted_at;
  std::optional<absl::Time> discharged_at;
  int64_t version = 1;
};

// A stay, as the hospital names it.
struct Visit {
  OrganizationId organization;
  std::string number;
};

// Clocks of hospitals differ from ours by as much.
inline constexpr absl::Duration kClockDifference = absl::Minutes(5);

// FOREIGN_ORGANIZATION, FIELD_INVALID (a time that is still to come; `field` names it).
absl::Status CheckStay(OrganizationId organization, const Actor& actor, absl::Time time,
                       std::string_view field, absl::Time now);

// FIELD_INVALID before the admission. A second discharge leaves the first.
absl::StatusOr<Admission> Discharged(const Admission& admission, absl::Time at);

// Where stays are kept. Thread-safe.
class AdmissionStore {
 public:
  virtual ~AdmissionStore() = default;
  // Opens the care relationship. A visit that is there already is returned as it is. NOT_FOUND for
  // a patient whom the hospital (unless a service speaks for it) has no relationship with;
  // PATIENT_MERGED; IDENTIFIER_TAKEN when the visit is another patient's.
  virtual absl::StatusOr<Admission> Admit(unit::Scope& scope, const Admission& admission,
                                          const Visit& visit, const Actor& actor) = 0;
  // Gives the care relationship its end. NOT_FOUND; errors of Discharged.
  virtual absl::StatusOr<Admission> Discharge(unit::Scope& scope, const Visit& visit,
                                              absl::Time at) = 0;
};

}  // namespace yilian::directory
