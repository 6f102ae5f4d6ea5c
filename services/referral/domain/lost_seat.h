// A seat that the hospital takes back: nobody's command, and no saga's doing. Pure.
#pragma once

#include <optional>

#include "absl/time/time.h"
#include "services/referral/domain/referral.h"

namespace yilian::referral {

// The hospital cancelled the session of the booking `lost`: the earliest seat of the department is
// looked for, as after an acceptance. nullopt: it is not the booked seat (any more), the patient
// has arrived, or the saga that holds the seat finds out by itself.
std::optional<Change> LoseSeat(const Referral& now, BookingId lost, absl::Time at);

}  // namespace yilian::referral
