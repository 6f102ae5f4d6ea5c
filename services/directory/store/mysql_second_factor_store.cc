#include "services/directory/store/mysql_second_factor_store.h"

#include <optional>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "common/mysql/transaction.h"
#include "common/unit/unit_of_work.h"
#include "services/directory/domain/errors.h"
#include "services/directory/store/duplicate.h"

namespace yilian::directory {
namespace {

using mysql::Blob;
using mysql::Query;
using mysql::Row;
using mysql::Session;

constexpr std::string_view kSecretColumn = "second_factor.secret";
constexpr std::string_view kPendingColumn = "second_factor.pending";

constexpr Query kRead{"directory.ReadSecondFactor",
                      "SELECT secret_cipher, last_step, recovery_used, pending_cipher, "
                      "pending_since, version FROM second_factor WHERE user_id = ?"};
constexpr Query kInsert{
    "directory.InsertSecondFactor",
    "INSERT INTO second_factor (secret_cipher, last_step, recovery_used, pending_cipher, "
    "pending_since, version, user_id) VALUES (?, ?, ?, ?, ?, 1, ?)"};
// The version decides between two who show one code at the same moment.
constexpr Query kUpdate{"directory.UpdateSecondFactor",
                        "UPDATE second_factor SET secret_cipher = ?, last_step = ?, "
                        "recovery_used = ?, pending_cipher = ?, pending_since = ?, "
                        "version = version + 1 WHERE user_id = ? AND version = ?"};
constexpr Query kDelete{"directory.DeleteSecondFactor",
                        "DELETE FROM second_factor WHERE user_id = ?"};

}  // namespace

absl::StatusOr<SecondFactor> MysqlSecondFactorStore::Read(Session& session, UserId user) const {
  SecondFactor factor{.user = user};
  std::string secret;
  std::string pending;
  RETURN_IF_ERROR(session.SelectValues(kRead, {user}, [&](const Row& row) {
    secret = row.IsNull(0) ? "" : row.Bytes(0);
    factor.last_step = row.Int(1);
    factor.recovery_used = static_cast<uint32_t>(row.Int(2));
    pending = row.IsNull(3) ? "" : row.Bytes(3);
    factor.pending_since = row.OptionalTime(4).value_or(absl::InfinitePast());
    factor.version = row.Int(5);
    return absl::OkStatus();
  }));
  if (!secret.empty()) {
    ASSIGN_OR_RETURN(factor.secret, cipher_.Decrypt({kSecretColumn, user.uuid()}, secret));
  }
  if (!pending.empty()) {
    ASSIGN_OR_RETURN(factor.pending, cipher_.Decrypt({kPendingColumn, user.uuid()}, pending));
  }
  return factor;
}

absl::Status MysqlSecondFactorStore::Write(Session& session, const SecondFactor& factor) const {
  std::optional<Blob> secret;
  std::optional<Blob> pending;
  std::optional<absl::Time> pending_since;
  if (!factor.secret.empty()) {
    ASSIGN_OR_RETURN(std::string sealed,
                     cipher_.Encrypt({kSecretColumn, factor.user.uuid()}, factor.secret));
    secret = Blob{std::move(sealed)};
  }
  if (!factor.pending.empty()) {
    ASSIGN_OR_RETURN(std::string sealed,
                     cipher_.Encrypt({kPendingColumn, factor.user.uuid()}, factor.pending));
    pending = Blob{std::move(sealed)};
    pending_since = factor.pending_since;
  }
  if (factor.version == 0) {
    const auto inserted = session.Execute(kInsert, secret, factor.last_step, factor.recovery_used,
                                          pending, pending_since, factor.user);
    if (inserted.ok() || DuplicateKeyOf(inserted.status()).empty()) return inserted.status();
    return errors::SecondFactorWrong();
  }
  ASSIGN_OR_RETURN(const int64_t matched,
                   session.Execute(kUpdate, secret, factor.last_step, factor.recovery_used, pending,
                                   pending_since, factor.user, factor.version));
  return matched == 1 ? absl::OkStatus() : errors::SecondFactorWrong();
}

absl::StatusOr<SecondFactor> MysqlSecondFactorStore::Get(UserId user, absl::Time deadline) {
  SecondFactor factor;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(factor, Read(session, user));
    return absl::OkStatus();
  }));
  return factor;
}

absl::Status MysqlSecondFactorStore::TakeIn(Session& session, UserId user, std::string_view code,
                                            absl::Time now) const {
  ASSIGN_OR_RETURN(const SecondFactor factor, Read(session, user));
  if (!factor.counts()) return absl::OkStatus();
  const std::optional<SecondFactor> after = AfterCode(factor, code, now);
  if (!after) return errors::SecondFactorWrong();
  return Write(session, *after);
}

absl::Status MysqlSecondFactorStore::Take(UserId user, std::string_view code, absl::Time now,
                                          absl::Time deadline) {
  return mysql::RunTransaction(pool_, {.name = "directory.TakeSecondFactor", .deadline = deadline},
                               [&](Session& session) { return TakeIn(session, user, code, now); });
}

absl::Status MysqlSecondFactorStore::Take(unit::Scope& scope, UserId user, std::string_view code) {
  return TakeIn(scope.sql(), user, code, scope.now());
}

absl::Status MysqlSecondFactorStore::Enrol(unit::Scope& scope, UserId user,
                                           const std::string& secret) {
  ASSIGN_OR_RETURN(SecondFactor factor, Read(scope.sql(), user));
  factor.pending = secret;
  factor.pending_since = scope.now();
  scope.Subject("user", user.uuid(), base::Uuid());
  return Write(scope.sql(), factor);
}

absl::Status MysqlSecondFactorStore::Confirm(unit::Scope& scope, UserId user,
                                             std::string_view code) {
  ASSIGN_OR_RETURN(const SecondFactor factor, Read(scope.sql(), user));
  if (!factor.IsPending(scope.now())) return errors::SecondFactorMissing();
  const std::optional<SecondFactor> after = AfterConfirmation(factor, code, scope.now());
  if (!after) return errors::SecondFactorWrong();
  scope.Subject("user", user.uuid(), base::Uuid());
  return Write(scope.sql(), *after);
}

absl::Status MysqlSecondFactorStore::Remove(unit::Scope& scope, UserId user) {
  scope.Subject("user", user.uuid(), base::Uuid());
  return scope.sql().Execute(kDelete, user).status();
}

}  // namespace yilian::directory
