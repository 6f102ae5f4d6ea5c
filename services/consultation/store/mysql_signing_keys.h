// Practitioners' signing keys, private halves under the field cipher, in the service's own schema.
#pragma once

#include <memory>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/crypto/field_cipher.h"
#include "common/mysql/pool.h"
#include "services/consultation/domain/ports.h"

namespace yilian::consultation {

// Thread-safe. A key is made at a practitioner's first signature; of two replicas that make one at
// once, the database keeps the first and both use it.
class MysqlSigningKeys : public SigningKeys {
 public:
  // Both outlive it.
  MysqlSigningKeys(mysql::Pool& pool, const crypto::FieldCipher& cipher)
      : pool_(pool), cipher_(cipher) {}
  absl::StatusOr<std::shared_ptr<const SigningKey>> KeyOf(PractitionerId practitioner,
                                                          absl::Time deadline) override;

 private:
  absl::StatusOr<std::shared_ptr<const SigningKey>> Load(PractitionerId practitioner,
                                                         absl::Time deadline);
  absl::Status Make(PractitionerId practitioner, absl::Time deadline);

  mysql::Pool& pool_;
  const crypto::FieldCipher& cipher_;
  absl::Mutex mutex_;
  absl::flat_hash_map<PractitionerId, std::shared_ptr<const SigningKey>> loaded_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace yilian::consultation
