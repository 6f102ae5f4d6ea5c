// AdmissionStore on the table admission.
#pragma once

#include "common/crypto/field_cipher.h"
#include "services/directory/domain/admission.h"

namespace yilian::directory {

// Thread-safe; `index` outlives it.
class MysqlAdmissionStore : public AdmissionStore {
 public:
  explicit MysqlAdmissionStore(const crypto::BlindIndex& index) : index_(index) {}

  absl::StatusOr<Admission> Admit(unit::Scope& scope, const Admission& admission,
                                  const Visit& visit, const Actor& actor) override;
  absl::StatusOr<Admission> Discharge(unit::Scope& scope, const Visit& visit,
                                      absl::Time at) override;

 private:
  const crypto::BlindIndex& index_;
};

}  // namespace yilian::directory
