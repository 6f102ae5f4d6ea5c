#include "services/directory/store/mysql_affiliation_store.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "common/mysql/transaction.h"
#include "common/unit/unit_of_work.h"
#include "services/directory/domain/errors.h"
#include "services/directory/store/events.h"
#include "services/directory/store/mysql_organization_store.h"
#include "services/directory/store/null_id.h"
#include "services/directory/store/practitioner_rows.h"

namespace yilian::directory {
namespace {

using mysql::Query;
using mysql::Row;
using mysql::Session;

// Index: ix_user_affiliation__user.
constexpr Query kListOf{
    "directory.ListAffiliations",
    "SELECT a.affiliation_id, a.user_id, a.organization_id, a.practitioner_id, a.roles, "
    "a.started_at, a.ends_at, a.version, o.name FROM user_affiliation a "
    "JOIN organization o ON o.organization_id = a.organization_id "
    "WHERE a.user_id = ? ORDER BY a.started_at, a.affiliation_id"};
// What an account of an earlier release is affiliated with.
constexpr Query kOfAccount{
    "directory.AffiliationOfAccount",
    "SELECT u.user_id, u.user_id, u.organization_id, u.practitioner_id, u.roles, u.created_at, "
    "NULL, 1, o.name FROM user_account u "
    "JOIN organization o ON o.organization_id = u.organization_id WHERE u.user_id = ?"};
// The roles of one person are checked one change after the other.
constexpr Query kLockUser{"directory.LockAffiliatedUser",
                          "SELECT version FROM user_account WHERE user_id = ? FOR UPDATE"};
constexpr Query kInsert{
    "directory.InsertAffiliation",
    "INSERT INTO user_affiliation (affiliation_id, user_id, organization_id, practitioner_id, "
    "roles, started_at, ends_at, version, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"};
constexpr Query kEnd{"directory.EndAffiliation",
                     "UPDATE user_affiliation SET ends_at = ?, version = version + 1 "
                     "WHERE affiliation_id = ? AND version = ?"};

Affiliation ToAffiliation(const Row& row) {
  const std::string roles = row.Text(4);
  return {.id = row.Id<AffiliationId>(0),
          .user = row.Id<UserId>(1),
          .organization = row.Id<OrganizationId>(2),
          .organization_name = row.Text(8),
          .practitioner = row.Id<PractitionerId>(3),
          .roles = absl::StrSplit(roles, ',', absl::SkipEmpty()),
          .started_at = row.Time(5),
          .ends_at = row.OptionalTime(6),
          .version = row.Int(7)};
}

absl::Status Insert(unit::Scope& scope, const Affiliation& one) {
  return scope.sql()
      .Execute(kInsert, one.id, one.user, one.organization, NullIfNil(one.practitioner),
               absl::StrJoin(one.roles, ","), one.started_at, one.ends_at, one.version, scope.now())
      .status();
}

bool HasFirst(const std::vector<Affiliation>& all, UserId user) {
  return std::any_of(all.begin(), all.end(),
                     [&](const Affiliation& one) { return one.id.uuid() == user.uuid(); });
}

absl::StatusOr<std::vector<Affiliation>> Read(Session& session, UserId user) {
  ASSIGN_OR_RETURN(std::vector<Affiliation> all,
                   session.SelectAll<Affiliation>(kListOf, ToAffiliation, user));
  if (!HasFirst(all, user)) {
    ASSIGN_OR_RETURN(auto first, session.SelectOne<Affiliation>(kOfAccount, ToAffiliation, user));
    if (!first) return errors::NotFound("user");
    all.insert(all.begin(), *std::move(first));
  }
  return all;
}

// Locks the account, and gives one of an earlier release its row.
absl::StatusOr<std::vector<Affiliation>> Lock(unit::Scope& scope, UserId user) {
  Session& session = scope.sql();
  ASSIGN_OR_RETURN(const auto version,
                   session.SelectOne<int64_t>(
                       kLockUser, [](const Row& row) { return row.Int(0); }, user));
  if (!version) return errors::NotFound("user");
  ASSIGN_OR_RETURN(const std::vector<Affiliation> stored,
                   session.SelectAll<Affiliation>(kListOf, ToAffiliation, user));
  ASSIGN_OR_RETURN(std::vector<Affiliation> all, Read(session, user));
  if (!HasFirst(stored, user)) RETURN_IF_ERROR(Insert(scope, all.front()));
  return all;
}

}  // namespace

absl::Status AddFirstAffiliation(unit::Scope& scope, const Account& account) {
  return Insert(scope, {.id = AffiliationId(account.id.uuid()),
                        .user = account.id,
                        .organization = account.organization,
                        .practitioner = account.practitioner,
                        .roles = account.roles,
                        .started_at = scope.now()});
}

absl::StatusOr<std::vector<Affiliation>> MysqlAffiliationStore::ListOf(UserId user,
                                                                       absl::Time deadline) {
  std::vector<Affiliation> all;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(all, Read(session, user));
    return absl::OkStatus();
  }));
  return all;
}

absl::StatusOr<Affiliation> MysqlAffiliationStore::Add(unit::Scope& scope,
                                                       Affiliation affiliation) {
  ASSIGN_OR_RETURN(const std::vector<Affiliation> present, Lock(scope, affiliation.user));
  RETURN_IF_ERROR(RequireOrganization(scope.sql(), affiliation.organization));
  if (!affiliation.practitioner.is_nil()) {
    RETURN_IF_ERROR(RequirePractitioner(scope.sql(), affiliation.practitioner,
                                        affiliation.organization, scope.now()));
  }
  RETURN_IF_ERROR(CheckAdded(present, affiliation, scope.now()));
  RETURN_IF_ERROR(Insert(scope, affiliation));
  if (affiliation.ends_at) scope.Append(events::EndSet(affiliation, scope.now()));
  scope.Subject("user", affiliation.user.uuid(), base::Uuid());
  ASSIGN_OR_RETURN(const std::vector<Affiliation> all, Read(scope.sql(), affiliation.user));
  for (const Affiliation& one : all) {
    if (one.id == affiliation.id) return one;
  }
  return absl::InternalError("an affiliation is gone in the transaction that added it");
}

absl::StatusOr<Affiliation> MysqlAffiliationStore::End(unit::Scope& scope, UserId user,
                                                       AffiliationId id, absl::Time ends_at) {
  ASSIGN_OR_RETURN(const std::vector<Affiliation> all, Lock(scope, user));
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Affiliation& one) { return one.id == id; });
  if (found == all.end()) return errors::NotFound("affiliation");
  RETURN_IF_ERROR(CheckEnd(*found, ends_at, scope.now()));
  ASSIGN_OR_RETURN(const int64_t matched, scope.sql().Execute(kEnd, ends_at, id, found->version));
  if (matched != 1) return absl::InternalError("a locked affiliation changed under its lock");
  scope.Subject("user", user.uuid(), base::Uuid());
  Affiliation ended = *found;
  ended.ends_at = ends_at;
  ++ended.version;
  scope.Append(events::EndSet(ended, scope.now()));
  return ended;
}

}  // namespace yilian::directory
