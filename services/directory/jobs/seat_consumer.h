// Which seats are free where: learnt from the events of scheduling.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/mysql/session.h"
#include "yilian/event/v1/event.pb.h"

namespace yilian::directory {

std::vector<std::string> SeatEventTypes();

// Effect for outbox::Consumer. INVALID_ARGUMENT (EVENT_MALFORMED) for a payload that does not
// parse; other events are ignored.
absl::Status ApplySeatEvent(mysql::Session& session, const event::v1::Event& event);

}  // namespace yilian::directory
