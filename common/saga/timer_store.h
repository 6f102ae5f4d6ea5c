// The timer table, as the runner sees it.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "common/saga/timer.h"

namespace yilian::saga {

struct DueTimer {
  Timer timer;
  int attempt = 0;
};

// True when a timer may fire: a plain read, for idle runners.
absl::StatusOr<bool> AnyTimerDue(mysql::Session& session, absl::Time now);
// The timer that may fire and has waited longest, its row locked; those that others have locked are
// passed over.
absl::StatusOr<std::optional<DueTimer>> LockDueTimer(mysql::Session& session,
                                                     const std::vector<std::string>& kinds,
                                                     absl::Time now);
// The same for up to `at_most` timers of one kind.
absl::StatusOr<std::vector<DueTimer>> LockDueTimers(mysql::Session& session,
                                                    const std::string& kind, absl::Time now,
                                                    size_t at_most);
// Removes exactly these timers, whose rows are locked.
absl::Status RemoveTimers(mysql::Session& session, const std::vector<DueTimer>& due);
// After a failed attempt; a timer that was moved or removed meanwhile stays as it is.
absl::Status PostponeTimer(mysql::Session& session, const Timer& timer, absl::Time try_at,
                           std::string_view error);

}  // namespace yilian::saga
