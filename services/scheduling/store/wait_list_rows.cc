#include "services/scheduling/store/wait_list_rows.h"

#include "common/base/status_macros.h"
#include "common/mysql/or_null.h"
#include "common/mysql/query.h"
#include "services/scheduling/store/session_list.h"

namespace yilian::scheduling {
namespace {

using mysql::OrNull;

using mysql::Query;

constexpr Query kInsertEntry{
    "scheduling.InsertEntry",
    "INSERT INTO wait_list_entry (entry_id, patient_id, organization_id, session_organization_id, "
    "department_id, session_id, practitioner_id, starts_from, starts_before, state, "
    "live_patient_id, turn, passed, cancelled_booking_id, reason, version, created_at, updated_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
// Primary key.
constexpr Query kSaveEntry{
    "scheduling.SaveEntry",
    "UPDATE wait_list_entry SET patient_id = ?, state = ?, live_patient_id = ?, turn = ?, passed = "
    "?, cancelled_booking_id = ?, offer_booking_id = ?, offer_session_id = ?, offer_starts_at = ?, "
    "offer_expires_at = ?, reason = ?, version = ?, updated_at = ? WHERE entry_id = ? AND version "
    "= ?"};

#define YILIAN_ENTRY_COLUMNS                                                                    \
  "SELECT e.entry_id, e.patient_id, e.organization_id, e.session_organization_id, "             \
  "e.department_id, e.session_id, e.practitioner_id, e.starts_from, e.starts_before, e.state, " \
  "e.turn, e.passed, e.offer_booking_id, e.offer_session_id, e.offer_starts_at, "               \
  "e.offer_expires_at, e.reason, e.created_at, e.version, e.cancelled_booking_id FROM "         \
  "wait_list_entry e "

constexpr Query kLoadEntry{"scheduling.LoadEntry", YILIAN_ENTRY_COLUMNS "WHERE e.entry_id = ?"};
constexpr Query kLockEntry{"scheduling.LockEntry",
                           YILIAN_ENTRY_COLUMNS "WHERE e.entry_id = ? FOR UPDATE"};
// Index: ix_wait_list_entry__offer_booking_id. An entry's last offer stays named after its end.
constexpr Query kLockEntryOf{"scheduling.LockEntryOfOffer", YILIAN_ENTRY_COLUMNS
                             "WHERE e.offer_booking_id = ? AND e.state = 'OFFERED' FOR UPDATE"};
// Index: ix_wait_list_entry__patient_id.
constexpr Query kLockEntriesOf{"scheduling.LockEntriesOfPatient", YILIAN_ENTRY_COLUMNS
                               "WHERE e.patient_id = ? ORDER BY e.entry_id FOR UPDATE"};
// Index: uq_wait_list_entry__department_id_live_patient_id.
constexpr Query kLiveEntryOf{"scheduling.LiveEntryOfPatient", YILIAN_ENTRY_COLUMNS
                             "WHERE e.department_id = ? AND e.live_patient_id = ?"};
// Indexes: ix_wait_list_entry__organization_id_state,
// ix_wait_list_entry__session_organization_id_state. What is sorted is what waits now.
#define YILIAN_LIVE_PAGE \
  "AND e.state IN ('WAITING', 'OFFERED') AND e.entry_id > ? ORDER BY e.entry_id LIMIT ?"
constexpr Query kListOwnEntries{"scheduling.ListOwnEntries", YILIAN_ENTRY_COLUMNS
                                "WHERE e.organization_id = ? " YILIAN_LIVE_PAGE};
constexpr Query kListEntriesForOwn{"scheduling.ListEntriesForOwnSessions", YILIAN_ENTRY_COLUMNS
                                   "WHERE e.session_organization_id = ? " YILIAN_LIVE_PAGE};
// Index, this and the next: ix_wait_list_entry__department_id_state_turn.
constexpr Query kCountAhead{"scheduling.CountAhead",
                            "SELECT COUNT(*) FROM wait_list_entry WHERE department_id = ? AND "
                            "state = 'WAITING' AND (turn < ? OR (turn = ? AND entry_id < ?))"};
constexpr Query kOwnLastTurn{
    "scheduling.OwnLastTurn",
    "SELECT COALESCE(MAX(turn), 0) FROM wait_list_entry WHERE department_id = ? AND state IN "
    "('WAITING', 'OFFERED') AND organization_id = ?"};

// Primary key. A row that is not there cannot be locked, so it is made.
constexpr Query kLockQueue{"scheduling.LockQueue",
                           "INSERT INTO wait_list_queue (department_id, served_turn) VALUES (?, 0) "
                           "ON DUPLICATE KEY UPDATE served_turn = served_turn"};
constexpr Query kServedTurn{"scheduling.ServedTurn",
                            "SELECT served_turn FROM wait_list_queue WHERE department_id = ? FOR "
                            "UPDATE"};
constexpr Query kServeTurn{"scheduling.ServeTurn",
                           "UPDATE wait_list_queue SET served_turn = GREATEST(served_turn, ?) "
                           "WHERE department_id = ?"};

// What an entry e waits for, of a session.
#define YILIAN_NOT_OFFERED(session)                                                             \
  "NOT EXISTS (SELECT 1 FROM wait_list_offer w WHERE w.entry_id = e.entry_id AND w.session_id " \
  "= " session ")"
// Primary key of session, whose row alone is locked, then
// ix_wait_list_entry__department_id_state_turn.
#define YILIAN_AWAITED                                                                            \
  "EXISTS (SELECT 1 FROM wait_list_entry e WHERE e.department_id = "                              \
  "s.department_id AND e.state = 'WAITING' AND s.starts_at > ? AND e.starts_from <= s.starts_at " \
  "AND e.starts_before > s.starts_at AND (e.session_id IS NULL OR e.session_id = s.session_id) "  \
  "AND (e.practitioner_id IS NULL OR e.practitioner_id = s.practitioner_id) "                     \
  "AND " YILIAN_NOT_OFFERED("s.session_id") ")"
constexpr Query kFateOfSeats{"scheduling.FateOfSeats",
                             "SELECT s.cancelled, " YILIAN_AWAITED
                             " FROM session s WHERE s.session_id = ? LOCK IN SHARE MODE"};
// Index: ix_wait_list_entry__department_id_state_turn.
constexpr Query kCandidates{
    "scheduling.WaitListCandidates", YILIAN_ENTRY_COLUMNS
    "WHERE e.department_id = ? AND e.state = 'WAITING' AND (e.turn > ? OR (e.turn = ? AND "
    "e.entry_id > ?)) AND e.starts_from <= ? AND e.starts_before > ? AND (e.session_id IS NULL OR "
    "e.session_id = ?) AND (e.practitioner_id IS NULL OR e.practitioner_id = ?) "
    "AND " YILIAN_NOT_OFFERED("?") " ORDER BY e.turn, e.entry_id LIMIT ?"};
// Once for all offers of a session: who is put first may be offered again what was passed before.
constexpr Query kRememberOffer{
    "scheduling.RememberOffer",
    "INSERT INTO wait_list_offer (entry_id, session_id, offered_at) VALUES (?, ?, ?) ON DUPLICATE "
    "KEY UPDATE offered_at = VALUES(offered_at)"};
// Index: ix_session__department_id_starts_at.
constexpr Query kOrganizationOf{"scheduling.OrganizationOfDepartment",
                                "SELECT organization_id FROM session WHERE department_id = ? ORDER "
                                "BY starts_at DESC LIMIT 1"};

WaitListEntry MakeEntry(const mysql::Row& row) {
  WaitListEntry entry;
  entry.id = row.Id<WaitListEntryId>(0);
  entry.patient = row.Id<PatientId>(1);
  entry.organization = row.Id<OrganizationId>(2);
  entry.session_organization = row.Id<OrganizationId>(3);
  entry.department = row.Id<DepartmentId>(4);
  entry.session = row.Id<SessionId>(5);
  entry.practitioner = row.Id<PractitionerId>(6);
  entry.time = {row.Time(7), row.Time(8)};
  entry.state = WaitListStateFromName(row.Text(9)).value_or(WaitListState::kLapsed);
  entry.turn = row.Int(10);
  entry.passed = static_cast<int>(row.Int(11));
  entry.offered_booking = row.Id<BookingId>(12);
  entry.offered_session = row.Id<SessionId>(13);
  entry.offered_starts_at = row.Time(14);
  entry.offer_expires_at = row.Time(15);
  entry.reason = row.Text(16);
  entry.joined_at = row.Time(17);
  entry.version = row.Int(18);
  entry.cancelled_booking = row.Id<BookingId>(19);
  return entry;
}

mysql::Value LivePatient(const WaitListEntry& entry) {
  return IsLive(entry.state) ? mysql::Value(entry.patient) : mysql::Value(nullptr);
}

mysql::Value OfferTime(const WaitListEntry& entry, absl::Time time) {
  return entry.offered_booking.is_nil() ? mysql::Value(nullptr) : mysql::Value(time);
}

}  // namespace

absl::Status InsertEntry(mysql::Session& sql, const WaitListEntry& entry, absl::Time now) {
  return sql
      .Execute(kInsertEntry, entry.id, entry.patient, entry.organization,
               entry.session_organization, entry.department, OrNull(entry.session),
               OrNull(entry.practitioner), entry.time.start, entry.time.end, Name(entry.state),
               LivePatient(entry), entry.turn, entry.passed, OrNull(entry.cancelled_booking),
               entry.reason, entry.version, entry.joined_at, now)
      .status();
}

absl::Status SaveEntry(mysql::Session& sql, const WaitListEntry& entry, absl::Time now) {
  ASSIGN_OR_RETURN(
      const int64_t rows,
      sql.Execute(kSaveEntry, entry.patient, Name(entry.state), LivePatient(entry), entry.turn,
                  entry.passed, OrNull(entry.cancelled_booking), OrNull(entry.offered_booking),
                  OrNull(entry.offered_session), OfferTime(entry, entry.offered_starts_at),
                  OfferTime(entry, entry.offer_expires_at), entry.reason, entry.version, now,
                  entry.id, entry.version - 1));
  if (rows == 1) return absl::OkStatus();
  return absl::InternalError("a locked entry of the wait list changed under its lock");
}

absl::StatusOr<std::optional<WaitListEntry>> LoadEntry(mysql::Session& sql, WaitListEntryId id) {
  return sql.SelectOne<WaitListEntry>(kLoadEntry, MakeEntry, id);
}

absl::StatusOr<std::optional<WaitListEntry>> LockEntry(mysql::Session& sql, WaitListEntryId id) {
  return sql.SelectOne<WaitListEntry>(kLockEntry, MakeEntry, id);
}

absl::StatusOr<std::optional<WaitListEntry>> LockEntryOf(mysql::Session& sql, BookingId booking) {
  return sql.SelectOne<WaitListEntry>(kLockEntryOf, MakeEntry, booking);
}

absl::StatusOr<std::vector<WaitListEntry>> LockEntriesOf(mysql::Session& sql, PatientId patient) {
  return sql.SelectAll<WaitListEntry>(kLockEntriesOf, MakeEntry, patient);
}

absl::StatusOr<std::optional<WaitListEntry>> LiveEntryOf(mysql::Session& sql, PatientId patient,
                                                         DepartmentId department) {
  return sql.SelectOne<WaitListEntry>(kLiveEntryOf, MakeEntry, department, patient);
}

absl::StatusOr<std::vector<WaitListEntry>> ListEntries(mysql::Session& sql,
                                                       const WaitListFilter& filter,
                                                       WaitListEntryId after, int limit) {
  return sql.SelectAll<WaitListEntry>(
      filter.for_own_sessions ? kListEntriesForOwn : kListOwnEntries, MakeEntry,
      filter.organization, after, limit);
}

absl::StatusOr<int64_t> CountAhead(mysql::Session& sql, const WaitListEntry& entry) {
  ASSIGN_OR_RETURN(const std::optional<int64_t> count,
                   sql.SelectOne<int64_t>(
                       kCountAhead, [](const mysql::Row& row) { return row.Int(0); },
                       entry.department, entry.turn, entry.turn, entry.id));
  return count.value_or(0);
}

absl::Status LockTurns(mysql::Session& sql, DepartmentId department) {
  return sql.Execute(kLockQueue, department).status();
}

absl::StatusOr<int64_t> TakeTurn(mysql::Session& sql, DepartmentId department,
                                 OrganizationId organization) {
  const auto number = [](const mysql::Row& row) { return row.Int(0); };
  RETURN_IF_ERROR(LockTurns(sql, department));
  ASSIGN_OR_RETURN(const std::optional<int64_t> served,
                   sql.SelectOne<int64_t>(kServedTurn, number, department));
  ASSIGN_OR_RETURN(const std::optional<int64_t> own,
                   sql.SelectOne<int64_t>(kOwnLastTurn, number, department, organization));
  return NextTurn(served.value_or(0), own.value_or(0));
}

absl::Status ServeTurn(mysql::Session& sql, DepartmentId department, int64_t turn) {
  return sql.Execute(kServeTurn, turn, department).status();
}

absl::StatusOr<SeatFate> FateOfSeats(mysql::Session& sql, SessionId session, absl::Time now) {
  ASSIGN_OR_RETURN(const std::optional<SeatFate> fate,
                   sql.SelectOne<SeatFate>(
                       kFateOfSeats,
                       [](const mysql::Row& row) {
                         return SeatFate{.cancelled = row.Bool(0), .awaited = row.Bool(1)};
                       },
                       now, session));
  return fate.value_or(SeatFate());
}

absl::StatusOr<std::vector<SessionId>> AwaitedAmong(mysql::Session& sql,
                                                    const std::vector<SessionId>& sessions,
                                                    absl::Time now) {
  // Indexes: as FateOfSeats.
  static const SessionListQuery& query = *new SessionListQuery(
      "scheduling.AwaitedAmong",
      "SELECT s.session_id FROM session s WHERE s.cancelled = 0 AND " YILIAN_AWAITED
      " AND s.session_id IN ",
      "");
  mysql::Values values{now};
  SessionListQuery::Append(sessions, values);
  std::vector<SessionId> awaited;
  RETURN_IF_ERROR(sql.SelectValues(query.For(sessions), values, [&](const mysql::Row& row) {
    awaited.push_back(row.Id<SessionId>(0));
    return absl::OkStatus();
  }));
  return awaited;
}

absl::StatusOr<std::vector<WaitListEntry>> Candidates(mysql::Session& sql, const Session& session,
                                                      const std::optional<WaitListEntry>& after,
                                                      int limit) {
  const int64_t turn = after ? after->turn : -1;
  const WaitListEntryId id = after ? after->id : WaitListEntryId();
  return sql.SelectAll<WaitListEntry>(kCandidates, MakeEntry, session.department, turn, turn, id,
                                      session.time.start, session.time.start, session.id,
                                      session.practitioner, session.id, limit);
}

absl::Status RememberOffer(mysql::Session& sql, WaitListEntryId entry, SessionId session,
                           absl::Time now) {
  return sql.Execute(kRememberOffer, entry, session, now).status();
}

absl::StatusOr<OrganizationId> OrganizationOf(mysql::Session& sql, DepartmentId department) {
  ASSIGN_OR_RETURN(
      const std::optional<OrganizationId> found,
      sql.SelectOne<OrganizationId>(
          kOrganizationOf, [](const mysql::Row& row) { return row.Id<OrganizationId>(0); },
          department));
  return found.value_or(OrganizationId());
}

}  // namespace yilian::scheduling
