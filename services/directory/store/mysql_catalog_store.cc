#include "services/directory/store/mysql_catalog_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <functional>
#include <map>
#include <optional>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "common/mysql/transaction.h"
#include "common/unit/unit_of_work.h"
#include "services/directory/domain/errors.h"
#include "services/directory/store/mysql_organization_store.h"

namespace yilian::directory {
namespace {

using mysql::Query;
using mysql::Row;
using mysql::Session;

// Locked: two who define the same department's first entry come one after the other.
constexpr Query kLockDepartment{
    "directory.LockCatalogDepartment",
    "SELECT organization_id FROM department WHERE department_id = ? FOR UPDATE"};
constexpr Query kVersion{"directory.CatalogVersion",
                         "SELECT version FROM catalog_entry WHERE department_id = ?"};
constexpr Query kWrite{
    "directory.WriteCatalogEntry",
    "INSERT INTO catalog_entry (department_id, organization_id, settings, channels, version, "
    "updated_at) VALUES (?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE settings = VALUES(settings), "
    "channels = VALUES(channels), version = VALUES(version), updated_at = VALUES(updated_at)"};
constexpr Query kClearCapabilities{"directory.ClearCapabilities",
                                   "DELETE FROM catalog_capability WHERE department_id = ?"};
constexpr Query kClearConditions{"directory.ClearConditions",
                                 "DELETE FROM catalog_condition WHERE department_id = ?"};
constexpr Query kClearRequiredItems{"directory.ClearRequiredItems",
                                    "DELETE FROM catalog_required_item WHERE department_id = ?"};
constexpr Query kGet{
    "directory.GetCatalogEntry",
    "SELECT department_id, organization_id, settings, channels, version FROM catalog_entry "
    "WHERE department_id = ?"};
// Index: ix_catalog_entry__organization.
constexpr Query kList{
    "directory.ListCatalogEntries",
    "SELECT department_id, organization_id, settings, channels, version FROM catalog_entry "
    "WHERE organization_id = ? AND department_id > ? ORDER BY department_id LIMIT ?"};
// Index: ix_catalog_entry__organization, then the primary key of catalog_capability.
constexpr Query kListCapable{
    "directory.ListCapableEntries",
    "SELECT e.department_id, e.organization_id, e.settings, e.channels, e.version "
    "FROM catalog_entry e JOIN catalog_capability c ON c.department_id = e.department_id "
    "AND c.capability = ? WHERE e.organization_id = ? AND e.department_id > ? "
    "ORDER BY e.department_id LIMIT ?"};
constexpr Query kLockOrganization{
    "directory.LockLocatedOrganization",
    "SELECT organization_id FROM organization WHERE organization_id = ? FOR UPDATE"};
constexpr Query kLocationVersion{
    "directory.LocationVersion",
    "SELECT version FROM organization_location WHERE organization_id = ?"};
constexpr Query kLocate{
    "directory.LocateOrganization",
    "INSERT INTO organization_location (organization_id, longitude_e6, latitude_e6, version) "
    "VALUES (?, ?, ?, ?) ON DUPLICATE KEY UPDATE longitude_e6 = VALUES(longitude_e6), "
    "latitude_e6 = VALUES(latitude_e6), version = VALUES(version)"};

// "(?, ?), (?, ?)" for a statement of several rows.
std::string Rows(size_t rows, size_t columns) {
  std::string one = "(";
  for (size_t i = 0; i < columns; ++i) one += i == 0 ? "?" : ", ?";
  one += ")";
  std::string all;
  for (size_t i = 0; i < rows; ++i) all += i == 0 ? one : ", " + one;
  return all;
}

absl::Status WriteCapabilities(Session& session, const CatalogEntry& entry) {
  RETURN_IF_ERROR(session.Execute(kClearCapabilities, entry.department).status());
  if (entry.capabilities.empty()) return absl::OkStatus();
  mysql::Values values;
  for (const std::string& capability : entry.capabilities) {
    values.emplace_back(entry.department);
    values.emplace_back(capability);
  }
  return session
      .ExecuteComposed("directory.WriteCapabilities",
                       "INSERT INTO catalog_capability (department_id, capability) VALUES " +
                           Rows(entry.capabilities.size(), 2),
                       values)
      .status();
}

absl::Status WriteConditions(Session& session, const CatalogEntry& entry) {
  RETURN_IF_ERROR(session.Execute(kClearConditions, entry.department).status());
  if (entry.conditions.empty()) return absl::OkStatus();
  mysql::Values values;
  for (size_t i = 0; i < entry.conditions.size(); ++i) {
    values.emplace_back(entry.department);
    values.emplace_back(static_cast<int>(i));
    values.emplace_back(entry.conditions[i].system);
    values.emplace_back(entry.conditions[i].code);
  }
  return session
      .ExecuteComposed(
          "directory.WriteConditions",
          "INSERT INTO catalog_condition (department_id, ordinal, code_system, code) VALUES " +
              Rows(entry.conditions.size(), 4),
          values)
      .status();
}

absl::Status WriteRequiredItems(Session& session, const CatalogEntry& entry) {
  RETURN_IF_ERROR(session.Execute(kClearRequiredItems, entry.department).status());
  if (entry.required_items.empty()) return absl::OkStatus();
  mysql::Values values;
  for (size_t i = 0; i < entry.required_items.size(); ++i) {
    const RequiredItem& item = entry.required_items[i];
    values.emplace_back(entry.department);
    values.emplace_back(static_cast<int>(i));
    values.emplace_back(item.code);
    values.emplace_back(static_cast<int>(item.kind));
    values.emplace_back(item.name);
    values.emplace_back(item.directions.bits());
    values.emplace_back(item.urgencies.bits());
  }
  return session
      .ExecuteComposed("directory.WriteRequiredItems",
                       "INSERT INTO catalog_required_item (department_id, ordinal, code, kind, "
                       "name, directions, urgencies) VALUES " +
                           Rows(entry.required_items.size(), 7),
                       values)
      .status();
}

RequiredItem ToItem(const Row& row) {
  return {.code = row.Text(1),
          .kind = static_cast<RequiredItemKind>(row.Int(2)),
          .name = row.Text(3),
          .directions = CodeSet<Direction>::FromBits(row.Int(4)),
          .urgencies = CodeSet<Urgency>::FromBits(row.Int(5))};
}

int64_t VersionOf(const Row& row) { return row.Int(0); }

}  // namespace

CatalogEntry ToCatalogEntry(const Row& row) {
  return {.department = row.Id<DepartmentId>(0),
          .organization = row.Id<OrganizationId>(1),
          .settings = CodeSet<Setting>::FromBits(row.Int(2)),
          .channels = CodeSet<Channel>::FromBits(row.Int(3)),
          .version = row.Int(4)};
}

absl::Status ReadLists(Session& session, std::vector<CatalogEntry>& entries) {
  if (entries.empty()) return absl::OkStatus();
  std::map<std::string, CatalogEntry*> by_department;
  mysql::Values ids;
  for (CatalogEntry& entry : entries) {
    by_department[entry.department.uuid().ToBytes()] = &entry;
    ids.emplace_back(entry.department);
  }
  // Filled up to a power of two, so that there are few statements to prepare.
  while (!std::has_single_bit(ids.size())) ids.emplace_back(entries.back().department);
  std::string places = "?";
  for (size_t i = 1; i < ids.size(); ++i) places += ", ?";
  // Primary keys of the three tables.
  const auto read = [&](std::string_view name, std::string_view columns, std::string_view table,
                        std::string_view order,
                        const std::function<void(CatalogEntry&, const Row&)>& add) {
    const std::string sql = fmt::format(
        "SELECT department_id, {} FROM {} WHERE department_id IN ({}) "
        "ORDER BY department_id, {}",
        columns, table, places, order);
    return session.SelectValues({name, sql}, ids, [&](const Row& row) {
      add(*by_department.at(row.Id(0).ToBytes()), row);
      return absl::OkStatus();
    });
  };
  RETURN_IF_ERROR(
      read("directory.ReadCapabilities", "capability", "catalog_capability", "capability",
           [](CatalogEntry& entry, const Row& row) { entry.capabilities.push_back(row.Text(1)); }));
  RETURN_IF_ERROR(read("directory.ReadConditions", "code_system, code", "catalog_condition",
                       "ordinal", [](CatalogEntry& entry, const Row& row) {
                         entry.conditions.push_back({row.Text(1), row.Text(2)});
                       }));
  return read("directory.ReadRequiredItems", "code, kind, name, directions, urgencies",
              "catalog_required_item", "ordinal", [](CatalogEntry& entry, const Row& row) {
                entry.required_items.push_back(ToItem(row));
              });
}

absl::StatusOr<CatalogEntry> MysqlCatalogStore::Define(unit::Scope& scope, CatalogEntry entry,
                                                       const Actor& actor) {
  Session& session = scope.sql();
  ASSIGN_OR_RETURN(const std::optional<OrganizationId> organization,
                   session.SelectOne<OrganizationId>(
                       kLockDepartment, [](const Row& row) { return row.Id<OrganizationId>(0); },
                       entry.department));
  if (!organization) return errors::NotFound("department");
  entry.organization = *organization;
  RETURN_IF_ERROR(MaySpeakFor(actor, entry.organization));
  ASSIGN_OR_RETURN(const std::optional<int64_t> stored,
                   session.SelectOne<int64_t>(kVersion, VersionOf, entry.department));
  ASSIGN_OR_RETURN(entry.version, NextVersion(stored.value_or(0), entry.version));
  std::sort(entry.capabilities.begin(), entry.capabilities.end());
  RETURN_IF_ERROR(session
                      .Execute(kWrite, entry.department, entry.organization, entry.settings.bits(),
                               entry.channels.bits(), entry.version, scope.now())
                      .status());
  RETURN_IF_ERROR(WriteCapabilities(session, entry));
  RETURN_IF_ERROR(WriteConditions(session, entry));
  RETURN_IF_ERROR(WriteRequiredItems(session, entry));
  scope.Subject("catalog_entry", entry.department.uuid(), base::Uuid());
  return entry;
}

absl::StatusOr<CatalogEntry> MysqlCatalogStore::Get(DepartmentId department, absl::Time deadline) {
  std::vector<CatalogEntry> found;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(found, session.SelectAll<CatalogEntry>(kGet, ToCatalogEntry, department));
    return ReadLists(session, found);
  }));
  if (found.empty()) return errors::NotFound("catalog entry");
  return std::move(found[0]);
}

