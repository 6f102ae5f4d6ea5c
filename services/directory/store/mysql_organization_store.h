// OrganizationStore on the tables organization, department and practitioner.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/mysql/pool.h"
#include "common/mysql/session.h"
#include "services/directory/domain/organization.h"

namespace yilian::directory {

// Thread-safe; `pool` outlives it.
class MysqlOrganizationStore : public OrganizationStore {
 public:
  explicit MysqlOrganizationStore(mysql::Pool& pool) : pool_(pool) {}

  absl::Status Add(unit::Scope& scope, const Organization& organization) override;
  absl::Status Add(unit::Scope& scope, const Department& department) override;
  absl::Status Add(unit::Scope& scope, const Practitioner& practitioner) override;
  absl::StatusOr<Organization> GetOrganization(OrganizationId id, absl::Time deadline) override;
  absl::StatusOr<Practitioner> GetPractitioner(PractitionerId id, absl::Time deadline) override;
  absl::StatusOr<std::vector<Organization>> ListOrganizations(std::optional<Tier> tier,
                                                              const std::string& after_name,
                                                              int limit,
                                                              absl::Time deadline) override;
  absl::StatusOr<std::vector<Department>> ListDepartments(OrganizationId organization,
                                                          absl::Time deadline) override;

 private:
  mysql::Pool& pool_;
};

// For writes of other tables that name one: NOT_FOUND when it is not there.
absl::Status RequireOrganization(mysql::Session& session, OrganizationId organization);
// NOT_FOUND also for a department of another organization; nil passes.
absl::Status RequireDepartment(mysql::Session& session, DepartmentId department,
                               OrganizationId organization);

}  // namespace yilian::directory
