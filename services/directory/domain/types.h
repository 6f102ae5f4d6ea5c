// The words of the directory: ids and codes, as the glossary has them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/uuid.h"

namespace yilian::directory {

using OrganizationId = base::Id<struct OrganizationTag>;
using DepartmentId = base::Id<struct DepartmentTag>;
using PractitionerId = base::Id<struct PractitionerTag>;
using UserId = base::Id<struct UserTag>;
using PatientId = base::Id<struct PatientTag>;
using ContractId = base::Id<struct ContractTag>;

// Numbers are those of the proto's enums, so that rpc/convert is a cast; a test compares them.
enum class Tier {
  kHealthAuthority = 1,
  kTertiaryHospital,
  kSecondaryHospital,
  kCommunityCentre,
  kTownshipHospital,
  kVillageClinic,
  kLaboratory,
  kDiseaseControl,
};
enum class Sex { kMale = 1, kFemale, kUnknown };
enum class CareSource { kRegistration = 1, kContract, kReferral, kConsultation, kAdmission };

// The name as proto, database and metadata write it: "TOWNSHIP_HOSPITAL".
std::string_view Name(Tier tier);
std::string_view Name(Sex sex);
std::string_view Name(CareSource source);
std::optional<Tier> TierFromName(std::string_view name);
std::optional<Sex> SexFromName(std::string_view name);
std::optional<CareSource> CareSourceFromName(std::string_view name);

// Whom a caller acts for: an organization (a person's or a system's), or none for a service of the
// region, which acts for whichever organization it names.
struct Actor {
  OrganizationId organization;
  bool is_service = false;
  UserId user = UserId();  // nil: no person
};

// A field, and the rule it breaks.
struct Violation {
  std::string field;
  std::string rule;
  bool operator==(const Violation&) const = default;
};
using Violations = std::vector<Violation>;

}  // namespace yilian::directory
