// What `scheduling`'s refusal of a seat means for the referral.
#pragma once

#include "absl/status/status.h"
#include "services/referral/domain/types.h"

namespace yilian::referral {

// By the reason in `refused`, else by its code; kOther for a rule that is not known here.
BookingFailure BookingFailureOf(const absl::Status& refused);

// Whether the receiver had no seat to give: what is counted as a slot that was not found. kNone is
// of an event from before reasons were kept, when every failure counted.
bool IsSlotNotFound(BookingFailure failure);

}  // namespace yilian::referral
