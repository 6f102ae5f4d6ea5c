// The review of an emergency access is late: told by a durable timer.
#pragma once

#include "common/base/clock.h"
#include "common/saga/timer.h"
#include "services/directory/store/mysql_broken_glass_store.h"

namespace yilian::directory {

// All outlive the runner.
void DefineGlassTimer(saga::TimerRunner& timers, const MysqlBrokenGlassStore& glasses,
                      const base::Clock& clock);

}  // namespace yilian::directory
