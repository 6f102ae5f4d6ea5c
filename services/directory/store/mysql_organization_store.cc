#include "services/directory/store/mysql_organization_store.h"

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "common/mysql/transaction.h"
#include "common/unit/unit_of_work.h"
#include "services/directory/domain/errors.h"
#include "services/directory/store/duplicate.h"
#include "services/directory/store/events.h"
#include "services/directory/store/mysql_consortium_store.h"
#include "services/directory/store/null_id.h"
#include "services/directory/store/practitioner_rows.h"

namespace yilian::directory {
namespace {

using mysql::Query;
using mysql::Row;
using mysql::Session;

constexpr Query kInsertOrganization{
    "directory.InsertOrganization",
    "INSERT INTO organization (organization_id, name, tier, consortium_id, version, created_at) "
    "VALUES (?, ?, ?, ?, ?, ?)"};
constexpr Query kGetOrganization{
    "directory.GetOrganization",
    "SELECT organization_id, name, tier, consortium_id, version FROM organization "
    "WHERE organization_id = ?"};
// Index: uq_organization__name.
constexpr Query kListOrganizations{
    "directory.ListOrganizations",
    "SELECT organization_id, name, tier, consortium_id, version FROM organization "
    "WHERE name > ? ORDER BY name LIMIT ?"};
// Index: ix_organization__tier_name.
constexpr Query kListTier{
    "directory.ListOrganizationsOfTier",
    "SELECT organization_id, name, tier, consortium_id, version FROM organization "
    "WHERE tier = ? AND name > ? ORDER BY name LIMIT ?"};
constexpr Query kInsertDepartment{
    "directory.InsertDepartment",
    "INSERT INTO department (department_id, organization_id, name, specialty, version, created_at) "
    "VALUES (?, ?, ?, ?, 1, ?)"};
constexpr Query kDepartmentOf{
    "directory.DepartmentOf",
    "SELECT 1 FROM department WHERE department_id = ? AND organization_id = ?"};
// Index: uq_department__organization_name.
constexpr Query kListDepartments{
    "directory.ListDepartments",
    "SELECT department_id, organization_id, name, specialty FROM department "
    "WHERE organization_id = ? ORDER BY name LIMIT 500"};
absl::StatusOr<Organization> ToOrganization(const Row& row) {
  const std::optional<Tier> tier = TierFromName(row.Text(2));
  if (!tier) return absl::InternalError("unknown tier is stored");
  return Organization{.id = row.Id<OrganizationId>(0),
                      .name = row.Text(1),
                      .tier = *tier,
                      .consortium = row.Id<OrganizationId>(3),
                      .version = row.Int(4)};
}

Department ToDepartment(const Row& row) {
  return {.id = row.Id<DepartmentId>(0),
          .organization = row.Id<OrganizationId>(1),
          .name = row.Text(2),
          .specialty = row.Text(3)};
}

bool Exists(const Row&) { return true; }

absl::StatusOr<std::optional<Organization>> FindOrganization(Session& session, OrganizationId id) {
  return session.SelectOne<Organization>(kGetOrganization, ToOrganization, id);
}

// A duplicate key as the caller should read it; `name_key` is the unique key of the name.
absl::Status Taken(const absl::Status& status, std::string_view id_kind,
                   std::string_view name_key) {
  const std::string key = DuplicateKeyOf(status);
  if (key.empty()) return status;
  return errors::IdentifierTaken(key == name_key ? "name" : id_kind);
}

}  // namespace

absl::Status RequireOrganization(Session& session, OrganizationId organization) {
  ASSIGN_OR_RETURN(const auto found, FindOrganization(session, organization));
  return found ? absl::OkStatus() : errors::NotFound("organization");
}

absl::Status RequireDepartment(Session& session, DepartmentId department,
                               OrganizationId organization) {
  if (department.is_nil()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto found,
                   session.SelectOne<bool>(kDepartmentOf, Exists, department, organization));
  return found ? absl::OkStatus() : errors::NotFound("department");
}

absl::Status MysqlOrganizationStore::Add(unit::Scope& scope, const Organization& organization) {
  ASSIGN_OR_RETURN(const auto lead, FindOrganization(scope.sql(), organization.consortium));
  RETURN_IF_ERROR(CheckConsortium(organization, lead));
  const auto inserted = scope.sql().Execute(
      kInsertOrganization, organization.id, organization.name, Name(organization.tier),
      NullIfNil(organization.consortium), organization.version, scope.now());
  if (!inserted.ok()) {
    return Taken(inserted.status(), "organization_id", "uq_organization__name");
  }
  RETURN_IF_ERROR(BeginMembership(scope.sql(), organization, scope.now()));
  scope.Append(events::Registered(organization, scope.now()));
  return absl::OkStatus();
}

absl::Status MysqlOrganizationStore::Add(unit::Scope& scope, const Department& department) {
  RETURN_IF_ERROR(RequireOrganization(scope.sql(), department.organization));
  const auto inserted =
      scope.sql().Execute(kInsertDepartment, department.id, department.organization,
                          department.name, department.specialty, scope.now());
  if (!inserted.ok()) {
    return Taken(inserted.status(), "department_id", "uq_department__organization_name");
  }
  scope.Append(events::Registered(department, scope.now()));
  return absl::OkStatus();
}

absl::Status MysqlOrganizationStore::Add(unit::Scope& scope, const Practitioner& practitioner) {
  RETURN_IF_ERROR(RequireOrganization(scope.sql(), practitioner.organization));
  RETURN_IF_ERROR(
      RequireDepartment(scope.sql(), practitioner.department, practitioner.organization));
  const absl::Status inserted = practitioners::Insert(scope.sql(), practitioner, scope.now());
  if (!inserted.ok()) return Taken(inserted, "practitioner_id", "");
  scope.Append(events::Registered(practitioner, scope.now()));
  return absl::OkStatus();
}

absl::StatusOr<Organization> MysqlOrganizationStore::GetOrganization(OrganizationId id,
                                                                     absl::Time deadline) {
  std::optional<Organization> found;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(found, FindOrganization(session, id));
    return absl::OkStatus();
  }));
  if (!found) return errors::NotFound("organization");
  return *std::move(found);
}

absl::StatusOr<Practitioner> MysqlOrganizationStore::GetPractitioner(PractitionerId id,
                                                                     absl::Time deadline) {
  std::optional<Practitioner> found;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(found, practitioners::Read(session, id));
    return absl::OkStatus();
  }));
  if (!found) return errors::NotFound("practitioner");
  return *std::move(found);
}

absl::StatusOr<std::vector<Organization>> MysqlOrganizationStore::ListOrganizations(
    std::optional<Tier> tier, const std::string& after_name, int limit, absl::Time deadline) {
  std::vector<Organization> page;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    if (tier) {
      ASSIGN_OR_RETURN(page, session.SelectAll<Organization>(kListTier, ToOrganization, Name(*tier),
                                                             after_name, limit));
    } else {
      ASSIGN_OR_RETURN(page, session.SelectAll<Organization>(kListOrganizations, ToOrganization,
                                                             after_name, limit));
    }
    return absl::OkStatus();
  }));
  return page;
}

absl::StatusOr<std::vector<Department>> MysqlOrganizationStore::ListDepartments(
    OrganizationId organization, absl::Time deadline) {
  std::vector<Department> all;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    RETURN_IF_ERROR(RequireOrganization(session, organization));
    ASSIGN_OR_RETURN(all,
                     session.SelectAll<Department>(kListDepartments, ToDepartment, organization));
    return absl::OkStatus();
  }));
  return all;
}

}  // namespace yilian::directory
