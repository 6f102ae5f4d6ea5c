// SecondFactorStore on the table second_factor.
#pragma once

#include <string>

#include "common/crypto/field_cipher.h"
#include "common/mysql/pool.h"
#include "common/mysql/session.h"
#include "services/directory/domain/second_factor.h"

namespace yilian::directory {

// Thread-safe; everything it is given outlives it.
class MysqlSecondFactorStore : public SecondFactorStore {
 public:
  MysqlSecondFactorStore(mysql::Pool& pool, const crypto::FieldCipher& cipher)
      : pool_(pool), cipher_(cipher) {}

  absl::StatusOr<SecondFactor> Get(UserId user, absl::Time deadline) override;
  absl::Status Take(UserId user, std::string_view code, absl::Time now,
                    absl::Time deadline) override;
  absl::Status Take(unit::Scope& scope, UserId user, std::string_view code) override;
  absl::Status Enrol(unit::Scope& scope, UserId user, const std::string& secret) override;
  absl::Status Confirm(unit::Scope& scope, UserId user, std::string_view code) override;
  absl::Status Remove(unit::Scope& scope, UserId user) override;

 private:
  absl::StatusOr<SecondFactor> Read(mysql::Session& session, UserId user) const;
  // SECOND_FACTOR_WRONG when the factor changed since it was read: another call took a code.
  absl::Status Write(mysql::Session& session, const SecondFactor& factor) const;
  absl::Status TakeIn(mysql::Session& session, UserId user, std::string_view code,
                      absl::Time now) const;

  mysql::Pool& pool_;
  const crypto::FieldCipher& cipher_;
};

}  // namespace yilian::directory
