// Two records of one person become one, or two again: what that means for the rows of a service.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/uuid.h"
#include "common/mysql/session.h"
#include "yilian/event/v1/event.pb.h"

namespace yilian::relationship {

// A table whose rows are about a person. Names are constants of the service, never input.
struct SubjectTable {
  std::string_view name;        // "referral"
  std::string_view row_id;      // its BINARY(16) key: "referral_id"
  std::string_view subject;     // the column that names the person: "patient_id"
  std::string_view row_part{};  // second part of the key, where there is one: "version"
  // Where no index leads from the person to the rows: a condition with one `?` for the person.
  std::string_view within{};
};

// A merge as the directory's events tell it.
struct SubjectMerge {
  base::Uuid id;
  base::Uuid survivor;
  base::Uuid merged;
  bool undone = false;
};

// Event types of which MergeOf knows.
std::vector<std::string> MergeEventTypes();
// Nothing for an event of another type. INVALID_ARGUMENT (EVENT_MALFORMED).
absl::StatusOr<std::optional<SubjectMerge>> MergeOf(const event::v1::Event& event);

// Writes down that the record was merged, or is live again, and shuts its gate until the
// transaction ends: writes under way (see HoldLive) are committed first, later ones see it. Whoever
// moves rows calls it before; MoveRows does. May run twice.
absl::Status RecordMerge(mysql::Session& session, const SubjectMerge& merge);

// The effect of PatientsMerged: rows of the merged record become the survivor's, and are
// remembered. Of PatientsUnmerged: those rows, as far as they are the survivor's still, go back.
// Both may run twice. For outbox::Consumer.
absl::Status MoveRows(mysql::Session& session, const event::v1::Event& event,
                      std::span<const SubjectTable> tables);

// For a service that moves rows by rules of its own: remembers all of the merged record's or one,
// and lists those remembered.
absl::Status NoteRows(mysql::Session& session, const SubjectMerge& merge,
                      const SubjectTable& table);
absl::Status RememberRow(mysql::Session& session, const SubjectMerge& merge, std::string_view table,
                         const base::Uuid& row);
absl::StatusOr<std::vector<base::Uuid>> RememberedRows(mysql::Session& session,
                                                       const SubjectMerge& merge,
                                                       std::string_view table);

// The record that stands for a merged one now; nothing for a record that is live. Index: primary
// key, once a merge.
absl::StatusOr<std::optional<base::Uuid>> SurvivorOf(mysql::Session& session,
                                                     const base::Uuid& data_subject);
// The record and all that were merged into it, one after another: what was written under their ids
// before is about the same person. Index: ix_merged_subject__survivor.
absl::StatusOr<std::vector<base::Uuid>> RecordsOf(mysql::Session& session,
                                                  const base::Uuid& data_subject);
// Before a row that names a person is added, in its transaction: no merge of the record moves rows
// until the transaction ends, and what was merged before is seen. Without it a row that is added
// while a merge is applied would stay behind with the merged record. One point read, shared with
// every other writer; each of the three is for a row of another kind.
//
// A row that a caller asks for: PATIENT_MERGED of a record that was merged.
absl::Status HoldLive(mysql::Session& session, const base::Uuid& data_subject);
// A row that must be taken whatever the record: the record it is for, the survivor of one that was
// merged.
absl::StatusOr<base::Uuid> HoldSurvivor(mysql::Session& session, const base::Uuid& data_subject);
// A row beside one that names the person, read FOR UPDATE before: a merge that has still to move
// that one moves both.
absl::Status HoldBeside(mysql::Session& session, const base::Uuid& data_subject);

// FAILED_PRECONDITION PATIENT_MERGED of the directory, naming the survivor.
absl::Status MergedError(const base::Uuid& survivor);

}  // namespace yilian::relationship
