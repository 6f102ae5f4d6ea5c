// What sagas and timers show on the metrics page.
#pragma once

#include <cstdint>
#include <string_view>

namespace yilian::saga {

void CountStep(std::string_view kind);       // yilian_saga_steps_total
void CountStepRetry(std::string_view kind);  // yilian_saga_retries_total
void CountUnexpected(
    std::string_view kind);  // yilian_saga_unexpected_errors_total: somebody has to look
void CountFenced(std::string_view kind);      // yilian_saga_fenced_total
void CountTimer(std::string_view kind);       // yilian_timers_fired_total
void CountTimerRetry(std::string_view kind);  // yilian_timer_retries_total
void CountTimerStuck(std::string_view kind);  // yilian_timer_stuck_total: ten attempts have failed

}  // namespace yilian::saga
