// A booking: a seat taken for a patient, first held, then booked. Pure: state and command give the
// new state or an error.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/scheduling/domain/session.h"
#include "services/scheduling/domain/types.h"

namespace yilian::scheduling {

// Who acts: an organization, or a service of the region on behalf of any.
struct Actor {
  OrganizationId organization;
  bool service = false;
};

struct Booking {
  BookingId id;
  SessionId session;
  OrganizationId session_organization;  // offers the session
  PractitionerId practitioner;
  int seat_number = 0;
  Span time;
  PatientId patient;
  OrganizationId organization;  // booked
  ReferralId referral;          // nil: none
  BookingState state = BookingState::kHeld;
  absl::Time hold_expires_at;
  // It was not known whether the session, which has a rule, is for the patient.
  bool fit_unknown = false;
  int64_t version = 1;

  std::string etag() const;
  bool IsParty(const Actor& actor) const;
  bool HoldOver(absl::Time now) const {
    return state == BookingState::kHeld && hold_expires_at <= now;
  }

  // Each command: the booking after it, or why not.
  absl::StatusOr<Booking> Book(absl::Time now) const;
  // nullopt: it has ended already, by cancellation or expiry, and stays as it is.
  absl::StatusOr<std::optional<Booking>> Cancel() const;
  // `to`: kCheckedIn, kDone or kNoShow. `by` is a party already.
  absl::StatusOr<Booking> Move(BookingState to, const Actor& by) const;
  // The same booking on another seat; `fit`: of the patient in that session.
  absl::StatusOr<Booking> MoveTo(const Session& other, int number, Fit fit) const;
  // nullopt: there is no hold to let go at `now`.
  std::optional<Booking> Expire(absl::Time now) const;
  Booking Relink(PatientId survivor) const;

  bool operator==(const Booking&) const = default;

 private:
  Booking Next(BookingState to) const;
};

// Seats `first` to `last` whose time the patient has no more.
struct BlockedSeats {
  int first = 0;
  int last = 0;
  BookingId by;
  bool operator==(const BlockedSeats&) const = default;
};

// Which seats of `session` a patient with these live bookings cannot sit on, at most `limit`
// ranges; where there would be more, the last ones are taken together.
std::vector<BlockedSeats> SeatsBlockedBy(const Session& session,
                                         const std::vector<Booking>& bookings, size_t limit);

}  // namespace yilian::scheduling
