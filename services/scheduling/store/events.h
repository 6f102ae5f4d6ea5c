// The events of scheduling, with who may see them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/outbox/outbox.h"
#include "services/scheduling/domain/booking.h"
#include "services/scheduling/domain/encoding.h"
#include "services/scheduling/domain/release.h"
#include "services/scheduling/domain/session_cancellation.h"

namespace yilian::scheduling::events {

inline constexpr std::string_view kSeatHeld = "SeatHeld";
inline constexpr std::string_view kSeatBooked = "SeatBooked";
inline constexpr std::string_view kBookingMoved = "BookingMoved";
inline constexpr std::string_view kBookingRescheduled = "BookingRescheduled";
inline constexpr std::string_view kBookingCancelled = "BookingCancelled";
inline constexpr std::string_view kHoldExpired = "HoldExpired";
inline constexpr std::string_view kBookingRelinked = "BookingRelinked";
inline constexpr std::string_view kWaitListJoined = "WaitListJoined";
inline constexpr std::string_view kWaitListOffered = "WaitListOffered";
inline constexpr std::string_view kWaitListOfferPassed = "WaitListOfferPassed";
inline constexpr std::string_view kWaitListBooked = "WaitListBooked";
inline constexpr std::string_view kWaitListEnded = "WaitListEnded";
inline constexpr std::string_view kWaitListRelinked = "WaitListRelinked";

// Each once.
std::vector<base::Uuid> Audience(OrganizationId first, OrganizationId second);

// For the organization that booked and the one that offers the session.
outbox::NewEvent BookingChanged(std::string_view type, const Booking& booking,
                                const Encoding& encoding, absl::Time now);
// The same with why it was cancelled.
outbox::NewEvent BookingCancelled(const Booking& booking, std::string_view reason,
                                  const Encoding& encoding, absl::Time now);
// A `BookingMoved` with why there was no booking before.
outbox::NewEvent WalkInCheckedIn(const Booking& booking, std::string_view reason,
                                 const Encoding& encoding, absl::Time now);
// For the organization that joined and the one that offers the sessions.
outbox::NewEvent WaitListChanged(std::string_view type, const WaitListEntry& entry,
                                 const Encoding& encoding, absl::Time now);
// Of an entry whose offer was passed: the entry may have ended with it.
std::string_view PassedOrEnded(const WaitListEntry& entry);
// For the organization that offers it and the one where it takes place.
// `pools`: of each seat, seat 1 first.
outbox::NewEvent SessionCreated(const SessionView& view, const std::vector<SeatPool>& pools,
                                const Encoding& encoding, absl::Time now);
outbox::NewEvent SessionCancelled(const Session& session, const SessionCancellation& cancellation,
                                  absl::Time now);
outbox::NewEvent SeatsReleased(const Session& session, const Release& release, int64_t seats,
                               absl::Time now);

}  // namespace yilian::scheduling::events
