// Rows of the table booking. Functions run in the session that they are given.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "services/scheduling/domain/booking.h"

namespace yilian::scheduling {

// Timer kind: a hold runs out.
inline constexpr std::string_view kHoldTimer = "scheduling.HoldExpiry";

absl::Status InsertBooking(mysql::Session& sql, const Booking& booking, absl::Time now);
// Stores `booking`, whose version is one above the row's; the row is locked. `reason` is kept as it
// is where empty.
absl::Status SaveBooking(mysql::Session& sql, const Booking& booking, std::string_view reason,
                         absl::Time now);

// Stores the seat of `booking`, with the same conditions.
absl::Status SaveSeat(mysql::Session& sql, const Booking& booking, absl::Time now);

absl::StatusOr<std::optional<Booking>> LoadBooking(mysql::Session& sql, BookingId id);
absl::StatusOr<std::optional<Booking>> LockBooking(mysql::Session& sql, BookingId id);
// Live bookings of a patient that overlap `time`, holds that are over included.
absl::StatusOr<std::vector<Booking>> LiveBookingsOf(mysql::Session& sql, PatientId patient,
                                                    const Span& time);
absl::StatusOr<std::optional<Booking>> LiveBookingOf(mysql::Session& sql, ReferralId referral);
// Every booking of a patient, locked.
absl::StatusOr<std::vector<Booking>> LockBookingsOf(mysql::Session& sql, PatientId patient);
// Holds of a session, or of a department's sessions that start after `now`, that are over and not
// being handled by somebody else; at most 50.
absl::StatusOr<std::vector<BookingId>> HoldsOver(mysql::Session& sql, SessionId session,
                                                 absl::Time now);
absl::StatusOr<std::vector<BookingId>> HoldsOver(mysql::Session& sql, DepartmentId department,
                                                 absl::Time now);

}  // namespace yilian::scheduling
