// What happens to seats by the clock: holds run out, reserves widen, the wait list is
// asked, templates make sessions.
#pragma once

#include "common/base/clock.h"
#include "common/saga/timer.h"
#include "services/scheduling/store/template_upkeep.h"
#include "services/scheduling/store/upkeep.h"

namespace yilian::scheduling {

// Registers the effects of every timer of this service. What is referred to outlives the runner.
void DefineTimers(saga::TimerRunner& timers, const Upkeep& upkeep, const TemplateUpkeep& templates,
                  const base::Clock& clock);

}  // namespace yilian::scheduling
