// What the effect of an event answers when the event is not what its type says.
#pragma once

#include "absl/status/status.h"
#include "yilian/event/v1/event.pb.h"

namespace yilian::outbox {

// INVALID_ARGUMENT, reason EVENT_MALFORMED, with the event's id and type: counts towards the
// consumer's max_attempts, then the event goes to the dead letters.
absl::Status Malformed(const event::v1::Event& event);

}  // namespace yilian::outbox