absl::StatusOr<std::vector<CatalogEntry>> MysqlCatalogStore::List(OrganizationId organization,
                                                                  const std::string& capability,
                                                                  DepartmentId after, int limit,
                                                                  absl::Time deadline) {
  std::vector<CatalogEntry> page;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    RETURN_IF_ERROR(RequireOrganization(session, organization));
    if (capability.empty()) {
      ASSIGN_OR_RETURN(
          page, session.SelectAll<CatalogEntry>(kList, ToCatalogEntry, organization, after, limit));
    } else {
      ASSIGN_OR_RETURN(page,
                       session.SelectAll<CatalogEntry>(kListCapable, ToCatalogEntry, capability,
                                                       organization, after, limit));
    }
    return ReadLists(session, page);
  }));
  return page;
}

absl::StatusOr<OrganizationLocation> MysqlCatalogStore::Locate(unit::Scope& scope,
                                                               OrganizationLocation location) {
  Session& session = scope.sql();
  ASSIGN_OR_RETURN(const std::optional<bool> there,
                   session.SelectOne<bool>(
                       kLockOrganization, [](const Row&) { return true; }, location.organization));
  if (!there) return errors::NotFound("organization");
  ASSIGN_OR_RETURN(const std::optional<int64_t> stored,
                   session.SelectOne<int64_t>(kLocationVersion, VersionOf, location.organization));
  ASSIGN_OR_RETURN(location.version, NextVersion(stored.value_or(0), location.version));
  RETURN_IF_ERROR(session
                      .Execute(kLocate, location.organization, location.location.longitude_e6,
                               location.location.latitude_e6, location.version)
                      .status());
  scope.Subject("organization", location.organization.uuid(), base::Uuid());
  return location;
}

}  // namespace yilian::directory
