#include "services/scheduling/store/cancellation_rows.h"

#include "common/base/status_macros.h"
#include "common/mysql/or_null.h"
#include "common/mysql/query.h"

namespace yilian::scheduling {
namespace {

using mysql::OrNull;

using mysql::Query;

constexpr Query kInsertCancellation{"scheduling.InsertCancellation",
                                    "INSERT INTO session_cancellation (session_id, "
                                    "organization_id, reason, bookings, cancelled_at) "
                                    "VALUES (?, ?, ?, ?, ?)"};
// Primary key.
constexpr Query kLoadCancellation{
    "scheduling.LoadCancellation",
    "SELECT session_id, organization_id, reason, bookings, cancelled_at FROM session_cancellation "
    "WHERE session_id = ?"};
// Primary keys of both tables.
constexpr Query kCountOutcomes{
    "scheduling.CountCancelledBookings",
    "SELECT c.outcome, COALESCE(e.state, ''), COUNT(*) FROM cancelled_booking c LEFT JOIN "
    "wait_list_entry e ON e.entry_id = c.entry_id WHERE c.session_id = ? GROUP BY c.outcome, "
    "e.state"};
constexpr Query kCloseSession{
    "scheduling.CloseSession",
    "UPDATE session SET cancelled = 1, version = ? WHERE session_id = ? AND version = ?"};
// Primary key prefix.
constexpr Query kCloseSeats{
    "scheduling.CloseSeats",
    "UPDATE seat SET state = 'CLOSED' WHERE session_id = ? AND state IN ('FREE', 'ASIDE')"};
// Index: ix_booking__session_id_state.
constexpr Query kNoteBookings{
    "scheduling.NoteBookings",
    "INSERT INTO cancelled_booking (session_id, booking_id, outcome) SELECT session_id, "
    "booking_id, "
    "'PENDING' FROM booking WHERE session_id = ? AND state IN ('HELD', 'BOOKED', 'CHECKED_IN')"};
// Index: ix_cancelled_booking__session_id_outcome.
constexpr Query kPendingBookings{
    "scheduling.PendingBookings",
    "SELECT booking_id FROM cancelled_booking WHERE session_id = ? AND "
    "outcome = 'PENDING' ORDER BY booking_id LIMIT ?"};
constexpr Query kSaveOutcome{"scheduling.SaveOutcome",
                             "UPDATE cancelled_booking SET outcome = ?, entry_id = ? WHERE "
                             "session_id = ? AND booking_id = ?"};

void Count(std::string_view outcome, std::string_view state, int64_t count,
           SessionCancellation& into) {
  if (outcome == "PENDING") {
    into.pending += count;
  } else if (outcome == "REFERRAL") {
    into.by_referral += count;
  } else if (outcome != "WAIT_LIST") {
    into.released += count;
  } else if (state == Name(WaitListState::kWaiting)) {
    into.waiting += count;
  } else if (state == Name(WaitListState::kOffered)) {
    into.offered += count;
  } else if (state == Name(WaitListState::kBooked)) {
    into.rebooked += count;
  } else {
    into.given_up += count;
  }
}

}  // namespace

absl::Status InsertCancellation(mysql::Session& sql, const SessionCancellation& cancellation) {
  return sql
      .Execute(kInsertCancellation, cancellation.session, cancellation.organization,
               cancellation.reason, cancellation.bookings, cancellation.cancelled_at)
      .status();
}

absl::StatusOr<std::optional<SessionCancellation>> LoadCancellation(mysql::Session& sql,
                                                                    SessionId session) {
  ASSIGN_OR_RETURN(std::optional<SessionCancellation> found,
                   sql.SelectOne<SessionCancellation>(
                       kLoadCancellation,
                       [](const mysql::Row& row) {
                         return SessionCancellation{.session = row.Id<SessionId>(0),
                                                    .organization = row.Id<OrganizationId>(1),
                                                    .reason = row.Text(2),
                                                    .cancelled_at = row.Time(4),
                                                    .bookings = row.Int(3)};
                       },
                       session));
  if (!found) return found;
  RETURN_IF_ERROR(sql.SelectValues(kCountOutcomes, {session}, [&](const mysql::Row& row) {
    Count(row.Text(0), row.Text(1), row.Int(2), *found);
    return absl::OkStatus();
  }));
  return found;
}

absl::Status CloseSession(mysql::Session& sql, Session& session) {
  session.cancelled = true;
  ++session.version;
  ASSIGN_OR_RETURN(const int64_t rows,
                   sql.Execute(kCloseSession, session.version, session.id, session.version - 1));
  return rows == 1 ? absl::OkStatus()
                   : absl::InternalError("a locked session changed under its lock");
}

absl::Status CloseSeats(mysql::Session& sql, SessionId session) {
  return sql.Execute(kCloseSeats, session).status();
}

absl::StatusOr<int64_t> NoteBookings(mysql::Session& sql, SessionId session) {
  return sql.Execute(kNoteBookings, session);
}

absl::StatusOr<std::vector<BookingId>> PendingBookings(mysql::Session& sql, SessionId session,
                                                       int limit) {
  return sql.SelectAll<BookingId>(
      kPendingBookings, [](const mysql::Row& row) { return row.Id<BookingId>(0); }, session, limit);
}

absl::Status SaveOutcome(mysql::Session& sql, SessionId session, BookingId booking,
                         std::string_view outcome, WaitListEntryId entry) {
  return sql.Execute(kSaveOutcome, outcome, OrNull(entry), session, booking).status();
}

}  // namespace yilian::scheduling
