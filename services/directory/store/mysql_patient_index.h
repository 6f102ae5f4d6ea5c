// PatientIndex on the tables match_review and patient_merge.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/crypto/field_cipher.h"
#include "common/mysql/pool.h"
#include "common/mysql/session.h"
#include "services/directory/domain/patient_index.h"
#include "services/directory/store/match_rows.h"
#include "services/directory/store/patient_rows.h"

namespace yilian::directory {

// Thread-safe; everything it is given outlives it.
class MysqlPatientIndex : public PatientIndex {
 public:
  MysqlPatientIndex(mysql::Pool& pool, const crypto::FieldCipher& cipher,
                    const crypto::BlindIndex& index, const NameReader& names)
      : pool_(pool), rows_(cipher, index), matches_(rows_, index, names) {}

  absl::Status AddIdentifier(unit::Scope& scope, PatientId patient, const Identifier& identifier,
                             const Actor& actor) override;
  absl::Status RemoveIdentifier(unit::Scope& scope, PatientId patient, const Identifier& identifier,
                                const Actor& actor) override;
  absl::StatusOr<std::vector<MatchReview>> DueReviews(absl::Time now,
                                                      std::optional<ReviewKey> after, int limit,
                                                      absl::Time deadline) override;
  absl::StatusOr<MatchReview> GetReview(ReviewId id, absl::Time deadline) override;
  absl::StatusOr<MatchReview> DecideReview(unit::Scope& scope,
                                           const ReviewDecision& decision) override;
  absl::StatusOr<std::vector<PatientMerge>> MergesOf(PatientId patient,
                                                     absl::Time deadline) override;
  absl::StatusOr<PatientMerge> Unmerge(unit::Scope& scope, MergeId merge) override;

  // Settles at most `limit` records that were made before `made_before` (MatchRows::Settle), each
  // in a transaction of its own. How many it settled.
  absl::StatusOr<int> SettleSome(absl::Time made_before, int limit, absl::Time now,
                                 absl::Time deadline);

 private:
  absl::StatusOr<Patient> LockLive(mysql::Session& session, PatientId id, const Actor& actor,
                                   absl::Time now);

  mysql::Pool& pool_;
  const PatientRows rows_;
  const MatchRows matches_;
};

}  // namespace yilian::directory
