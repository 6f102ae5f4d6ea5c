#include "services/directory/jobs/glass_timer.h"

#include <string>

namespace yilian::directory {

void DefineGlassTimer(saga::TimerRunner& timers, const MysqlBrokenGlassStore& glasses,
                      const base::Clock& clock) {
  timers.Define(std::string(kGlassReviewTimer),
                [&glasses, &clock](mysql::Session& session, const saga::Timer& timer) {
                  return glasses.Escalate(session, BrokenGlassId(timer.aggregate_id), clock.Now());
                });
}

}  // namespace yilian::directory
