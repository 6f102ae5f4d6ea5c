// CatalogStore on the tables catalog_* and organization_location.
#pragma once

#include <string>
#include <vector>

#include "common/mysql/pool.h"
#include "common/mysql/session.h"
#include "services/directory/domain/catalog.h"

namespace yilian::directory {

// Thread-safe; `pool` outlives it.
class MysqlCatalogStore : public CatalogStore {
 public:
  explicit MysqlCatalogStore(mysql::Pool& pool) : pool_(pool) {}

  absl::StatusOr<CatalogEntry> Define(unit::Scope& scope, CatalogEntry entry,
                                      const Actor& actor) override;
  absl::StatusOr<CatalogEntry> Get(DepartmentId department, absl::Time deadline) override;
  absl::StatusOr<std::vector<CatalogEntry>> List(OrganizationId organization,
                                                 const std::string& capability, DepartmentId after,
                                                 int limit, absl::Time deadline) override;
  absl::StatusOr<OrganizationLocation> Locate(unit::Scope& scope,
                                              OrganizationLocation location) override;

 private:
  mysql::Pool& pool_;
};

// The columns catalog_entry's rows begin with: department_id, organization_id, settings, channels,
// version.
CatalogEntry ToCatalogEntry(const mysql::Row& row);
// Capabilities, conditions and required items of the entries, which are sorted by department id.
absl::Status ReadLists(mysql::Session& session, std::vector<CatalogEntry>& entries);

}  // namespace yilian::directory
