// AffiliationStore on the table user_affiliation.
#pragma once

#include <vector>

#include "common/mysql/pool.h"
#include "services/directory/domain/account.h"
#include "services/directory/domain/affiliation.h"

namespace yilian::directory {

// Thread-safe; `pool` outlives it.
class MysqlAffiliationStore : public AffiliationStore {
 public:
  explicit MysqlAffiliationStore(mysql::Pool& pool) : pool_(pool) {}

  absl::StatusOr<std::vector<Affiliation>> ListOf(UserId user, absl::Time deadline) override;
  absl::StatusOr<Affiliation> Add(unit::Scope& scope, Affiliation affiliation) override;
  absl::StatusOr<Affiliation> End(unit::Scope& scope, UserId user, AffiliationId id,
                                  absl::Time ends_at) override;

 private:
  mysql::Pool& pool_;
};

// The affiliation that an account is opened with.
absl::Status AddFirstAffiliation(unit::Scope& scope, const Account& account);

}  // namespace yilian::directory
