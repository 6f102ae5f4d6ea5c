#include "services/directory/store/mysql_consortium_store.h"

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "common/mysql/transaction.h"
#include "common/unit/unit_of_work.h"
#include "services/directory/domain/errors.h"
#include "services/directory/store/events.h"
#include "services/directory/store/mysql_organization_store.h"
#include "services/directory/store/null_id.h"

namespace yilian::directory {
namespace {

using mysql::Query;
using mysql::Row;
using mysql::Session;

constexpr Query kLock{
    "directory.LockOrganization",
    "SELECT organization_id, name, tier, consortium_id, version FROM organization "
    "WHERE organization_id = ? FOR UPDATE"};
// Index: ix_organization__consortium. Locked by the lead's row: who joins locks it as well.
constexpr Query kMembers{"directory.CountMembers",
                         "SELECT COUNT(*) FROM organization WHERE consortium_id = ?"};
constexpr Query kWrite{
    "directory.WriteConsortium",
    "UPDATE organization SET consortium_id = ?, version = ? WHERE organization_id = ?"};
constexpr Query kBegin{"directory.BeginMembership",
                       "INSERT INTO consortium_membership (organization_id, started_at, lead_id, "
                       "ended_at) VALUES (?, ?, ?, NULL)"};
constexpr Query kEnd{"directory.EndMembership",
                     "UPDATE consortium_membership SET ended_at = ? WHERE organization_id = ? "
                     "AND ended_at IS NULL"};
constexpr Query kList{
    "directory.ListMemberships",
    "SELECT organization_id, lead_id, started_at, ended_at FROM consortium_membership "
    "WHERE organization_id = ? ORDER BY started_at DESC LIMIT 200"};

absl::StatusOr<Organization> ToOrganization(const Row& row) {
  const std::optional<Tier> tier = TierFromName(row.Text(2));
  if (!tier) return absl::InternalError("unknown tier is stored");
  return Organization{.id = row.Id<OrganizationId>(0),
                      .name = row.Text(1),
                      .tier = *tier,
                      .consortium = row.Id<OrganizationId>(3),
                      .version = row.Int(4)};
}

ConsortiumMembership ToMembership(const Row& row) {
  return {.organization = row.Id<OrganizationId>(0),
          .lead = row.Id<OrganizationId>(1),
          .started_at = row.Time(2),
          .ended_at = row.OptionalTime(3)};
}

absl::StatusOr<Organization> LockAt(Session& session, OrganizationId id, int64_t version) {
  ASSIGN_OR_RETURN(const std::optional<Organization> found,
                   session.SelectOne<Organization>(kLock, ToOrganization, id));
  if (!found) return errors::NotFound("organization");
  if (found->version != version) return errors::EtagStale(found->version);
  return *found;
}

absl::Status Write(unit::Scope& scope, const Organization& after) {
  RETURN_IF_ERROR(
      scope.sql().Execute(kWrite, NullIfNil(after.consortium), after.version, after.id).status());
  scope.Append(events::Registered(after, scope.now()));
  scope.Subject("organization", after.id.uuid(), base::Uuid());
  return absl::OkStatus();
}

}  // namespace

absl::Status BeginMembership(Session& session, const Organization& organization, absl::Time at) {
  if (organization.consortium.is_nil()) return absl::OkStatus();
  return session.Execute(kBegin, organization.id, at, organization.consortium).status();
}

absl::StatusOr<Organization> MysqlConsortiumStore::Join(unit::Scope& scope,
                                                        OrganizationId organization,
                                                        int64_t version, OrganizationId lead) {
  Session& session = scope.sql();
  // The lead first, as Leave locks its own row: it cannot leave meanwhile.
  ASSIGN_OR_RETURN(const std::optional<Organization> found,
                   session.SelectOne<Organization>(kLock, ToOrganization, lead));
  ASSIGN_OR_RETURN(const Organization now, LockAt(session, organization, version));
  ASSIGN_OR_RETURN(const Organization after, directory::Join(now, lead, found));
  RETURN_IF_ERROR(BeginMembership(session, after, scope.now()));
  RETURN_IF_ERROR(Write(scope, after));
  return after;
}

absl::StatusOr<Organization> MysqlConsortiumStore::Leave(unit::Scope& scope,
                                                         OrganizationId organization,
                                                         int64_t version) {
  Session& session = scope.sql();
  ASSIGN_OR_RETURN(const Organization now, LockAt(session, organization, version));
  ASSIGN_OR_RETURN(const std::optional<int64_t> members,
                   session.SelectOne<int64_t>(
                       kMembers, [](const Row& row) { return row.Int(0); }, organization));
  ASSIGN_OR_RETURN(const Organization after, directory::Leave(now, members.value_or(0)));
  RETURN_IF_ERROR(session.Execute(kEnd, scope.now(), organization).status());
  RETURN_IF_ERROR(Write(scope, after));
  return after;
}

absl::StatusOr<std::vector<ConsortiumMembership>> MysqlConsortiumStore::List(
    OrganizationId organization, absl::Time deadline) {
  std::vector<ConsortiumMembership> all;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    RETURN_IF_ERROR(RequireOrganization(session, organization));
    ASSIGN_OR_RETURN(all,
                     session.SelectAll<ConsortiumMembership>(kList, ToMembership, organization));
    return absl::OkStatus();
  }));
  return all;
}

}  // namespace yilian::directory
