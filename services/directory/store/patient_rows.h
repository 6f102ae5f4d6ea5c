// The rows of patient and patient_identifier, opened and sealed field by field.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/crypto/field_cipher.h"
#include "common/mysql/session.h"
#include "services/directory/domain/patient.h"

namespace yilian::directory {

// Immutable; threads share it. The keys outlive it.
class PatientRows {
 public:
  PatientRows(const crypto::FieldCipher& cipher, const crypto::BlindIndex& index)
      : cipher_(cipher), index_(index) {}

  // Nothing: no such patient. `issuer`: whose identifiers come along, besides the resident identity
  // number; empty for none.
  absl::StatusOr<std::optional<Patient>> Read(mysql::Session& session, PatientId id,
                                              const std::string& issuer) const;
  // The same with the patient's row locked until the transaction ends.
  absl::StatusOr<std::optional<Patient>> Lock(mysql::Session& session, PatientId id,
                                              const std::string& issuer) const;
  absl::Status Insert(mysql::Session& session, const Patient& patient, absl::Time now) const;

  // Who has the identifier.
  absl::StatusOr<std::optional<PatientId>> OwnerOf(mysql::Session& session,
                                                   const Identifier& identifier) const;
  // ALREADY_EXISTS (DUPLICATE_KEY) when somebody has it. Returns the row's id.
  absl::StatusOr<base::Uuid> InsertIdentifier(mysql::Session& session, PatientId patient,
                                              const Identifier& identifier, absl::Time now) const;
  absl::Status DeleteIdentifier(mysql::Session& session, const Identifier& identifier,
                                const base::Uuid& identifier_id) const;

 private:
  absl::StatusOr<std::optional<Patient>> ReadWith(mysql::Session& session,
                                                  const mysql::Query& query, PatientId id,
                                                  const std::string& issuer) const;
  absl::StatusOr<Patient> Open(const mysql::Row& row) const;
  absl::StatusOr<std::vector<Identifier>> IdentifiersOf(mysql::Session& session, PatientId patient,
                                                        const std::string& issuer) const;
  std::string IndexOf(const Identifier& identifier) const;

  const crypto::FieldCipher& cipher_;
  const crypto::BlindIndex& index_;
};

}  // namespace yilian::directory
