// PractitionerStore on the tables practitioner and practitioner_*.
#pragma once

#include <string>
#include <vector>

#include "common/crypto/field_cipher.h"
#include "common/mysql/pool.h"
#include "common/mysql/session.h"
#include "services/directory/domain/practitioner.h"

namespace yilian::directory {

// Numbers of certificates are sealed, and found by a blind index. Thread-safe; pool and keys
// outlive it.
class MysqlPractitionerStore : public PractitionerStore {
 public:
  MysqlPractitionerStore(mysql::Pool& pool, const crypto::FieldCipher& cipher,
                         const crypto::BlindIndex& index)
      : pool_(pool), cipher_(cipher), index_(index) {}

  absl::StatusOr<Practitioner> Award(unit::Scope& scope, PractitionerId id, int64_t version,
                                     const TitleAward& award) override;
  absl::StatusOr<QualificationChange> Record(unit::Scope& scope, int64_t version,
                                             const Qualification& qualification) override;
  absl::StatusOr<QualificationChange> EndQualification(unit::Scope& scope, PractitionerId id,
                                                       int64_t version,
                                                       QualificationId qualification,
                                                       absl::CivilDay last,
                                                       QualificationEnd end) override;
  absl::StatusOr<PracticeChange> Begin(unit::Scope& scope, int64_t version,
                                       const Practice& practice) override;
  absl::StatusOr<PracticeChange> EndPractice(unit::Scope& scope, PractitionerId id, int64_t version,
                                             PracticeId practice, absl::Time ended_at) override;
  absl::StatusOr<PractitionerProfile> Profile(PractitionerId id, absl::Time deadline) override;
  absl::StatusOr<std::vector<Practitioner>> List(const PractitionersQuery& query,
                                                 absl::Time deadline) override;
  absl::StatusOr<Practitioner> Find(QualificationKind kind, const std::string& number,
                                    absl::Time deadline) override;

 private:
  std::string IndexOf(QualificationKind kind, const std::string& number) const;
  // The certificate's id, which is new unless the practitioner has recorded it before.
  absl::StatusOr<base::Uuid> Certify(mysql::Session& session, const Qualification& qualification,
                                     absl::Time now) const;
  // The latest first.
  absl::StatusOr<std::vector<Qualification>> QualificationsOf(mysql::Session& session,
                                                              PractitionerId id) const;

  mysql::Pool& pool_;
  const crypto::FieldCipher& cipher_;
  const crypto::BlindIndex& index_;
};

}  // namespace yilian::directory
