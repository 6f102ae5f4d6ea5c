#include "services/directory/store/mysql_patient_index.h"

#include <algorithm>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "common/mysql/transaction.h"
#include "common/unit/unit_of_work.h"
#include "services/directory/domain/errors.h"
#include "services/directory/store/care_relationships.h"
#include "services/directory/store/duplicate.h"
#include "services/directory/store/patient_merges.h"

namespace yilian::directory {
namespace {

using mysql::Query;
using mysql::Row;
using mysql::Session;

constexpr Query kTouch{"directory.TouchIdentified",
                       "UPDATE patient SET version = version + 1, updated_at = ? "
                       "WHERE patient_id = ?"};
constexpr Query kRemove{"directory.RemoveIdentifier",
                        "DELETE FROM patient_identifier WHERE issuer = ? AND value_index = ? "
                        "AND patient_id = ?"};
// Index: ix_match_review__state_due. A pair of which one was merged meanwhile has nothing to
// decide; it comes back if that is undone.
constexpr Query kDue{"directory.DueReviews",
                     "SELECT review_id, low_patient_id, high_patient_id, decibits, agreements, "
                     "state, due_at, created_at, decided_at, decided_by, version "
                     "FROM match_review r WHERE state = 'OPEN' AND due_at <= ? AND (due_at > ? OR "
                     "(due_at = ? AND review_id > ?)) AND NOT EXISTS (SELECT 1 FROM patient p "
                     "WHERE p.patient_id IN (r.low_patient_id, r.high_patient_id) "
                     "AND p.merged_into IS NOT NULL) ORDER BY due_at, review_id LIMIT ?"};
constexpr Query kRead{"directory.ReadReview",
                      "SELECT review_id, low_patient_id, high_patient_id, decibits, agreements, "
                      "state, due_at, created_at, decided_at, decided_by, version "
                      "FROM match_review WHERE review_id = ?"};
constexpr Query kLock{"directory.LockReview",
                      "SELECT review_id, low_patient_id, high_patient_id, decibits, agreements, "
                      "state, due_at, created_at, decided_at, decided_by, version "
                      "FROM match_review WHERE review_id = ? FOR UPDATE"};
constexpr Query kSave{"directory.SaveReview",
                      "UPDATE match_review SET state = ?, due_at = ?, decided_at = ?, "
                      "decided_by = ?, version = ? WHERE review_id = ? AND version = ?"};
// Index: uq_match_review__pair.
constexpr Query kKeepApart{"directory.KeepApart",
                           "UPDATE match_review SET state = 'DIFFERENT', decided_at = ?, "
                           "version = version + 1 WHERE low_patient_id = ? "
                           "AND high_patient_id = ?"};
constexpr Query kKnown{"directory.PatientIsKnown", "SELECT 1 FROM patient WHERE patient_id = ?"};
// Index: ix_patient__match_rules. Ids are in the order of their making.
constexpr Query kUnsettled{"directory.UnsettledPatients",
                           "SELECT patient_id FROM patient WHERE match_rules < ? "
                           "AND created_at < ? ORDER BY match_rules, patient_id LIMIT ?"};

absl::StatusOr<MatchReview> ReviewOf(const Row& row) {
  const auto state = ReviewStateFromName(row.Text(5));
  if (!state) return absl::InternalError("unknown review state is stored");
  return MatchReview{.id = row.Id<ReviewId>(0),
                     .low = row.Id<PatientId>(1),
                     .high = row.Id<PatientId>(2),
                     .decibits = row.Int(3),
                     .agreements = AgreementsFromText(row.Text(4)),
                     .state = *state,
                     .due_at = row.Time(6),
                     .created_at = row.Time(7),
                     .decided_at = row.OptionalTime(8),
                     .decided_by = row.Id(9),
                     .version = row.Int(10)};
}

absl::Status Save(Session& session, const MatchReview& review) {
  std::optional<base::Uuid> by;
  if (!review.decided_by.is_nil()) by = review.decided_by;
  ASSIGN_OR_RETURN(const int64_t matched,
                   session.Execute(kSave, Name(review.state), review.due_at, review.decided_at, by,
                                   review.version, review.id, review.version - 1));
  if (matched == 1) return absl::OkStatus();
  return absl::InternalError("a locked review changed under its lock");
}

}  // namespace

absl::StatusOr<Patient> MysqlPatientIndex::LockLive(Session& session, PatientId id,
                                                    const Actor& actor, absl::Time now) {
  if (!actor.is_service) {
    ASSIGN_OR_RETURN(const bool holds, care::Holds(session, id, actor.organization, now));
    if (!holds) return errors::NotFound("patient");
  }
  ASSIGN_OR_RETURN(const auto patient, rows_.Lock(session, id, ""));
  if (!patient) return errors::NotFound("patient");
  if (!patient->merged_into.is_nil()) return errors::PatientMerged(patient->merged_into);
  return *patient;
}

absl::Status MysqlPatientIndex::AddIdentifier(unit::Scope& scope, PatientId id,
                                              const Identifier& identifier, const Actor& actor) {
  Session& session = scope.sql();
  ASSIGN_OR_RETURN(const Patient patient, LockLive(session, id, actor, scope.now()));
  scope.Subject("patient", id.uuid(), id.uuid());
  absl::Status inserted =
      rows_.InsertIdentifier(session, patient.id, identifier, scope.now()).status();
  if (inserted.ok()) return session.Execute(kTouch, scope.now(), id).status();
  if (DuplicateKeyOf(inserted).empty()) return inserted;
  ASSIGN_OR_RETURN(const auto owner, rows_.OwnerOf(session, identifier));
  if (!owner) return errors::Contention();  // removed in between
  if (*owner != id) return errors::IdentifierTaken("identifier");
  return absl::OkStatus();
}

absl::Status MysqlPatientIndex::RemoveIdentifier(unit::Scope& scope, PatientId id,
                                                 const Identifier& identifier, const Actor& actor) {
  Session& session = scope.sql();
  RETURN_IF_ERROR(LockLive(session, id, actor, scope.now()).status());
  ASSIGN_OR_RETURN(
      const int64_t removed,
      session.Execute(kRemove, identifier.issuer, mysql::Blob{rows_.IndexOf(identifier)}, id));
  if (removed == 0) return errors::NotFound("identifier");
  scope.Subject("patient", id.uuid(), id.uuid());
  return session.Execute(kTouch, scope.now(), id).status();
}

absl::StatusOr<std::vector<MatchReview>> MysqlPatientIndex::DueReviews(
    absl::Time now, std::optional<ReviewKey> after, int limit, absl::Time deadline) {
  const ReviewKey from = after.value_or(ReviewKey{.due_at = absl::UnixEpoch()});
  std::vector<MatchReview> due;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(due, session.SelectAll<MatchReview>(kDue, ReviewOf, now, from.due_at,
                                                         from.due_at, from.id, limit));
    return absl::OkStatus();
  }));
  return due;
}

