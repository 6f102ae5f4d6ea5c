#include "services/referral/domain/lost_seat.h"

namespace yilian::referral {

std::optional<Change> LoseSeat(const Referral& now, BookingId lost, absl::Time at) {
  if (now.state != State::kScheduled || !now.booking || now.booking->booking != lost) {
    return std::nullopt;
  }
  Change change{.after = now, .events = {"ReferralSeatCancelled"}};
  change.after.updated_at = at;
  ++change.after.version;
  change.after.state = State::kAccepted;
  change.after.booking.reset();
  change.start_booking = SeatWish{};
  // Also where another seat was being asked for: that saga's answer has no effect any more.
  change.BeginBooking();
  return change;
}

}  // namespace yilian::referral
