// Patients: one record a person, found by identifiers that are unique per issuer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/directory/domain/patient_fit.h"
#include "services/directory/domain/types.h"

namespace yilian::unit {
class Scope;  // the transaction of a write
}

namespace yilian::directory {

// Issuer of the resident identity number. Issuers that are neither this nor a card are ids of
// organizations.
inline constexpr std::string_view kNationalIdIssuer = "CN-ID";
// Cards that are valid in the whole region: medical insurance 医保 and resident health card
// 居民健康卡. Who can give a card's number has the card, or its holder, in front of them.
inline constexpr std::string_view kInsuranceIssuer = "CN-INSURANCE";
inline constexpr std::string_view kHealthCardIssuer = "CN-HEALTH-CARD";
bool IsCardIssuer(std::string_view issuer);
// Upper case, without blanks; empty when it is no card's number: kCardRule.
std::string NormalCardNumber(std::string_view number);
inline constexpr std::string_view kCardRule = "is 6 to 32 letters and digits";

struct Identifier {
  std::string issuer;
  std::string value;
  bool operator==(const Identifier&) const = default;
};

struct Patient {
  PatientId id;
  std::string name;
  Sex sex = Sex::kUnknown;
  std::optional<absl::CivilDay> birth_date;
  std::string phone;
  std::string address;
  std::string national_id;
  std::vector<Identifier> identifiers;  // those of the reader's organization, and cards
  PatientId merged_into;                // nil while the record is live
  int64_t version = 1;
};

// What an organization knows of a person who comes to it.
struct RegisterPatient {
  OrganizationId organization;
  std::string name;
  Sex sex = Sex::kUnknown;
  std::optional<absl::CivilDay> birth_date;
  std::string phone;
  std::string address;
  std::string national_id;
  std::vector<Identifier> identifiers;
};

// Numbers are those of the proto's enum.
enum class RegistrationOutcome {
  kCreated = 1,
  kCreatedForReview,
  kFoundByIdentifier,
  kFoundByResemblance
};

struct Registration {
  PatientId patient;
  RegistrationOutcome outcome = RegistrationOutcome::kCreated;
  bool created() const { return outcome <= RegistrationOutcome::kCreatedForReview; }
};

// Checks what fields alone cannot tell and puts the command into its normal form: the identity
// number in upper case and the birth date it names, each identifier once. IDENTITY_CONTRADICTS,
// FIELD_INVALID, FOREIGN_ORGANIZATION.
absl::StatusOr<RegisterPatient> Normalize(RegisterPatient command, const Actor& actor,
                                          absl::CivilDay today);

struct MergePatients {
  PatientId survivor;
  PatientId merged;
};
// FIELD_INVALID when the two are one.
absl::Status Check(const MergePatients& command);
// Whether two records as they are now may become one. PATIENT_MERGED, IDENTITY_CONTRADICTS.
absl::Status CheckMerge(const Patient& survivor, const Patient& merged);

// By what a patient is looked up: exactly one of the two.
struct PatientKey {
  std::string national_id;
  std::optional<Identifier> identifier;
};
// FIELD_INVALID when not exactly one is given.
absl::StatusOr<Identifier> IdentifierOf(const PatientKey& key);

// `138****5678`: enough to recognize, not enough to call. Shorter texts show their last two.
std::string MaskPhone(std::string_view phone);
// `110***********1234`.
std::string MaskNationalId(std::string_view national_id);

// Where patients are kept. A write runs in the transaction of its scope and appends its events
// there. Reads answer NOT_FOUND alike where there is no record and where the actor may not know of
// it. Thread-safe.
class PatientStore {
 public:
  virtual ~PatientStore() = default;
  // Makes the record, or finds the one that has an identifier of the command or is the same
  // person's by every other sign (Verdict::kSame), and opens the care relationship. However many do
  // so at once with one identifier, one record is made. A new record that resembles others waits
  // for review beside each. NOT_FOUND (organization), IDENTIFIER_TAKEN.
  virtual absl::StatusOr<Registration> Register(unit::Scope& scope,
                                                const RegisterPatient& command) = 0;
  // Moves identifiers and contracts to the survivor and copies the care relationships. NOT_FOUND,
  // PATIENT_MERGED, IDENTITY_CONTRADICTS.
  virtual absl::Status Merge(unit::Scope& scope, const MergePatients& command,
                             const Actor& actor) = 0;

  virtual absl::StatusOr<Patient> Get(PatientId id, const Actor& actor, absl::Time now,
                                      absl::Time deadline) = 0;
  virtual absl::StatusOr<Patient> Find(const Identifier& identifier, const Actor& actor,
                                       absl::Time now, absl::Time deadline) = 0;
  // Whether the reader's organization has a live care relationship with the patient, whose record
  // is live, or the reader's person, where there is one, has opened it in an emergency.
  virtual absl::StatusOr<bool> MaySee(PatientId id, const Actor& reader, absl::Time now,
                                      absl::Time deadline) = 0;
  // Of a merged record those of its survivor. For services: whoever they answer may see the
  // patient.
  virtual absl::StatusOr<PatientTraits> TraitsOf(PatientId id, absl::Time deadline) = 0;
};

}  // namespace yilian::directory