absl::StatusOr<MatchReview> MysqlPatientIndex::GetReview(ReviewId id, absl::Time deadline) {
  std::optional<MatchReview> found;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(found, session.SelectOne<MatchReview>(kRead, ReviewOf, id));
    return absl::OkStatus();
  }));
  if (!found) return errors::NotFound("review");
  return *std::move(found);
}

absl::StatusOr<MatchReview> MysqlPatientIndex::DecideReview(unit::Scope& scope,
                                                            const ReviewDecision& decision) {
  Session& session = scope.sql();
  ASSIGN_OR_RETURN(const auto review,
                   session.SelectOne<MatchReview>(kLock, ReviewOf, decision.review));
  if (!review) return errors::NotFound("review");
  ASSIGN_OR_RETURN(const MatchReview next, Decide(*review, decision, scope.now()));
  RETURN_IF_ERROR(Save(session, next));
  if (next.state != ReviewState::kSame) {
    scope.Subject("match_review", next.id.uuid(), next.low.uuid());
    scope.Subject("match_review", next.id.uuid(), next.high.uuid());
    return next;
  }
  // Locked in the order of their ids, as every merge does.
  ASSIGN_OR_RETURN(const auto low, rows_.Lock(session, next.low, ""));
  ASSIGN_OR_RETURN(const auto high, rows_.Lock(session, next.high, ""));
  if (!low || !high) return errors::NotFound("patient");
  const Patient& survivor = decision.survivor == low->id ? *low : *high;
  const Patient& merged = decision.survivor == low->id ? *high : *low;
  RETURN_IF_ERROR(CheckMerge(survivor, merged));
  RETURN_IF_ERROR(merges::Merge(scope, survivor, merged));
  return next;
}

