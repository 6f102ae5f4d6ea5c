// AdmissionStore on the table admission.
#pragma once

#include "common/crypto/field_cipher.h"
#include "services/directory/domain/admission.h"

namespace yilian::directory {

// Thread-safe; `index` outlives it.
class MysqlAdmissionStore : public AdmissionStore {
 public:
  explicit MysqlAdmissionStore(const crypto::BlindIndex& index) : index_(index) {}

  absl::StatusOr<Admission> Hear(unit::Scope& scope, const StayNews& news,
                                 const Actor& actor) override;

 private:
  absl::StatusOr<Admission> HearFirst(unit::Scope& scope, const StayNews& news);

  const crypto::BlindIndex& index_;
};

}  // namespace yilian::directory
