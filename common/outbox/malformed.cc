#include "common/outbox/malformed.h"

#include "common/status/error.h"

namespace yilian::outbox {

absl::Status Malformed(const event::v1::Event& event) {
  return status::Error(absl::StatusCode::kInvalidArgument, "yilian", "EVENT_MALFORMED")
      .Message("the event's payload is not what its type says")
      .Meta("event_id", event.event_id())
      .Meta("type", event.type());
}

}  // namespace yilian::outbox
