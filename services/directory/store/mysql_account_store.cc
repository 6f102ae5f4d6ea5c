#include "services/directory/store/mysql_account_store.h"

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "common/mysql/query.h"
#include "common/mysql/transaction.h"
#include "common/unit/unit_of_work.h"
#include "services/directory/domain/errors.h"
#include "services/directory/store/duplicate.h"
#include "services/directory/store/events.h"
#include "services/directory/store/mysql_affiliation_store.h"
#include "services/directory/store/mysql_organization_store.h"
#include "services/directory/store/practitioner_rows.h"

namespace yilian::directory {
namespace {

using mysql::Blob;
using mysql::Query;
using mysql::Row;
using mysql::Session;

constexpr Query kInsert{
    "directory.InsertUser",
    "INSERT INTO user_account (user_id, user_name, password_hash, organization_id, "
    "practitioner_id, display_name, roles, disabled, not_before, version, created_at, "
    "password_must_change) VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, 1, ?, ?)"};
// Index: uq_user_account__user_name.
constexpr Query kFindByName{
    "directory.FindUserByName",
    "SELECT user_id, user_name, password_hash, organization_id, practitioner_id, display_name, "
    "roles, disabled, password_must_change, not_before FROM user_account WHERE user_name = ?"};
constexpr Query kGet{
    "directory.GetUser",
    "SELECT u.user_id, u.user_name, u.password_hash, u.organization_id, u.practitioner_id, "
    "u.display_name, u.roles, u.disabled, u.password_must_change, u.not_before, o.name FROM "
    "user_account u "
    "JOIN organization o ON o.organization_id = u.organization_id WHERE u.user_id = ?"};
constexpr Query kLockVersion{"directory.LockUser",
                             "SELECT version FROM user_account WHERE user_id = ? FOR UPDATE"};
constexpr Query kRevoke{
    "directory.RevokeUser",
    "UPDATE user_account SET not_before = ?, disabled = CASE WHEN ? = 1 THEN 1 ELSE disabled END, "
    "version = version + 1 WHERE user_id = ?"};
constexpr Query kSetPassword{"directory.SetPassword",
                             "UPDATE user_account SET password_hash = ?, password_must_change = ?, "
                             "version = version + 1 WHERE user_id = ?"};
constexpr Query kEnable{
    "directory.EnableUser",
    "UPDATE user_account SET disabled = 0, version = version + 1 WHERE user_id = ?"};
// The old hash is compared: a password that was changed meanwhile stays changed.
constexpr Query kReplaceHash{"directory.ReplacePasswordHash",
                             "UPDATE user_account SET password_hash = ?, version = version + 1 "
                             "WHERE user_id = ? AND password_hash = ?"};

constexpr Query kReadThrottle{"directory.ReadThrottle",
                              "SELECT failures, last_failed_at, blocked_until "
                              "FROM sign_in_throttle WHERE name_hash = ?"};
// Makes the row, so that the lock that follows has something to lock.
constexpr Query kTouchThrottle{
    "directory.TouchThrottle",
    "INSERT INTO sign_in_throttle (name_hash, failures, last_failed_at, blocked_until) "
    "VALUES (?, 0, ?, NULL) ON DUPLICATE KEY UPDATE name_hash = name_hash"};
constexpr Query kLockThrottle{"directory.LockThrottle",
                              "SELECT failures, last_failed_at, blocked_until "
                              "FROM sign_in_throttle WHERE name_hash = ? FOR UPDATE"};
constexpr Query kWriteThrottle{
    "directory.WriteThrottle",
    "UPDATE sign_in_throttle SET failures = ?, last_failed_at = ?, blocked_until = ? "
    "WHERE name_hash = ?"};
constexpr Query kForget{"directory.ForgetThrottle",
                        "DELETE FROM sign_in_throttle WHERE name_hash = ?"};
// Index: ix_sign_in_throttle__last_failed_at.
constexpr Query kPrune{"directory.PruneThrottles",
                       "DELETE FROM sign_in_throttle WHERE last_failed_at < ? "
                       "ORDER BY last_failed_at LIMIT ?"};

Account ToAccount(const Row& row) {
  const std::string roles = row.Text(6);
  return {.id = row.Id<UserId>(0),
          .user_name = row.Text(1),
          .password_hash = row.Text(2),
          .organization = row.Id<OrganizationId>(3),
          .practitioner = row.Id<PractitionerId>(4),
          .display_name = row.Text(5),
          .roles = absl::StrSplit(roles, ',', absl::SkipEmpty()),
          .disabled = row.Bool(7),
          .password_must_change = row.Bool(8),
          .not_before = row.OptionalTime(9).value_or(absl::InfinitePast())};
}

Throttle ToThrottle(const Row& row) {
  return {.failures = static_cast<int>(row.Int(0)),
          .last_failed_at = row.Time(1),
          .blocked_until = row.OptionalTime(2).value_or(absl::InfinitePast())};
}

Blob HashOf(const std::string& user_name) { return Blob{crypto::Sha256(user_name)}; }

}  // namespace

absl::Status MysqlAccountStore::Add(unit::Scope& scope, const Account& account) {
  RETURN_IF_ERROR(RequireOrganization(scope.sql(), account.organization));
  std::optional<base::Uuid> practitioner;
  if (!account.practitioner.is_nil()) {
    RETURN_IF_ERROR(
        RequirePractitioner(scope.sql(), account.practitioner, account.organization, scope.now()));
    practitioner = account.practitioner.uuid();
  }
  const auto inserted = scope.sql().Execute(
      kInsert, account.id, account.user_name, account.password_hash, account.organization,
      practitioner, account.display_name, absl::StrJoin(account.roles, ","), account.disabled,
      scope.now(), account.password_must_change);
  if (!inserted.ok()) {
    const std::string key = DuplicateKeyOf(inserted.status());
    if (key.empty()) return inserted.status();
    return errors::IdentifierTaken(key == "uq_user_account__user_name" ? "user_name" : "user_id");
  }
  scope.Subject("user", account.id.uuid(), base::Uuid());
  return AddFirstAffiliation(scope, account);
}

absl::Status MysqlAccountStore::SetPassword(unit::Scope& scope, UserId id, const std::string& hash,
                                            bool must_change) {
  ASSIGN_OR_RETURN(const int64_t matched, scope.sql().Execute(kSetPassword, hash, must_change, id));
  if (matched == 0) return errors::NotFound("user");
  scope.Subject("user", id.uuid(), base::Uuid());
  return absl::OkStatus();
}

absl::Status MysqlAccountStore::Enable(unit::Scope& scope, UserId id) {
  ASSIGN_OR_RETURN(const int64_t matched, scope.sql().Execute(kEnable, id));
  if (matched == 0) return errors::NotFound("user");
  scope.Subject("user", id.uuid(), base::Uuid());
  return absl::OkStatus();
}

absl::Status MysqlAccountStore::ForgetFailures(unit::Scope& scope, const std::string& user_name) {
  return scope.sql().Execute(kForget, HashOf(user_name)).status();
}

absl::StatusOr<absl::Time> MysqlAccountStore::Revoke(unit::Scope& scope, UserId id, bool disable) {
  ASSIGN_OR_RETURN(const std::optional<int64_t> version,
                   scope.sql().SelectOne<int64_t>(
                       kLockVersion, [](const Row& row) { return row.Int(0); }, id));
  if (!version) return errors::NotFound("user");
  RETURN_IF_ERROR(scope.sql().Execute(kRevoke, scope.now(), disable, id).status());
  scope.Append(events::Revoked(id, *version + 1, scope.now()));
  if (disable) scope.Append(events::Closed(id, *version + 1, scope.now()));
  scope.Subject("user", id.uuid(), base::Uuid());
  return scope.now();
}

absl::StatusOr<std::optional<Account>> MysqlAccountStore::FindByName(const std::string& user_name,
                                                                     absl::Time deadline) {
  std::optional<Account> found;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(found, session.SelectOne<Account>(kFindByName, ToAccount, user_name));
    return absl::OkStatus();
  }));
  return found;
}

