// Who sees which of a patient's reports: parties, who cares for the patient, and sensitive classes.
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/lab/domain/types.h"

namespace yilian::lab {

using SensitiveCodeId = base::Id<struct SensitiveCodeTag>;
using GrantId = base::Id<struct GrantTag>;

// Numbers are those of the proto's enum.
enum class SensitiveClass {
  kHiv = 1,
  kSexuallyTransmitted,
  kPsychiatric,
  kSubstance,
  kGenetic,
  kReproductive
};

// A set of classes: one bit each, so that a row says in one number of which it is.
struct ClassSet {
  uint32_t bits = 0;

  void Add(SensitiveClass one) { bits |= 1U << static_cast<int>(one); }
  bool Covers(ClassSet other) const { return (other.bits & ~bits) == 0; }
  bool empty() const { return bits == 0; }
  std::vector<SensitiveClass> All() const;
  bool operator==(const ClassSet&) const = default;
};

// What a reader may see of one patient, beside the reports that the organization itself ordered or
// performed.
struct Sight {
  OrganizationId organization;
  bool cares = false;  // for the patient, or has opened the data in an emergency
  ClassSet granted;    // without a grant, sensitive reports look like none, in an emergency too

  bool Sees(ClassSet sensitive) const { return cares && granted.Covers(sensitive); }
};

// A code of a class. A report with it is of the class with all that stands in it.
struct SensitiveCode {
  std::string system;  // "LN" for LOINC
  std::string code;
  std::optional<SensitiveClass> sensitive_class;  // nullopt: of none any more

  // FIELD_INVALID: a LOINC code without a true check digit.
  absl::Status Check() const;
};

// How far the stored reports have followed.
struct SensitiveRun {
  int64_t seen = 0;
  int64_t changed = 0;
  std::optional<absl::Time> finished_at;
};

struct StoredSensitiveCode {
  SensitiveCodeId id;
  SensitiveCode code;
  int64_t version = 1;
  SensitiveRun run;

  std::string etag() const { return "v" + std::to_string(version); }
};

// A grant as it is asked for.
struct NewGrant {
  PatientId patient;
  OrganizationId organization;  // that may read
  std::vector<SensitiveClass> classes;
  absl::Time ends_at;
  OrganizationId by;
  PractitionerId practitioner;  // nil: a system

  ClassSet set() const;
  // FIELD_INVALID: names every field that breaks a rule.
  absl::Status Check(absl::Time at) const;
};

// Longest time of a grant: whom it serves is asked again after that.
inline constexpr absl::Duration kLongestGrant = absl::Hours(24 * 366);

struct SensitiveGrant {
  GrantId id;
  PatientId patient;
  OrganizationId organization;
  ClassSet classes;
  OrganizationId granted_by;
  PractitionerId practitioner;
  absl::Time granted_at;
  absl::Time ends_at;
  std::optional<absl::Time> revoked_at;
};

}  // namespace yilian::lab
