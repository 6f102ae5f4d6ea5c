// Organizations, their departments and the people who treat patients there.
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

struct Practitioner {
  PractitionerId id;
  OrganizationId organization;
  DepartmentId department;  // nil: none
  std::string name;
  std::string title;
  bool expert = false;
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
