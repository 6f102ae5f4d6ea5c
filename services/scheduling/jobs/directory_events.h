// What scheduling learns from the directory: organizations' tiers and consortia, merged patients,
// accounts and affiliations that end.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "services/scheduling/store/upkeep.h"
#include "yilian/event/v1/event.pb.h"

namespace yilian::scheduling {

// The event types that ApplyDirectoryEvent knows.
std::vector<std::string> DirectoryEventTypes();

// The effect of one event on this schema; every other type is ignored. For outbox::Consumer.
absl::Status ApplyDirectoryEvent(mysql::Session& sql, const event::v1::Event& event,
                                 const Upkeep& upkeep, absl::Time now);

}  // namespace yilian::scheduling
