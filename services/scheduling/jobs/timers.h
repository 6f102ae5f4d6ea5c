// What happens to seats by the clock: holds run out, reserves widen.
#pragma once

#include "common/base/clock.h"
#include "common/saga/timer.h"
#include "services/scheduling/store/upkeep.h"

namespace yilian::scheduling {

// Registers the effects of kHoldTimer and kReleaseTimer. Both parameters outlive the runner.
void DefineTimers(saga::TimerRunner& timers, const Upkeep& upkeep, const base::Clock& clock);

}  // namespace yilian::scheduling
