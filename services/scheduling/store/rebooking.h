// What becomes of the bookings of a cancelled session: the work of a timer.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "services/scheduling/domain/session_cancellation.h"
#include "services/scheduling/store/upkeep.h"

namespace yilian::scheduling {

// Timer kind: of a session that was cancelled.
inline constexpr std::string_view kRebookingTimer = "scheduling.Rebooking";

// Ends some bookings of a cancelled session and sees that each patient has an offer or the first
// place on the wait list; sets its timer again while some are left. One transaction's use.
class Rebooking {
 public:
  Rebooking(mysql::Session& sql, const Upkeep& upkeep, absl::Time now)
      : sql_(sql), upkeep_(upkeep), now_(now) {}
  // Where it is open whether a near session is for a patient, a saga (StartReoffer) goes on.
  absl::Status Run(SessionId session);
  // Holds the nearest seat for the entry that its patient may take, if there is one. What is open
  // in `fits` leaves it without.
  absl::Status Reoffer(const Session& lost, const WaitListEntry& entry, FitLookup& fits);

 private:
  absl::Status Settle(const Session& lost, BookingId id);
  absl::Status End(const Booking& booking, const Booking& cancelled);
  absl::StatusOr<WaitListEntry> PutFirst(const Session& lost, const Booking& booking);

  mysql::Session& sql_;
  const Upkeep& upkeep_;
  const absl::Time now_;
};

}  // namespace yilian::scheduling
