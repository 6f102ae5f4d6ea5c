// The patient index: pairs of records that may be one person, merges and their undoing.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/directory/domain/matching.h"
#include "services/directory/domain/patient.h"

namespace yilian::directory {

using ReviewId = base::Id<struct ReviewTag>;
using MergeId = base::Id<struct MergeTag>;

// Numbers are those of the proto's enum.
enum class ReviewState { kOpen = 1, kSame, kDifferent };

// Two records that may be one person. A pair has one review, for ever.
struct MatchReview {
  ReviewId id;
  PatientId low;  // the lower id of the two
  PatientId high;
  int64_t decibits = 0;
  std::vector<FieldAgreement> agreements;  // without their bits
  ReviewState state = ReviewState::kOpen;
  absl::Time due_at;  // since when it waits, or until when it was put off
  absl::Time created_at;
  std::optional<absl::Time> decided_at;
  base::Uuid decided_by;  // nil: nobody yet
  int64_t version = 1;
};

MatchReview NewReview(PatientId a, PatientId b, const Comparison& comparison, absl::Time at);

struct ReviewDecision {
  ReviewId review;
  int64_t version = 0;                     // that the decision is about
  ReviewState state = ReviewState::kOpen;  // kOpen: put off
  PatientId survivor;                      // for kSame
  int64_t defer_days = 0;                  // for kOpen
  base::Uuid by;
};

// The review after the decision. ETAG_STALE, REVIEW_DECIDED, FIELD_INVALID.
absl::StatusOr<MatchReview> Decide(const MatchReview& review, const ReviewDecision& decision,
                                   absl::Time at);

struct PatientMerge {
  MergeId id;
  PatientId survivor;
  PatientId merged;
  absl::Time merged_at;
  std::optional<absl::Time> undone_at;
};

// "EQUAL"; "BIRTH_DATE=CLOSE,SEX=EQUAL": how a review keeps what agreed.
std::string_view Name(MatchField field);
std::string_view Name(Agreement agreement);
std::string_view Name(ReviewState state);
std::optional<ReviewState> ReviewStateFromName(std::string_view name);
std::string TextOf(const std::vector<FieldAgreement>& agreements);
std::vector<FieldAgreement> AgreementsFromText(std::string_view text);

// What an organization adds to a patient or takes away: an identifier of its own, or of a card. The
// identifier in its normal form. FIELD_INVALID.
absl::StatusOr<Identifier> NormalOwnIdentifier(const Identifier& identifier, const Actor& actor);

// Where pairs and merges are kept. Writes run in the transaction of their scope. Thread-safe.
class PatientIndex {
 public:
  struct ReviewKey {  // of the worklist's last row
    absl::Time due_at;
    ReviewId id;
  };
  virtual ~PatientIndex() = default;
  // NOT_FOUND, PATIENT_MERGED, IDENTIFIER_TAKEN.
  virtual absl::Status AddIdentifier(unit::Scope& scope, PatientId patient,
                                     const Identifier& identifier, const Actor& actor) = 0;
  // NOT_FOUND, PATIENT_MERGED.
  virtual absl::Status RemoveIdentifier(unit::Scope& scope, PatientId patient,
                                        const Identifier& identifier, const Actor& actor) = 0;

  // Open reviews that are due at `now`, the one that waits longest first.
  virtual absl::StatusOr<std::vector<MatchReview>> DueReviews(absl::Time now,
                                                              std::optional<ReviewKey> after,
                                                              int limit, absl::Time deadline) = 0;
  // NOT_FOUND.
  virtual absl::StatusOr<MatchReview> GetReview(ReviewId id, absl::Time deadline) = 0;
  // Errors of Decide and, for kSame, of PatientStore::Merge.
  virtual absl::StatusOr<MatchReview> DecideReview(unit::Scope& scope,
                                                   const ReviewDecision& decision) = 0;

  // Latest first, at most 100. NOT_FOUND for a patient that nobody knows.
  virtual absl::StatusOr<std::vector<PatientMerge>> MergesOf(PatientId patient,
                                                             absl::Time deadline) = 0;
  // NOT_FOUND, MERGE_UNDONE, MERGE_COVERED.
  virtual absl::StatusOr<PatientMerge> Unmerge(unit::Scope& scope, MergeId merge) = 0;
};

}  // namespace yilian::directory