absl::StatusOr<std::pair<Account, std::string>> MysqlAccountStore::Get(UserId id,
                                                                       absl::Time deadline) {
  using Named = std::pair<Account, std::string>;
  std::optional<Named> found;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(
        found, session.SelectOne<Named>(
                   kGet, [](const Row& row) { return Named(ToAccount(row), row.Text(10)); }, id));
    return absl::OkStatus();
  }));
  if (!found) return errors::NotFound("user");
  return *std::move(found);
}

absl::Status MysqlAccountStore::ReplaceHash(UserId id, const std::string& old_hash,
                                            const std::string& new_hash, absl::Time deadline) {
  return mysql::RunTransaction(
      pool_, {.name = "directory.ReplaceHash", .deadline = deadline}, [&](Session& session) {
        return session.Execute(kReplaceHash, new_hash, id, old_hash).status();
      });
}

absl::StatusOr<Throttle> MysqlAccountStore::ReadThrottle(const std::string& user_name,
                                                         absl::Time deadline) {
  std::optional<Throttle> found;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(found,
                     session.SelectOne<Throttle>(kReadThrottle, ToThrottle, HashOf(user_name)));
    return absl::OkStatus();
  }));
  return found.value_or(Throttle());
}

absl::StatusOr<Throttle> MysqlAccountStore::CountFailure(const ThrottleRules& rules,
                                                         const std::string& user_name,
                                                         absl::Time now, absl::Time deadline) {
  return mysql::RunTransactionFor<Throttle>(
      pool_,
      {.name = "directory.CountFailure",
       .deadline = deadline,
       // A failure that is counted twice delays a second longer; one that is lost helps a guesser.
       .was_committed = [](Session&) -> absl::StatusOr<bool> { return false; }},
      [&](Session& session) -> absl::StatusOr<Throttle> {
        RETURN_IF_ERROR(session.Execute(kTouchThrottle, HashOf(user_name), now).status());
        ASSIGN_OR_RETURN(const auto before,
                         session.SelectOne<Throttle>(kLockThrottle, ToThrottle, HashOf(user_name)));
        const Throttle after = AfterFailure(rules, before.value_or(Throttle()), now);
        std::optional<absl::Time> blocked_until;
        if (after.blocked_until != absl::InfinitePast()) blocked_until = after.blocked_until;
        RETURN_IF_ERROR(session
                            .Execute(kWriteThrottle, after.failures, after.last_failed_at,
                                     blocked_until, HashOf(user_name))
                            .status());
        return after;
      });
}

absl::Status MysqlAccountStore::ForgetFailures(const std::string& user_name, absl::Time deadline) {
  return mysql::RunTransaction(
      pool_, {.name = "directory.ForgetFailures", .deadline = deadline},
      [&](Session& session) { return session.Execute(kForget, HashOf(user_name)).status(); });
}

absl::StatusOr<int64_t> MysqlAccountStore::PruneThrottles(absl::Time last_failed_before, int limit,
                                                          absl::Time deadline) {
  return mysql::RunTransactionFor<int64_t>(
      pool_, {.name = "directory.PruneThrottles", .deadline = deadline},
      [&](Session& session) { return session.Execute(kPrune, last_failed_before, limit); });
}

}  // namespace yilian::directory
