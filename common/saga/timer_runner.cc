
#include <thread>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "common/observe/log.h"
#include "common/saga/metrics.h"
#include "common/saga/retry.h"
#include "common/saga/timer.h"
#include "common/saga/timer_store.h"

namespace yilian::saga {
namespace {

constexpr absl::Duration kTransactionDeadline = absl::Seconds(10);
constexpr absl::Duration kPauseAfterError = absl::Milliseconds(500);
// From then on each failure raises the alarm.
constexpr int kStuckAfter = 10;
// A timer whose effect sets it again to a time that has passed would keep RunDue for ever.
constexpr int kMaxDue = 10'000;

}  // namespace

struct TimerRunner::State {
  State(mysql::Pool& pool, const base::Clock& clock, absl::Duration poll)
      : pool(pool), clock(clock), poll(poll) {}

  mysql::Pool& pool;
  const base::Clock& clock;
  const absl::Duration poll;
  std::map<std::string, Effect> effects;  // fixed once the thread runs
  std::function<void()> on_fired;

  absl::Mutex mutex;
  bool stopping ABSL_GUARDED_BY(mutex) = false;
  std::thread thread;

  enum class Outcome { kNone, kFired, kFailed };

  absl::StatusOr<Outcome> FireOne() {
    std::vector<std::string> kinds;
    for (const auto& [kind, effect] : effects) kinds.push_back(kind);
    std::optional<DueTimer> due;
    absl::Status effect_status;
    // A COMMIT whose answer is lost needs no settling: the timer is gone with its effect, or both
    // are still to come.
    const absl::Status status = mysql::RunTransaction(
        pool, {.name = "timer.Fire", .deadline = absl::Now() + kTransactionDeadline},
        [&](mysql::Session& session) -> absl::Status {
          effect_status = absl::OkStatus();
          ASSIGN_OR_RETURN(due, LockDueTimer(session, kinds, clock.Now()));
          if (!due) return absl::OkStatus();
          // Removed first, so that the effect may set the same timer again.
          RETURN_IF_ERROR(RemoveTimer(session, due->timer));
          effect_status = effects.at(due->timer.kind)(session, due->timer);
          return effect_status;
        });
    if (status.ok()) {
      if (!due) return Outcome::kNone;
      CountTimer(due->timer.kind);
      if (on_fired != nullptr) on_fired();
      return Outcome::kFired;
    }
    if (!due) return status;
    RETURN_IF_ERROR(PutOff(*due, status));
    return Outcome::kFailed;
  }

  // An idle runner asks by one plain read whether a transaction is worth it.
  absl::StatusOr<Outcome> LookAndFire() {
    bool any = false;
    RETURN_IF_ERROR(mysql::RunRead(pool, absl::Now() + kTransactionDeadline,
                                   [&](mysql::Session& session) -> absl::Status {
                                     ASSIGN_OR_RETURN(any, AnyTimerDue(session, clock.Now()));
                                     return absl::OkStatus();
                                   }));
    return any ? FireOne() : Outcome::kNone;
  }

  absl::Status PutOff(const DueTimer& due, const absl::Status& why) {
    const int failures = due.attempt + 1;
    CountTimerRetry(due.timer.kind);
    if (failures >= kStuckAfter) CountTimerStuck(due.timer.kind);
    observe::Log(failures >= kStuckAfter ? observe::Level::kError : observe::Level::kWarn,
                 "timer failed and is tried again",
                 {{"kind", due.timer.kind},
                  {"timer", due.timer.name},
                  {"aggregate_id", due.timer.aggregate_id},
                  {"attempt", failures},
                  {"reason", Label(why)}});
    return mysql::RunTransaction(
        pool, {.name = "timer.Postpone", .deadline = absl::Now() + kTransactionDeadline},
        [&](mysql::Session& session) {
          return PostponeTimer(session, due.timer, clock.Now() + Backoff(failures), Label(why));
        });
  }

  bool Wait(absl::Duration at_most) {
    absl::MutexLock lock(&mutex);
    mutex.AwaitWithTimeout(absl::Condition(&stopping), at_most);
    return !stopping;
  }

  void Loop() {
    bool failing = false;
    bool idle = true;
    bool going_on = true;
    while (going_on) {
      const absl::StatusOr<Outcome> outcome = idle ? LookAndFire() : FireOne();
      if (!outcome.ok() && !failing)
        observe::Log(observe::Level::kWarn, "timers cannot be fired",
                     {{"reason", Label(outcome.status())}});
      failing = !outcome.ok();
      idle = !failing && *outcome == Outcome::kNone;
      going_on = Wait(failing ? kPauseAfterError : idle ? poll : absl::ZeroDuration());
    }
  }
};

TimerRunner::TimerRunner(mysql::Pool& pool, const base::Clock& clock, absl::Duration poll)
    : state_(std::make_unique<State>(pool, clock, poll)) {}

TimerRunner::~TimerRunner() {
  {
    absl::MutexLock lock(&state_->mutex);
    state_->stopping = true;
  }
  if (state_->thread.joinable()) state_->thread.join();
}

void TimerRunner::Define(std::string kind, Effect effect) {
  state_->effects.insert_or_assign(std::move(kind), std::move(effect));
}

void TimerRunner::OnFired(std::function<void()> callback) {
  state_->on_fired = std::move(callback);
}

void TimerRunner::Run() {
  state_->thread = std::thread([state = state_.get()] { state->Loop(); });
}

absl::StatusOr<int> TimerRunner::RunDue() {
  int fired = 0;
  while (fired < kMaxDue) {
    ASSIGN_OR_RETURN(const State::Outcome outcome, state_->FireOne());
    if (outcome == State::Outcome::kNone) return fired;
    if (outcome == State::Outcome::kFired) ++fired;
  }
  return fired;
}

}  // namespace yilian::saga
