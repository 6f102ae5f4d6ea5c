// The rows of patient_match_key and match_review: finding records that resemble a person, and
// keeping the pairs that somebody has to look at.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/crypto/field_cipher.h"
#include "common/mysql/session.h"
#include "services/directory/domain/matching.h"
#include "services/directory/domain/patient_index.h"
#include "services/directory/store/patient_rows.h"

namespace yilian::directory {

// Edition of the blocking rules; a record whose keys are of an older one gets new ones.
inline constexpr int kMatchRules = 1;

// A live record that resembles the person.
struct Resemblance {
  PatientId patient;
  Verdict verdict = Verdict::kDifferent;
  Comparison comparison;
};

// Immutable; threads share it. Everything it is given outlives it.
class MatchRows {
 public:
  MatchRows(const PatientRows& patients, const crypto::BlindIndex& index, const NameReader& names)
      : patients_(patients), index_(index), names_(names) {}

  const NameReader& names() const { return names_; }

  // Keys that are there already stay.
  absl::Status WriteKeys(mysql::Session& session, PatientId patient, const MatchFacts& facts) const;
  // Live records that are the same person's or may be (kSame, kReview), the likeliest first. A
  // record that was merged leads to its survivor and is compared by what it knew. At most
  // PatientRows::kBatch records that share the most keys are opened: the cost does not grow with
  // the table.
  absl::StatusOr<std::vector<Resemblance>> Find(mysql::Session& session,
                                                const MatchFacts& facts) const;
  // Adds a review unless the pair has one, whatever was decided. True when it is new.
  absl::StatusOr<bool> AddReview(mysql::Session& session, const MatchReview& review) const;

  // Gives the record its keys and a review beside each record that resembles it: for records of
  // before there were rules, and for two that were registered at the same moment. False: it needs
  // none.
  absl::StatusOr<bool> Settle(mysql::Session& session, PatientId patient, absl::Time now) const;

 private:
  const PatientRows& patients_;
  const crypto::BlindIndex& index_;
  const NameReader& names_;
};

}  // namespace yilian::directory
