// What people call organizations, departments and practitioners, from the directory's events. A
// consumer of its own: it begins with the first event, also where the other one is far ahead.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "yilian/event/v1/event.pb.h"

namespace yilian::scheduling {

std::vector<std::string> DirectoryNameTypes();
absl::Status ApplyDirectoryName(mysql::Session& sql, const event::v1::Event& event, absl::Time now);

}  // namespace yilian::scheduling
