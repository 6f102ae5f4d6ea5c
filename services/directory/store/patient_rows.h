// The rows of patient and patient_identifier, opened and sealed field by field.
#pragma once

#include <optional>
#include <string>
#include <utility>
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
  // Most patients that are read at once.
  static constexpr int kBatch = 40;

  PatientRows(const crypto::FieldCipher& cipher, const crypto::BlindIndex& index)
      : cipher_(cipher), index_(index) {}

  // Nothing: no such patient. `issuer`: whose identifiers come along, besides the resident identity
  // number and cards; empty for none.
  absl::StatusOr<std::optional<Patient>> Read(mysql::Session& session, PatientId id,
                                              const std::string& issuer) const;
  // The same with the patient's row locked until the transaction ends.
  absl::StatusOr<std::optional<Patient>> Lock(mysql::Session& session, PatientId id,
                                              const std::string& issuer) const;
  // At most kBatch, without identifiers, in no order.
  absl::StatusOr<std::vector<Patient>> ReadBatch(mysql::Session& session,
                                                 const std::vector<PatientId>& ids) const;
  // Their identifiers of the issuers that `of_issuers` names; the others are not opened.
  absl::StatusOr<std::vector<std::pair<PatientId, Identifier>>> IdentifiersOfBatch(
      mysql::Session& session, const std::vector<PatientId>& ids,
      const std::vector<Identifier>& of_issuers) const;
  // With the identifiers of every issuer, for the matcher.
  absl::StatusOr<Patient> ReadWhole(mysql::Session& session, PatientId id) const;
  absl::Status Insert(mysql::Session& session, const Patient& patient, absl::Time now) const;
  // Of a merged record those of its survivor; nothing: no such patient. Opens no field.
  static absl::StatusOr<std::optional<PatientTraits>> ReadTraits(mysql::Session& session,
                                                                 PatientId id);

  // Who has the identifier.
  absl::StatusOr<std::optional<PatientId>> OwnerOf(mysql::Session& session,
                                                   const Identifier& identifier) const;
  // ALREADY_EXISTS (DUPLICATE_KEY) when somebody has it. Returns the row's id.
  absl::StatusOr<base::Uuid> InsertIdentifier(mysql::Session& session, PatientId patient,
                                              const Identifier& identifier, absl::Time now) const;
  absl::Status DeleteIdentifier(mysql::Session& session, const Identifier& identifier,
                                const base::Uuid& identifier_id) const;
  // Its value_index.
  std::string IndexOf(const Identifier& identifier) const;

 private:
  absl::StatusOr<std::optional<Patient>> ReadWith(mysql::Session& session,
                                                  const mysql::Query& query, PatientId id,
                                                  const std::string& issuer) const;
  absl::StatusOr<Patient> Open(const mysql::Row& row) const;
  absl::StatusOr<std::vector<Identifier>> IdentifiersOf(mysql::Session& session, PatientId patient,
                                                        const std::string& issuer) const;

  const crypto::FieldCipher& cipher_;
  const crypto::BlindIndex& index_;
};

}  // namespace yilian::directory
