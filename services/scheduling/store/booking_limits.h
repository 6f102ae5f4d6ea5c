// What a region allows one patient: so many bookings of a department a day, and none without a
// coordinator for who did not come too often. Functions run in the session that they are given,
// with the patient's guard.
#pragma once

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "services/scheduling/domain/booking.h"
#include "services/scheduling/domain/limits.h"

namespace yilian::scheduling {

// NO_SHOW_LIMIT.
absl::Status CheckNoShows(mysql::Session& sql, const Limits& limits, PatientId patient,
                          absl::Time now);

// What the patient has in the session's department on its day, when that is all that is allowed:
// the first of these bookings. `but`: a booking that is given up for the new one; nil: none.
absl::StatusOr<std::optional<BookingId>> DayTaken(mysql::Session& sql, const Limits& limits,
                                                  PatientId patient, const Session& session,
                                                  BookingId but, absl::Time now);

}  // namespace yilian::scheduling
