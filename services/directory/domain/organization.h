// Organizations, their departments and the people who treat patients there.
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
#include "services/directory/domain/types.h"

namespace yilian::unit {
class Scope;  // the transaction of a write
}

namespace yilian::directory {

struct Organization {
  OrganizationId id;
  std::string name;
  Tier tier = Tier::kTownshipHospital;
  OrganizationId consortium;  // the lead's id; nil outside any consortium
  int64_t version = 1;
};

struct Department {
  DepartmentId id;
  OrganizationId organization;
  std::string name;
  std::string specialty;
};

// Professional title 专业技术职务 of health personnel. Numbers are the codes of GB/T 8561, which
// the proto's enum has as well.
enum class ProfessionalTitle {
  kNone = 0,
  kChiefPhysician = 231,
  kAssociateChiefPhysician,
  kAttendingPhysician,
  kPhysician,  // 医师; a resident 住院医师 holds it
  kAssistantPhysician,
  kChiefPharmacist = 241,
  kAssociateChiefPharmacist,
  kSeniorPharmacist,
  kPharmacist,
  kAssistantPharmacist,
  kChiefNurse = 251,
  kAssociateChiefNurse,
  kSeniorNurse,
  kNursePractitioner,
  kNurse,
  kChiefTechnician = 261,
  kAssociateChiefTechnician,
  kSeniorTechnician,
  kTechnician,
  kAssistantTechnician,
};
// In words: "主任医师". "" for kNone, and for a code that is not here.
std::string_view Name(ProfessionalTitle title);

struct Practitioner {
  PractitionerId id;
  OrganizationId organization;
  DepartmentId department;  // nil: none
  std::string name;
  std::string title;  // what stands under the name
  bool expert = false;
  ProfessionalTitle professional_title = ProfessionalTitle::kNone;
  absl::CivilDay title_since;  // only where a practitioner is added
  int64_t version = 1;
};

// `lead`: the organization that `consortium` names, where there is one. A lead names itself.
absl::Status CheckConsortium(const Organization& organization,
                             const std::optional<Organization>& lead);

// Where they are kept. A write runs in the transaction of its scope and appends its event there; it
// answers IDENTIFIER_TAKEN where the id or a name is. Thread-safe.
class OrganizationStore {
 public:
  virtual ~OrganizationStore() = default;
  virtual absl::Status Add(unit::Scope& scope, const Organization& organization) = 0;
  // NOT_FOUND without the organization.
  virtual absl::Status Add(unit::Scope& scope, const Department& department) = 0;
  // NOT_FOUND without the organization, or the department there.
  virtual absl::Status Add(unit::Scope& scope, const Practitioner& practitioner) = 0;

  virtual absl::StatusOr<Organization> GetOrganization(OrganizationId id, absl::Time deadline) = 0;
  virtual absl::StatusOr<Practitioner> GetPractitioner(PractitionerId id, absl::Time deadline) = 0;
  // By name, those after `after_name`, at most `limit`.
  virtual absl::StatusOr<std::vector<Organization>> ListOrganizations(std::optional<Tier> tier,
                                                                      const std::string& after_name,
                                                                      int limit,
                                                                      absl::Time deadline) = 0;
  // By name, at most 500. NOT_FOUND without the organization.
  virtual absl::StatusOr<std::vector<Department>> ListDepartments(OrganizationId organization,
                                                                  absl::Time deadline) = 0;
};

}  // namespace yilian::directory