absl::StatusOr<std::vector<PatientMerge>> MysqlPatientIndex::MergesOf(PatientId patient,
                                                                      absl::Time deadline) {
  bool known = false;
  std::vector<PatientMerge> found;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(const auto row, session.SelectOne<bool>(
                                         kKnown, [](const Row&) { return true; }, patient));
    known = row.has_value();
    ASSIGN_OR_RETURN(found, merges::OfPatient(session, patient));
    return absl::OkStatus();
  }));
  if (!known) return errors::NotFound("patient");
  return found;
}

absl::StatusOr<PatientMerge> MysqlPatientIndex::Unmerge(unit::Scope& scope, MergeId id) {
  Session& session = scope.sql();
  ASSIGN_OR_RETURN(auto merge, merges::Lock(session, id));
  if (!merge) return errors::NotFound("merge");
  if (merge->undone_at) return errors::MergeUndone();
  // Locked in the order of their ids, as every merge does.
  ASSIGN_OR_RETURN(const auto low,
                   rows_.Lock(session, std::min(merge->survivor, merge->merged), ""));
  ASSIGN_OR_RETURN(const auto high,
                   rows_.Lock(session, std::max(merge->survivor, merge->merged), ""));
  if (!low || !high) return errors::NotFound("patient");
  const Patient& survivor = merge->survivor == low->id ? *low : *high;
  if (!survivor.merged_into.is_nil()) {
    ASSIGN_OR_RETURN(const auto later, merges::StandingMergeOf(session, survivor.id));
    return errors::MergeCovered(later ? later->uuid() : base::Uuid());
  }
  RETURN_IF_ERROR(merges::Undo(scope, *merge, survivor.version));
  MatchReview review = NewReview(merge->survivor, merge->merged, {}, scope.now());
  review.state = ReviewState::kDifferent;
  ASSIGN_OR_RETURN(const bool added, matches_.AddReview(session, review));
  if (!added) {
    RETURN_IF_ERROR(session.Execute(kKeepApart, scope.now(), review.low, review.high).status());
  }
  merge->undone_at = scope.now();
  return *merge;
}

absl::StatusOr<int> MysqlPatientIndex::SettleSome(absl::Time made_before, int limit, absl::Time now,
                                                  absl::Time deadline) {
  std::vector<PatientId> unsettled;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(unsettled, session.SelectAll<PatientId>(
                                    kUnsettled, [](const Row& row) { return row.Id<PatientId>(0); },
                                    kMatchRules, made_before, limit));
    return absl::OkStatus();
  }));
  int settled = 0;
  for (const PatientId patient : unsettled) {
    // One record whose key is gone keeps no other from its turn.
    const absl::Status one = mysql::RunTransaction(
        pool_, {.name = "directory.SettlePatient", .deadline = deadline},
        [&](Session& session) { return matches_.Settle(session, patient, now).status(); });
    if (one.ok()) ++settled;
  }
  return settled;
}

}  // namespace yilian::directory
