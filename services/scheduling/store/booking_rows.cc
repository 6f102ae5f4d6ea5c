#include "services/scheduling/store/booking_rows.h"

#include "common/base/status_macros.h"
#include "common/mysql/or_null.h"
#include "common/mysql/query.h"

namespace yilian::scheduling {
namespace {

using mysql::OrNull;

using mysql::Query;

constexpr Query kInsertBooking{
    "scheduling.InsertBooking",
    "INSERT INTO booking (booking_id, session_id, session_organization_id, practitioner_id, "
    "seat_number, live_seat_number, starts_at, ends_at, patient_id, organization_id, referral_id, "
    "live_referral_id, state, hold_expires_at, fit_unknown, reason, version, created_at, "
    "updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?, ?)"};
// Primary key.
constexpr Query kSaveBooking{
    "scheduling.SaveBooking",
    "UPDATE booking SET live_seat_number = ?, patient_id = ?, live_referral_id = ?, state = ?, "
    "reason = IF(? = '', reason, ?), version = ?, updated_at = ? WHERE booking_id = ? AND version "
    "= ?"};

// Primary key. One row on another seat: both unique keys hold at every moment.
constexpr Query kSaveSeat{
    "scheduling.SaveSeat",
    "UPDATE booking SET session_id = ?, session_organization_id = ?, practitioner_id = ?, "
    "seat_number = ?, live_seat_number = ?, starts_at = ?, ends_at = ?, fit_unknown = ?, version = "
    "?, updated_at = ? WHERE booking_id = ? AND version = ?"};

#define YILIAN_BOOKING_COLUMNS                                                             \
  "SELECT booking_id, session_id, session_organization_id, practitioner_id, seat_number, " \
  "starts_at, ends_at, patient_id, organization_id, referral_id, state, hold_expires_at, " \
  "version, fit_unknown FROM booking "

constexpr Query kLoadBooking{"scheduling.LoadBooking",
                             YILIAN_BOOKING_COLUMNS "WHERE booking_id = ?"};
constexpr Query kLockBooking{"scheduling.LockBooking",
                             YILIAN_BOOKING_COLUMNS "WHERE booking_id = ? FOR UPDATE"};
// Index: ix_booking__patient_id_ends_at. Bookings of the past are behind the range.
constexpr Query kLiveBookingsOfPatient{
    "scheduling.LiveBookingsOfPatient", YILIAN_BOOKING_COLUMNS
    "WHERE patient_id = ? AND ends_at > ? AND starts_at < ? AND state IN ('HELD', 'BOOKED', "
    "'CHECKED_IN') ORDER BY starts_at, booking_id"};
// Index: uq_booking__live_referral_id.
constexpr Query kLiveBookingOfReferral{"scheduling.LiveBookingOfReferral",
                                       YILIAN_BOOKING_COLUMNS "WHERE live_referral_id = ?"};
// Index: ix_booking__patient_id_ends_at.
constexpr Query kLockBookingsOfPatient{"scheduling.LockBookingsOfPatient", YILIAN_BOOKING_COLUMNS
                                       "WHERE patient_id = ? ORDER BY booking_id FOR UPDATE"};
// Index: ix_booking__session_id_state.
constexpr Query kHoldsOverInSession{
    "scheduling.HoldsOverInSession",
    "SELECT booking_id FROM booking WHERE session_id = ? AND state = 'HELD' AND hold_expires_at <= "
    "? ORDER BY hold_expires_at LIMIT 50"};
// Indexes: ix_session__department_id_starts_at, ix_booking__session_id_state.
constexpr Query kHoldsOverInDepartment{
    "scheduling.HoldsOverInDepartment",
    "SELECT b.booking_id FROM session s JOIN booking b ON b.session_id = s.session_id AND b.state "
    "= 'HELD' AND b.hold_expires_at <= ? WHERE s.department_id = ? AND s.starts_at > ? LIMIT 50"};

Booking MakeBooking(const mysql::Row& row) {
  Booking booking;
  booking.id = row.Id<BookingId>(0);
  booking.session = row.Id<SessionId>(1);
  booking.session_organization = row.Id<OrganizationId>(2);
  booking.practitioner = row.Id<PractitionerId>(3);
  booking.seat_number = static_cast<int>(row.Int(4));
  booking.time = {row.Time(5), row.Time(6)};
  booking.patient = row.Id<PatientId>(7);
  booking.organization = row.Id<OrganizationId>(8);
  booking.referral = row.Id<ReferralId>(9);
  booking.state = BookingStateFromName(row.Text(10)).value_or(BookingState::kExpired);
  booking.hold_expires_at = row.Time(11);
  booking.version = row.Int(12);
  booking.fit_unknown = row.Bool(13);
  return booking;
}

BookingId MakeBookingId(const mysql::Row& row) { return row.Id<BookingId>(0); }

mysql::Value LiveSeat(const Booking& booking) {
  return TakesSeat(booking.state) ? mysql::Value(booking.seat_number) : mysql::Value(nullptr);
}

mysql::Value LiveReferral(const Booking& booking) {
  return IsLive(booking.state) ? OrNull(booking.referral) : mysql::Value(nullptr);
}

}  // namespace

absl::Status InsertBooking(mysql::Session& sql, const Booking& booking, absl::Time now) {
  return sql
      .Execute(kInsertBooking, booking.id, booking.session, booking.session_organization,
               OrNull(booking.practitioner), booking.seat_number, LiveSeat(booking),
               booking.time.start, booking.time.end, booking.patient, booking.organization,
               OrNull(booking.referral), LiveReferral(booking), Name(booking.state),
               booking.hold_expires_at, booking.fit_unknown, booking.version, now, now)
      .status();
}

absl::Status SaveBooking(mysql::Session& sql, const Booking& booking, std::string_view reason,
                         absl::Time now) {
  ASSIGN_OR_RETURN(const int64_t rows,
                   sql.Execute(kSaveBooking, LiveSeat(booking), booking.patient,
                               LiveReferral(booking), Name(booking.state), reason, reason,
                               booking.version, now, booking.id, booking.version - 1));
  if (rows == 1) return absl::OkStatus();
  // The row was locked when it was read, so this is a defect and not a race.
  return absl::InternalError("a locked booking changed under its lock");
}

absl::Status SaveSeat(mysql::Session& sql, const Booking& booking, absl::Time now) {
  ASSIGN_OR_RETURN(const int64_t rows,
                   sql.Execute(kSaveSeat, booking.session, booking.session_organization,
                               OrNull(booking.practitioner), booking.seat_number, LiveSeat(booking),
                               booking.time.start, booking.time.end, booking.fit_unknown,
                               booking.version, now, booking.id, booking.version - 1));
  if (rows == 1) return absl::OkStatus();
  return absl::InternalError("a locked booking changed under its lock");
}

absl::StatusOr<std::optional<Booking>> LoadBooking(mysql::Session& sql, BookingId id) {
  return sql.SelectOne<Booking>(kLoadBooking, MakeBooking, id);
}

absl::StatusOr<std::optional<Booking>> LockBooking(mysql::Session& sql, BookingId id) {
  return sql.SelectOne<Booking>(kLockBooking, MakeBooking, id);
}

absl::StatusOr<std::vector<Booking>> LiveBookingsOf(mysql::Session& sql, PatientId patient,
                                                    const Span& time) {
  return sql.SelectAll<Booking>(kLiveBookingsOfPatient, MakeBooking, patient, time.start, time.end);
}

absl::StatusOr<std::optional<Booking>> LiveBookingOf(mysql::Session& sql, ReferralId referral) {
  return sql.SelectOne<Booking>(kLiveBookingOfReferral, MakeBooking, referral);
}

absl::StatusOr<std::vector<Booking>> LockBookingsOf(mysql::Session& sql, PatientId patient) {
  return sql.SelectAll<Booking>(kLockBookingsOfPatient, MakeBooking, patient);
}

absl::StatusOr<std::vector<BookingId>> HoldsOver(mysql::Session& sql, SessionId session,
                                                 absl::Time now) {
  return sql.SelectAll<BookingId>(kHoldsOverInSession, MakeBookingId, session, now);
}

absl::StatusOr<std::vector<BookingId>> HoldsOver(mysql::Session& sql, DepartmentId department,
                                                 absl::Time now) {
  return sql.SelectAll<BookingId>(kHoldsOverInDepartment, MakeBookingId, now, department, now);
}

}  // namespace yilian::scheduling
