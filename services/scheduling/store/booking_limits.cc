#include "services/scheduling/store/booking_limits.h"

#include <vector>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "services/scheduling/domain/errors.h"

namespace yilian::scheduling {
namespace {

using mysql::Query;

// Index: ix_booking__patient_id_ends_at; what is older is behind the range.
constexpr Query kNoShows{"scheduling.NoShows",
                         "SELECT starts_at FROM booking WHERE patient_id = ? AND ends_at > ? AND "
                         "state = 'NO_SHOW' ORDER BY starts_at"};
// Indexes: ix_booking__patient_id_ends_at, primary key of session. A hold that is over binds
// nobody.
constexpr Query kBookingsOfDay{
    "scheduling.BookingsOfDay",
    "SELECT b.booking_id FROM booking b JOIN session s ON s.session_id = b.session_id WHERE "
    "b.patient_id = ? AND b.ends_at > ? AND b.starts_at >= ? AND b.starts_at < ? AND "
    "s.department_id = ? AND b.booking_id <> ? AND (b.state IN ('BOOKED', 'CHECKED_IN', 'DONE') OR "
    "(b.state = 'HELD' AND b.hold_expires_at > ?)) ORDER BY b.starts_at, b.booking_id"};

}  // namespace

absl::Status CheckNoShows(mysql::Session& sql, const Limits& limits, PatientId patient,
                          absl::Time now) {
  if (limits.no_shows == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<absl::Time> missed,
                   sql.SelectAll<absl::Time>(
                       kNoShows, [](const mysql::Row& row) { return row.Time(0); }, patient,
                       now - limits.no_show_period));
  return limits.CheckNoShows(missed);
}

absl::StatusOr<std::optional<BookingId>> DayTaken(mysql::Session& sql, const Limits& limits,
                                                  PatientId patient, const Session& session,
                                                  BookingId but, absl::Time now) {
  if (limits.bookings_a_day == 0) return std::optional<BookingId>();
  const Span day = limits.DayOf(session.time.start);
  ASSIGN_OR_RETURN(const std::vector<BookingId> taken,
                   sql.SelectAll<BookingId>(
                       kBookingsOfDay, [](const mysql::Row& row) { return row.Id<BookingId>(0); },
                       patient, day.start, day.start, day.end, session.department, but, now));
  if (static_cast<int>(taken.size()) < limits.bookings_a_day) return std::optional<BookingId>();
  return std::optional<BookingId>(taken.front());
}

}  // namespace yilian::scheduling
