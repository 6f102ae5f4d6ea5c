
#include <algorithm>
#include <limits>
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
  struct Defined {
    size_t at_most = 1;
    EffectOfMany effect;
  };

  State(mysql::Pool& pool, const base::Clock& clock, absl::Duration poll)
      : pool(pool), clock(clock), poll(poll) {}

  mysql::Pool& pool;
  const base::Clock& clock;
  const absl::Duration poll;
  // Both fixed once the thread runs.
  std::map<std::string, Defined> effects;
  std::vector<std::string> kinds;
  std::function<void()> on_fired;

  absl::Mutex mutex;
  bool stopping ABSL_GUARDED_BY(mutex) = false;
  std::thread thread;

  // What came of one look.
  struct Outcome {
    int fired = 0;
    bool failed = false;  // something was due, and is put off
    bool idle() const { return fired == 0 && !failed; }
  };

  absl::StatusOr<Outcome> Fire() {
    ASSIGN_OR_RETURN(Attempt attempt, FireUpTo(std::numeric_limits<size_t>::max()));
    // The one that fails is found alone.
    if (!attempt.status.ok() && attempt.due.size() > 1) {
      ASSIGN_OR_RETURN(attempt, FireUpTo(1));
    }
    const int count = static_cast<int>(attempt.due.size());
    if (!attempt.status.ok()) {
      RETURN_IF_ERROR(PutOff(attempt.due.front(), attempt.status));
      return Outcome{.failed = true};
    }
    for (const DueTimer& one : attempt.due) CountTimer(one.timer.kind);
    if (count > 0 && on_fired != nullptr) on_fired();
    return Outcome{.fired = count};
  }

  struct Attempt {
    std::vector<DueTimer> due;  // not empty where `status` is an error
    absl::Status status;
  };

  absl::StatusOr<Attempt> FireUpTo(size_t at_most) {
    Attempt attempt;
    // A COMMIT whose answer is lost needs no settling: the timers are gone with their effect, or
    // both are still to come.
    attempt.status = mysql::RunTransaction(
        pool, {.name = "timer.Fire", .deadline = absl::Now() + kTransactionDeadline},
        [&](mysql::Session& session) -> absl::Status {
          ASSIGN_OR_RETURN(attempt.due, LockDue(session, at_most));
          if (attempt.due.empty()) return absl::OkStatus();
          // Removed first, so that the effect may set the same timer again.
          RETURN_IF_ERROR(RemoveTimers(session, attempt.due));
          std::vector<Timer> timers;
          timers.reserve(attempt.due.size());
          for (const DueTimer& one : attempt.due) timers.push_back(one.timer);
          return effects.at(timers.front().kind).effect(session, timers);
        });
    if (!attempt.status.ok() && attempt.due.empty()) return attempt.status;
    return attempt;
  }

  // The timer that has waited longest, and where its kind allows it others of the kind.
  absl::StatusOr<std::vector<DueTimer>> LockDue(mysql::Session& session, size_t at_most) {
    const absl::Time now = clock.Now();
    ASSIGN_OR_RETURN(std::optional<DueTimer> first, LockDueTimer(session, kinds, now));
    if (!first) return std::vector<DueTimer>();
    const size_t most = std::min(at_most, effects.at(first->timer.kind).at_most);
    // Locks of one's own are not passed over: the first is among them, or was as old as they are.
    if (most > 1) return LockDueTimers(session, first->timer.kind, now, most);
    return std::vector<DueTimer>{*std::move(first)};
  }

  // An idle runner asks by one plain read whether a transaction is worth it.
  absl::StatusOr<Outcome> LookAndFire() {
    bool any = false;
    RETURN_IF_ERROR(mysql::RunRead(pool, absl::Now() + kTransactionDeadline,
                                   [&](mysql::Session& session) -> absl::Status {
                                     ASSIGN_OR_RETURN(any, AnyTimerDue(session, clock.Now()));
                                     return absl::OkStatus();
                                   }));
    if (any) return Fire();
    return Outcome();
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
      const absl::StatusOr<Outcome> outcome = idle ? LookAndFire() : Fire();
      if (!outcome.ok() && !failing)
        observe::Log(observe::Level::kWarn, "timers cannot be fired",
                     {{"reason", Label(outcome.status())}});
      failing = !outcome.ok();
      idle = !failing && outcome->idle();
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
  DefineMany(std::move(kind), 1,
             [effect = std::move(effect)](mysql::Session& session, const std::vector<Timer>& due) {
               return effect(session, due.front());
             });
}

void TimerRunner::DefineMany(std::string kind, size_t at_most, EffectOfMany effect) {
  const auto [defined, added] =
      state_->effects.insert_or_assign(std::move(kind), State::Defined{at_most, std::move(effect)});
  if (added) state_->kinds.push_back(defined->first);
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
    ASSIGN_OR_RETURN(const State::Outcome outcome, state_->Fire());
    if (outcome.idle()) return fired;
    fired += outcome.fired;
  }
  return fired;
}

}  // namespace yilian::saga
