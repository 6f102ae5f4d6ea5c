#include "common/saga/metrics.h"

#include <string>

#include "common/observe/metrics.h"

namespace yilian::saga {
namespace {

void Count(std::string_view name, std::string_view help, std::string_view kind) {
  observe::Metrics::Process().GetCounter(name, help, {{"kind", std::string(kind)}}).Increment();
}

}  // namespace

void CountStep(std::string_view kind) {
  Count("yilian_saga_steps_total", "Saga steps done.", kind);
}

void CountStepRetry(std::string_view kind) {
  Count("yilian_saga_retries_total", "Saga steps put off after an error.", kind);
}

void CountUnexpected(std::string_view kind) {
  Count("yilian_saga_unexpected_errors_total",
        "Errors that a saga step should have turned into a decision. Alarm on any increase.", kind);
}

void CountFenced(std::string_view kind) {
  Count("yilian_saga_fenced_total", "Saga steps thrown away because the lease had run out.", kind);
}

void CountTimer(std::string_view kind) {
  Count("yilian_timers_fired_total", "Timers whose effect was committed.", kind);
}

void CountTimerRetry(std::string_view kind) {
  Count("yilian_timer_retries_total", "Timers put off after an error.", kind);
}

void CountTimerStuck(std::string_view kind) {
  Count("yilian_timer_stuck_total",
        "Failed attempts at timers that have failed ten times. Alarm on any increase.", kind);
}

}  // namespace yilian::saga
