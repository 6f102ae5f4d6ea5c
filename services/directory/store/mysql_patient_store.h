// PatientStore on the tables patient and patient_identifier.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/crypto/field_cipher.h"
#include "common/mysql/pool.h"
#include "common/mysql/session.h"
#include "services/directory/domain/patient.h"
#include "services/directory/store/match_rows.h"
#include "services/directory/store/patient_rows.h"

namespace yilian::directory {

// Thread-safe; everything it is given outlives it.
class MysqlPatientStore : public PatientStore {
 public:
  MysqlPatientStore(mysql::Pool& pool, const crypto::FieldCipher& cipher,
                    const crypto::BlindIndex& index, const NameReader& names)
      : pool_(pool), rows_(cipher, index), matches_(rows_, index, names) {}

  absl::StatusOr<Registration> Register(unit::Scope& scope,
                                        const RegisterPatient& command) override;
  absl::Status Merge(unit::Scope& scope, const MergePatients& command, const Actor& actor) override;
  absl::StatusOr<Patient> Get(PatientId id, const Actor& actor, absl::Time now,
                              absl::Time deadline) override;
  absl::StatusOr<Patient> Find(const Identifier& identifier, const Actor& actor, absl::Time now,
                               absl::Time deadline) override;
  absl::StatusOr<bool> MaySee(PatientId id, const Actor& reader, absl::Time now,
                              absl::Time deadline) override;
  absl::StatusOr<PatientTraits> TraitsOf(PatientId id, absl::Time deadline) override;

 private:
  // One try at giving all identifiers to one patient; nothing when another writer came between.
  absl::StatusOr<std::optional<Registration>> Claim(unit::Scope& scope,
                                                    const RegisterPatient& command,
                                                    const std::vector<Identifier>& identifiers);
  // A new record with its keys, and a review beside each record that it resembles; nothing when
  // another writer came between.
  absl::StatusOr<std::optional<Registration>> Create(unit::Scope& scope,
                                                     const RegisterPatient& command,
                                                     const std::vector<Identifier>& identifiers,
                                                     const MatchFacts& facts,
                                                     const std::vector<Resemblance>& like);
  // Inserts what `owner` lacks; false, and nothing left behind, when another writer was faster.
  absl::StatusOr<bool> InsertMissing(unit::Scope& scope, PatientId owner,
                                     const std::vector<Identifier>& missing);
  absl::StatusOr<Patient> LockRelated(mysql::Session& session, PatientId id, const Actor& actor,
                                      absl::Time now);

  mysql::Pool& pool_;
  const PatientRows rows_;
  const MatchRows matches_;
};

}  // namespace yilian::directory
