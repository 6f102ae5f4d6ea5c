// Contracts of residents with family-doctor teams 家庭医生签约.
#pragma once

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/directory/domain/types.h"

namespace yilian::unit {
class Scope;  // the transaction of a write
}

namespace yilian::directory {

struct Contract {
  ContractId id;
  PatientId patient;
  OrganizationId organization;
  PractitionerId practitioner;
  absl::CivilDay start_date;
  absl::CivilDay end_date;  // the last day
};

// FOREIGN_ORGANIZATION, FIELD_INVALID (dates).
absl::Status Check(const Contract& contract, const Actor& actor);

// When a day of the region begins: China has one time zone without summer time.
absl::Time StartOf(absl::CivilDay day);
// The day it is in the region.
absl::CivilDay DayOf(absl::Time time);

// Where contracts are kept. Thread-safe.
class ContractStore {
 public:
  virtual ~ContractStore() = default;
  // Opens the care relationship for the contract's period. NOT_FOUND for a patient whom a person's
  // organization has no relationship with, and for a practitioner of another organization;
  // PATIENT_MERGED.
  virtual absl::Status Add(unit::Scope& scope, const Contract& contract, const Actor& actor) = 0;
};

}  // namespace yilian::directory
