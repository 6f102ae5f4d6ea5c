// AccountStore on the tables user_account and sign_in_throttle.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/mysql/pool.h"
#include "services/directory/domain/account.h"

namespace yilian::directory {

// Thread-safe; `pool` outlives it.
class MysqlAccountStore : public AccountStore {
 public:
  explicit MysqlAccountStore(mysql::Pool& pool) : pool_(pool) {}

  absl::Status Add(unit::Scope& scope, const Account& account) override;
  absl::StatusOr<absl::Time> Revoke(unit::Scope& scope, UserId id, bool disable) override;
  absl::StatusOr<std::optional<Account>> FindByName(const std::string& user_name,
                                                    absl::Time deadline) override;
  absl::StatusOr<std::pair<Account, std::string>> Get(UserId id, absl::Time deadline) override;
  absl::Status SetPassword(unit::Scope& scope, UserId id, const std::string& hash,
                           bool must_change) override;
  absl::Status Enable(unit::Scope& scope, UserId id) override;
  absl::Status ReplaceHash(UserId id, const std::string& old_hash, const std::string& new_hash,
                           absl::Time deadline) override;
  absl::StatusOr<Throttle> ReadThrottle(const std::string& user_name, absl::Time deadline) override;
  absl::StatusOr<Throttle> CountFailure(const ThrottleRules& rules, const std::string& user_name,
                                        absl::Time now, absl::Time deadline) override;
  absl::Status ForgetFailures(unit::Scope& scope, const std::string& user_name) override;
  absl::Status ForgetFailures(const std::string& user_name, absl::Time deadline) override;
  absl::StatusOr<int64_t> PruneThrottles(absl::Time last_failed_before, int limit,
                                         absl::Time deadline) override;

 private:
  mysql::Pool& pool_;
};

}  // namespace yilian::directory
