#include "services/directory/store/patient_merges.h"

#include <algorithm>
#include <string_view>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "services/directory/domain/care.h"
#include "services/directory/domain/errors.h"
#include "services/directory/store/care_relationships.h"
#include "services/directory/store/events.h"

namespace yilian::directory::merges {
namespace {

using mysql::Query;
using mysql::Row;
using mysql::Session;

// A table whose rows go to the survivor: noted first, locked, so that the undo knows them.
struct Moved {
  Query note;
  Query move;
  Query move_back;
};
constexpr Moved kMoved[] = {
    // Index: ix_patient_identifier__patient_issuer.
    {{"directory.NoteIdentifiers",
      "INSERT INTO patient_merge_row (merge_id, kind, row_id) SELECT ?, 'IDENTIFIER', "
      "identifier_id FROM patient_identifier WHERE patient_id = ? FOR UPDATE"},
     {"directory.MoveIdentifiers",
      "UPDATE patient_identifier SET patient_id = ? WHERE patient_id = ?"},
     {"directory.MoveIdentifiersBack",
      "UPDATE patient_identifier t JOIN patient_merge_row r ON r.merge_id = ? "
      "AND r.kind = 'IDENTIFIER' AND r.row_id = t.identifier_id SET t.patient_id = ? "
      "WHERE t.patient_id = ?"}},
    // Index: ix_contract__patient.
    {{"directory.NoteContracts",
      "INSERT INTO patient_merge_row (merge_id, kind, row_id) SELECT ?, 'CONTRACT', contract_id "
      "FROM contract WHERE patient_id = ? FOR UPDATE"},
     {"directory.MoveContracts",
      "UPDATE contract SET patient_id = ?, version = version + 1 WHERE patient_id = ?"},
     {"directory.MoveContractsBack",
      "UPDATE contract t JOIN patient_merge_row r ON r.merge_id = ? AND r.kind = 'CONTRACT' "
      "AND r.row_id = t.contract_id SET t.patient_id = ?, t.version = t.version + 1 "
      "WHERE t.patient_id = ?"}},
    // Index: ix_patient__merged_into. Records merged earlier follow: merged_into is one step.
    {{"directory.NoteFollowers",
      "INSERT INTO patient_merge_row (merge_id, kind, row_id) SELECT ?, 'FOLLOWER', patient_id "
      "FROM patient WHERE merged_into = ? FOR UPDATE"},
     {"directory.MoveFollowers",
      "UPDATE patient SET merged_into = ?, version = version + 1 WHERE merged_into = ?"},
     {"directory.MoveFollowersBack",
      "UPDATE patient t JOIN patient_merge_row r ON r.merge_id = ? AND r.kind = 'FOLLOWER' "
      "AND r.row_id = t.patient_id SET t.merged_into = ?, t.version = t.version + 1 "
      "WHERE t.merged_into = ?"}},
};

constexpr Query kNoteCopy{
    "directory.NoteCareCopy",
    "INSERT INTO patient_merge_row (merge_id, kind, row_id) VALUES (?, 'CARE', ?)"};
constexpr Query kMerge{"directory.MergePatient",
                       "UPDATE patient SET merged_into = ?, version = version + 1, updated_at = ? "
                       "WHERE patient_id = ?"};
constexpr Query kTouch{"directory.TouchMergedPatient",
                       "UPDATE patient SET version = version + 1, updated_at = ? "
                       "WHERE patient_id = ?"};
constexpr Query kInsert{"directory.InsertMerge",
                        "INSERT INTO patient_merge (merge_id, survivor_id, merged_id, "
                        "live_merged_id, merged_at) VALUES (?, ?, ?, ?, ?)"};
// Indexes: uq_match_review__pair, ix_match_review__high.
constexpr Query kDoubtful{
    "directory.DoubtfulWith",
    "SELECT low_patient_id FROM match_review WHERE high_patient_id = ? AND state = 'OPEN' UNION "
    "SELECT high_patient_id FROM match_review WHERE low_patient_id = ? AND state = 'OPEN'"};
constexpr Query kUnsettle{"directory.UnsettlePatient",
                          "UPDATE patient SET match_rules = 0 WHERE patient_id = ?"};
constexpr Query kUndo{"directory.UndoMerge",
                      "UPDATE patient_merge SET live_merged_id = NULL, undone_at = ? "
                      "WHERE merge_id = ?"};
constexpr Query kLock{"directory.LockMerge",
                      "SELECT merge_id, survivor_id, merged_id, merged_at, undone_at "
                      "FROM patient_merge WHERE merge_id = ? FOR UPDATE"};
// Indexes: ix_patient_merge__survivor, ix_patient_merge__merged.
constexpr Query kOfPatient{
    "directory.MergesOfPatient",
    "(SELECT merge_id, survivor_id, merged_id, merged_at, undone_at FROM patient_merge "
    "WHERE survivor_id = ? ORDER BY merge_id DESC LIMIT 100) UNION "
    "(SELECT merge_id, survivor_id, merged_id, merged_at, undone_at FROM patient_merge "
    "WHERE merged_id = ? ORDER BY merge_id DESC LIMIT 100) ORDER BY merge_id DESC LIMIT 100"};
// Index: uq_patient_merge__live_merged.
constexpr Query kStanding{"directory.StandingMerge",
                          "SELECT merge_id FROM patient_merge WHERE live_merged_id = ?"};
// What carers of the merged record see of the survivor: the copies of the merge, and what was
// opened for both since then. Index: uq_care_relationship__reason, prefix.
constexpr Query kBorrowed{
    "directory.BorrowedCare",
    "SELECT c.care_relationship_id, c.organization_id, c.source, c.source_id, c.started_at, "
    "c.version FROM care_relationship c WHERE c.patient_id = ? "
    "AND (c.ends_at IS NULL OR c.ends_at > ?) AND (EXISTS (SELECT 1 FROM patient_merge_row r "
    "WHERE r.merge_id = ? AND r.kind = 'CARE' AND r.row_id = c.care_relationship_id) "
    "OR (c.started_at >= ? AND EXISTS (SELECT 1 FROM care_relationship m "
    "WHERE m.patient_id = ? AND m.organization_id = c.organization_id AND m.source = c.source "
    "AND m.source_id = c.source_id))) FOR UPDATE"};
constexpr Query kEndCare{"directory.EndBorrowedCare",
                         "UPDATE care_relationship SET ends_at = ?, version = version + 1 "
                         "WHERE care_relationship_id = ?"};

absl::StatusOr<PatientMerge> MergeOf(const Row& row) {
  return PatientMerge{.id = row.Id<MergeId>(0),
                      .survivor = row.Id<PatientId>(1),
                      .merged = row.Id<PatientId>(2),
                      .merged_at = row.Time(3),
                      .undone_at = row.OptionalTime(4)};
}

absl::StatusOr<std::vector<OrganizationId>> CarersOf(Session& session, PatientId a, PatientId b,
                                                     absl::Time now) {
  ASSIGN_OR_RETURN(std::vector<OrganizationId> all, care::OrganizationsOf(session, a, now));
  ASSIGN_OR_RETURN(const std::vector<OrganizationId> others,
                   care::OrganizationsOf(session, b, now));
  for (const OrganizationId other : others) {
    if (std::find(all.begin(), all.end(), other) == all.end()) all.push_back(other);
  }
  return all;
}

absl::Status EndBorrowed(unit::Scope& scope, const PatientMerge& merge) {
  Session& session = scope.sql();
  ASSIGN_OR_RETURN(const std::vector<CareRelationship> borrowed,
                   session.SelectAll<CareRelationship>(
                       kBorrowed,
                       [&](const Row& row) -> absl::StatusOr<CareRelationship> {
                         const auto source = CareSourceFromName(row.Text(2));
                         if (!source) return absl::InternalError("unknown care source is stored");
                         return CareRelationship{.id = row.Id(0),
                                                 .patient = merge.survivor,
                                                 .organization = row.Id<OrganizationId>(1),
                                                 .source = *source,
                                                 .source_id = row.Id(3),
                                                 .started_at = row.Time(4),
                                                 .ends_at = scope.now(),
                                                 .version = row.Int(5) + 1};
                       },
                       merge.survivor, scope.now(), merge.id, merge.merged_at, merge.merged));
  for (const CareRelationship& one : borrowed) {
    RETURN_IF_ERROR(session.Execute(kEndCare, scope.now(), one.id).status());
    scope.Append(events::Ended(one, scope.now()));
  }
  return absl::OkStatus();
}

// Whoever may have been the merged record's person may now be the survivor's: looked at again.
absl::Status UnsettleDoubtful(Session& session, PatientId merged) {
  ASSIGN_OR_RETURN(
      const std::vector<PatientId> doubtful,
      session.SelectAll<PatientId>(
          kDoubtful, [](const Row& row) { return row.Id<PatientId>(0); }, merged, merged));
  for (const PatientId one : doubtful) {
    RETURN_IF_ERROR(session.Execute(kUnsettle, one).status());
  }
  return absl::OkStatus();
}

void Name(unit::Scope& scope, PatientId survivor, PatientId merged) {
  scope.Subject("patient", survivor.uuid(), survivor.uuid());
  scope.Subject("patient", merged.uuid(), merged.uuid());
}

}  // namespace

absl::Status Merge(unit::Scope& scope, const Patient& survivor, const Patient& merged) {
  Session& session = scope.sql();
  const absl::Time now = scope.now();
  const PatientMerge merge = {
      .id = MergeId::New(now), .survivor = survivor.id, .merged = merged.id, .merged_at = now};
  ASSIGN_OR_RETURN(const std::vector<OrganizationId> audience,
                   CarersOf(session, survivor.id, merged.id, now));
  RETURN_IF_ERROR(
      session.Execute(kInsert, merge.id, survivor.id, merged.id, merged.id, now).status());
  for (const Moved& table : kMoved) {
    RETURN_IF_ERROR(session.Execute(table.note, merge.id, merged.id).status());
    RETURN_IF_ERROR(session.Execute(table.move, survivor.id, merged.id).status());
  }
  RETURN_IF_ERROR(session.Execute(kMerge, survivor.id, now, merged.id).status());
  RETURN_IF_ERROR(session.Execute(kTouch, now, survivor.id).status());
  ASSIGN_OR_RETURN(const std::vector<base::Uuid> copies,
                   care::Inherit(session, survivor.id, merged.id, now));
  for (const base::Uuid& copy : copies) {
    RETURN_IF_ERROR(session.Execute(kNoteCopy, merge.id, copy).status());
  }
  RETURN_IF_ERROR(UnsettleDoubtful(session, merged.id));
  scope.Append(events::Merged(merge, survivor.version + 1, audience));
  Name(scope, survivor.id, merged.id);
  return absl::OkStatus();
}

absl::StatusOr<std::optional<PatientMerge>> Lock(Session& session, MergeId id) {
  return session.SelectOne<PatientMerge>(kLock, MergeOf, id);
}

absl::StatusOr<std::vector<PatientMerge>> OfPatient(Session& session, PatientId patient) {
  return session.SelectAll<PatientMerge>(kOfPatient, MergeOf, patient, patient);
}

absl::StatusOr<std::optional<MergeId>> StandingMergeOf(Session& session, PatientId merged) {
  return session.SelectOne<MergeId>(
      kStanding, [](const Row& row) { return row.Id<MergeId>(0); }, merged);
}

absl::Status Undo(unit::Scope& scope, const PatientMerge& merge, int64_t survivor_version) {
  Session& session = scope.sql();
  const absl::Time now = scope.now();
  ASSIGN_OR_RETURN(const std::vector<OrganizationId> audience,
                   CarersOf(session, merge.survivor, merge.merged, now));
  for (const Moved& table : kMoved) {
    RETURN_IF_ERROR(
        session.Execute(table.move_back, merge.id, merge.merged, merge.survivor).status());
  }
  RETURN_IF_ERROR(session.Execute(kMerge, nullptr, now, merge.merged).status());
  RETURN_IF_ERROR(session.Execute(kTouch, now, merge.survivor).status());
  RETURN_IF_ERROR(session.Execute(kUndo, now, merge.id).status());
  RETURN_IF_ERROR(EndBorrowed(scope, merge));
  scope.Append(events::Unmerged(merge, survivor_version + 1, audience, now));
  Name(scope, merge.survivor, merge.merged);
  return absl::OkStatus();
}

}  // namespace yilian::directory::merges
