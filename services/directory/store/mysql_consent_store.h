// ConsentStore on the table consent.
#pragma once

#include <vector>

#include "common/crypto/field_cipher.h"
#include "common/mysql/pool.h"
#include "common/mysql/session.h"
#include "services/directory/domain/consent.h"

namespace yilian::directory {

// Thread-safe; everything it is given outlives it.
class MysqlConsentStore : public ConsentStore {
 public:
  MysqlConsentStore(mysql::Pool& pool, const crypto::FieldCipher& cipher)
      : pool_(pool), cipher_(cipher) {}

  absl::Status Record(unit::Scope& scope, const Consent& consent, const Actor& actor) override;
  absl::StatusOr<Consent> Revoke(unit::Scope& scope, ConsentId id, std::string_view etag,
                                 const Actor& actor) override;
  absl::StatusOr<std::vector<Consent>> List(const ConsentsQuery& query, const Actor& actor,
                                            absl::Time now, absl::Time deadline) override;
  absl::StatusOr<bool> Allows(PatientId patient, OrganizationId organization,
                              ConsentPurpose purpose, absl::Time now, absl::Time deadline) override;

 private:
  absl::StatusOr<Consent> ToConsent(const mysql::Row& row) const;

  mysql::Pool& pool_;
  const crypto::FieldCipher& cipher_;
};

}  // namespace yilian::directory
