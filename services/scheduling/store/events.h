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

namespace yilian::scheduling::events {

inline constexpr std::string_view kSeatHeld = "SeatHeld";
inline constexpr std::string_view kSeatBooked = "SeatBooked";
inline constexpr std::string_view kBookingMoved = "BookingMoved";
inline constexpr std::string_view kBookingRescheduled = "BookingRescheduled";
inline constexpr std::string_view kBookingCancelled = "BookingCancelled";
inline constexpr std::string_view kHoldExpired = "HoldExpired";
inline constexpr std::string_view kBookingRelinked = "BookingRelinked";

// Each once.
std::vector<base::Uuid> Audience(OrganizationId first, OrganizationId second);

// For the organization that booked and the one that offers the session.
outbox::NewEvent BookingChanged(std::string_view type, const Booking& booking,
                                const Encoding& encoding, absl::Time now);
// For the organization that offers it and the one where it takes place.
// `pools`: of each seat, seat 1 first.
outbox::NewEvent SessionCreated(const SessionView& view, const std::vector<SeatPool>& pools,
                                const Encoding& encoding, absl::Time now);
outbox::NewEvent SeatsReleased(const Session& session, const Release& release, int64_t seats,
                               absl::Time now);

}  // namespace yilian::scheduling::events
