#include "services/scheduling/domain/booking.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/etag.h"
#include "services/scheduling/domain/errors.h"

namespace yilian::scheduling {

std::string Booking::etag() const { return base::EtagOf(version); }

bool Booking::IsParty(const Actor& actor) const {
  return actor.service ||
         (!actor.organization.is_nil() &&
          (actor.organization == organization || actor.organization == session_organization));
}

Booking Booking::Next(BookingState to) const {
  Booking next = *this;
  next.state = to;
  ++next.version;
  return next;
}

absl::StatusOr<Booking> Booking::Book(absl::Time now) const {
  if (state == BookingState::kExpired || HoldOver(now)) return errors::HoldExpired(hold_expires_at);
  if (state != BookingState::kHeld) return errors::CommandNotAvailable("BOOK", state);
  return Next(BookingState::kBooked);
}

absl::StatusOr<std::optional<Booking>> Booking::Cancel() const {
  switch (state) {
    case BookingState::kHeld:
    case BookingState::kBooked:
      return std::optional<Booking>(Next(BookingState::kCancelled));
    case BookingState::kCancelled:
    case BookingState::kExpired:
      return std::optional<Booking>();
    case BookingState::kCheckedIn:
    case BookingState::kDone:
    case BookingState::kNoShow:
      break;
  }
  return errors::CommandNotAvailable("CANCEL", state);
}

absl::StatusOr<Booking> Booking::Move(BookingState to, const Actor& by) const {
  BookingState from = BookingState::kBooked;
  switch (to) {
    case BookingState::kCheckedIn:
    case BookingState::kNoShow:
      break;
    case BookingState::kDone:
      from = BookingState::kCheckedIn;
      break;
    default:
      return errors::FieldInvalid({{"state", "must be CHECKED_IN, DONE or NO_SHOW"}});
  }
  if (!by.service && by.organization != session_organization) return errors::ForeignOrganization();
  if (state != from) return errors::CommandNotAvailable(Name(to), state);
  return Next(to);
}

absl::StatusOr<Booking> Booking::MoveTo(const Session& other, int number, Fit fit) const {
  if (state != BookingState::kBooked) return errors::CommandNotAvailable("RESCHEDULE", state);
  Booking next = Next(state);
  next.session = other.id;
  next.session_organization = other.organization;
  next.practitioner = other.practitioner;
  next.seat_number = number;
  next.time = other.SeatTime(number);
  next.fit_unknown = fit == Fit::kNotKnown;
  return next;
}

std::optional<Booking> Booking::Expire(absl::Time now) const {
  if (!HoldOver(now)) return std::nullopt;
  return Next(BookingState::kExpired);
}

Booking Booking::Relink(PatientId survivor) const {
  Booking next = Next(state);
  next.patient = survivor;
  return next;
}

std::vector<BlockedSeats> SeatsBlockedBy(const Session& session,
                                         const std::vector<Booking>& bookings, size_t limit) {
  std::vector<BlockedSeats> blocked;
  for (const Booking& booking : bookings) {
    BlockedSeats range{.by = booking.id};
    for (int number = 1; number <= session.seats; ++number) {
      if (!session.SeatTime(number).Overlaps(booking.time)) continue;
      if (range.first == 0) range.first = number;
      range.last = number;
    }
    if (range.first != 0) blocked.push_back(range);
  }
  std::sort(blocked.begin(), blocked.end(),
            [](const BlockedSeats& a, const BlockedSeats& b) { return a.first < b.first; });
  while (blocked.size() > limit) {
    const BlockedSeats last = blocked.back();
    blocked.pop_back();
    blocked.back().last = std::max(blocked.back().last, last.last);
  }
  return blocked;
}

}  // namespace yilian::scheduling
