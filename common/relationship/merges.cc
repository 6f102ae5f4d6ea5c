#include "common/relationship/merges.h"

#include <fmt/format.h>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "common/outbox/malformed.h"
#include "common/status/error.h"
#include "yilian/directory/v1/directory.pb.h"
#include "yilian/directory/v1/patient_index.pb.h"

namespace yilian::relationship {
namespace {

using outbox::Malformed;

using mysql::Query;
using mysql::Session;

// More merges than that in one chain are a mistake, not a life.
constexpr int kLongestChain = 32;

constexpr Query kSurvivor{"relationship.Survivor",
                          "SELECT survivor_id FROM merged_subject WHERE data_subject_id = ?"};
// Index: ix_merged_subject__survivor.
constexpr Query kMergedInto{"relationship.MergedInto",
                            "SELECT data_subject_id FROM merged_subject WHERE survivor_id = ?"};
// As many people as share a gate wait together while one of them is merged.
constexpr int kGates = 64;

constexpr Query kShutGate{"relationship.ShutGate",
                          "UPDATE merge_gate SET merges = merges + 1 WHERE gate = ?"};
// Index: primary keys. The gate is read before the merge, which hangs on it: who waited for the
// gate reads what was committed meanwhile.
constexpr Query kHoldGate{"relationship.HoldGate",
                          "SELECT m.survivor_id FROM merge_gate g LEFT JOIN merged_subject m "
                          "ON m.data_subject_id = ? WHERE g.gate = ? LOCK IN SHARE MODE"};
constexpr Query kRememberMerge{
    "relationship.RememberMerge",
    "REPLACE INTO merged_subject (data_subject_id, survivor_id, merge_id) VALUES (?, ?, ?)"};
constexpr Query kForgetMerge{
    "relationship.ForgetMerge",
    "DELETE FROM merged_subject WHERE data_subject_id = ? AND merge_id = ?"};
constexpr Query kRemember{"relationship.RememberRow",
                          "INSERT IGNORE INTO moved_row (merge_id, table_name, row_id, row_part) "
                          "VALUES (?, ?, ?, 0)"};
// Index: primary key prefix.
constexpr Query kRemembered{"relationship.RememberedRows",
                            "SELECT row_id FROM moved_row WHERE merge_id = ? AND table_name = ?"};

template <typename Payload>
absl::StatusOr<std::optional<SubjectMerge>> Read(const event::v1::Event& event, bool undone) {
  Payload payload;
  if (!event.payload().UnpackTo(&payload)) return Malformed(event);
  // A release before merges had ids: its event's id stands in for it.
  const std::string& id = payload.merge_id().empty() ? event.event_id() : payload.merge_id();
  const absl::StatusOr<base::Uuid> merge = base::Uuid::Parse(id);
  const absl::StatusOr<base::Uuid> survivor = base::Uuid::Parse(payload.surviving_patient_id());
  const absl::StatusOr<base::Uuid> merged = base::Uuid::Parse(payload.merged_patient_id());
  if (!merge.ok() || !survivor.ok() || !merged.ok()) return Malformed(event);
  return SubjectMerge{*merge, *survivor, *merged, undone};
}

std::string NumberOf(const SubjectTable& table) {
  return table.row_part.empty() ? "0" : fmt::format("t.{}", table.row_part);
}

// The last byte of an id is random.
int GateOf(const base::Uuid& data_subject) {
  return static_cast<unsigned char>(data_subject.view().back()) % kGates;
}

// The record that the person's was merged into; nil for a live one.
absl::StatusOr<base::Uuid> HoldGate(Session& session, const base::Uuid& data_subject) {
  ASSIGN_OR_RETURN(const std::optional<base::Uuid> survivor,
                   session.SelectOne<base::Uuid>(
                       kHoldGate, [](const mysql::Row& row) { return row.Id(0); }, data_subject,
                       GateOf(data_subject)));
  if (!survivor) return absl::InternalError("merge_gate lacks a gate");
  return *survivor;
}

// The noted rows that name `from`.
absl::Status Move(Session& session, const SubjectMerge& merge, const SubjectTable& table,
                  const base::Uuid& from, const base::Uuid& to) {
  return session
      .ExecuteComposed("relationship.MoveRows",
                       fmt::format("UPDATE {0} t JOIN moved_row m ON m.merge_id = ? AND "
                                   "m.table_name = ? AND m.row_id = t.{1} AND m.row_part = {2} "
                                   "SET t.{3} = ? WHERE t.{3} = ?",
                                   table.name, table.row_id, NumberOf(table), table.subject),
                       {merge.id, table.name, to, from})
      .status();
}

}  // namespace

std::vector<std::string> MergeEventTypes() { return {"PatientsMerged", "PatientsUnmerged"}; }

absl::StatusOr<std::optional<SubjectMerge>> MergeOf(const event::v1::Event& event) {
  if (event.type() == "PatientsMerged") {
    return Read<directory::v1::PatientsMerged>(event, false);
  }
  if (event.type() == "PatientsUnmerged") {
    return Read<directory::v1::PatientsUnmerged>(event, true);
  }
  return std::nullopt;
}

absl::Status RecordMerge(Session& session, const SubjectMerge& merge) {
  ASSIGN_OR_RETURN(const int64_t shut, session.Execute(kShutGate, GateOf(merge.merged)));
  if (shut != 1) return absl::InternalError("merge_gate lacks a gate");
  if (merge.undone) return session.Execute(kForgetMerge, merge.merged, merge.id).status();
  return session.Execute(kRememberMerge, merge.merged, merge.survivor, merge.id).status();
}

absl::Status MoveRows(Session& session, const event::v1::Event& event,
                      std::span<const SubjectTable> tables) {
  ASSIGN_OR_RETURN(const std::optional<SubjectMerge> merge, MergeOf(event));
  if (!merge) return absl::OkStatus();
  RETURN_IF_ERROR(RecordMerge(session, *merge));
  for (const SubjectTable& table : tables) {
    if (merge->undone) {
      RETURN_IF_ERROR(Move(session, *merge, table, merge->survivor, merge->merged));
    } else {
      RETURN_IF_ERROR(NoteRows(session, *merge, table));
      RETURN_IF_ERROR(Move(session, *merge, table, merge->merged, merge->survivor));
    }
  }
  return absl::OkStatus();
}

// Locked, so that what is noted is what moves.
absl::Status NoteRows(Session& session, const SubjectMerge& merge, const SubjectTable& table) {
  mysql::Values values = {merge.id, table.name, merge.merged};
  std::string within;
  if (!table.within.empty()) {
    within = fmt::format(" AND {}", table.within);
    values.emplace_back(merge.merged);
  }
  return session
      .ExecuteComposed(
          "relationship.NoteRows",
          fmt::format("INSERT IGNORE INTO moved_row (merge_id, table_name, row_id, "
                      "row_part) SELECT ?, ?, t.{}, {} FROM {} t WHERE t.{} = ?{} "
                      "FOR UPDATE",
                      table.row_id, NumberOf(table), table.name, table.subject, within),
          values)
      .status();
}

absl::Status RememberRow(Session& session, const SubjectMerge& merge, std::string_view table,
                         const base::Uuid& row) {
  return session.Execute(kRemember, merge.id, table, row).status();
}

absl::StatusOr<std::vector<base::Uuid>> RememberedRows(Session& session, const SubjectMerge& merge,
                                                       std::string_view table) {
  return session.SelectAll<base::Uuid>(
      kRemembered, [](const mysql::Row& row) { return row.Id(0); }, merge.id, table);
}

absl::StatusOr<std::optional<base::Uuid>> SurvivorOf(Session& session,
                                                     const base::Uuid& data_subject) {
  std::optional<base::Uuid> survivor;
  base::Uuid current = data_subject;
  for (int step = 0; step < kLongestChain; ++step) {
    ASSIGN_OR_RETURN(const std::optional<base::Uuid> next,
                     session.SelectOne<base::Uuid>(
                         kSurvivor, [](const mysql::Row& row) { return row.Id(0); }, current));
    if (!next) return survivor;
    survivor = current = *next;
  }
  return survivor;
}

absl::StatusOr<std::vector<base::Uuid>> RecordsOf(Session& session,
                                                  const base::Uuid& data_subject) {
  std::vector<base::Uuid> records = {data_subject};
  // What is found is searched for in its turn; a record stands for one other only, so nothing comes
  // twice.
  for (size_t i = 0; i < records.size(); ++i) {
    ASSIGN_OR_RETURN(const std::vector<base::Uuid> merged,
                     session.SelectAll<base::Uuid>(
                         kMergedInto, [](const mysql::Row& row) { return row.Id(0); }, records[i]));
    records.insert(records.end(), merged.begin(), merged.end());
  }
  return records;
}

absl::StatusOr<base::Uuid> HoldSurvivor(Session& session, const base::Uuid& data_subject) {
  base::Uuid current = data_subject;
  for (int step = 0; step < kLongestChain; ++step) {
    ASSIGN_OR_RETURN(const base::Uuid next, HoldGate(session, current));
    if (next.is_nil()) break;
    current = next;
  }
  return current;
}

absl::Status HoldLive(Session& session, const base::Uuid& data_subject) {
  ASSIGN_OR_RETURN(const base::Uuid live, HoldSurvivor(session, data_subject));
  return live == data_subject ? absl::OkStatus() : MergedError(live);
}

absl::Status HoldBeside(Session& session, const base::Uuid& data_subject) {
  return HoldGate(session, data_subject).status();
}

absl::Status MergedError(const base::Uuid& survivor) {
  return status::Error(absl::StatusCode::kFailedPrecondition, "yilian.directory", "PATIENT_MERGED")
      .Message("the patient record was merged into another")
      .Chinese("该患者档案已并入另一档案")
      .Meta("surviving_patient_id", survivor.ToString())
      .Precondition("PATIENT_MERGED", survivor.ToString(), "use the surviving record");
}

}  // namespace yilian::relationship
