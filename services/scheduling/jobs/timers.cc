#include "services/scheduling/jobs/timers.h"

#include <algorithm>
#include <string>

namespace yilian::scheduling {

void DefineTimers(saga::TimerRunner& timers, const Upkeep& upkeep, const TemplateUpkeep& templates,
                  const base::Clock& clock) {
  // A timer that fired is due, also where this replica's clock is a little behind the one that
  // claimed it.
  timers.Define(std::string(kHoldTimer), [&](mysql::Session& sql, const saga::Timer& timer) {
    return upkeep
        .ExpireHold(sql, BookingId(timer.aggregate_id), std::max(clock.Now(), timer.due_at))
        .status();
  });
  timers.Define(std::string(kReleaseTimer), [&](mysql::Session& sql, const saga::Timer& timer) {
    return upkeep.Release(sql, SessionId(timer.aggregate_id), std::max(clock.Now(), timer.due_at));
  });
  timers.Define(std::string(kTemplateTimer), [&](mysql::Session& sql, const saga::Timer& timer) {
    return templates.Run(sql, TemplateId(timer.aggregate_id), std::max(clock.Now(), timer.due_at));
  });
}

}  // namespace yilian::scheduling
