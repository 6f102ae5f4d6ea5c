
#include <thread>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/fault/fault_point.h"
#include "common/mysql/transaction.h"
#include "common/observe/log.h"
#include "common/saga/metrics.h"
#include "common/saga/retry.h"
#include "common/saga/saga.h"
#include "common/saga/saga_store.h"

namespace yilian::saga {
namespace {

constexpr absl::Duration kTransactionDeadline = absl::Seconds(10);
constexpr absl::Duration kPauseAfterError = absl::Milliseconds(500);
constexpr int kMaxDue = 1000;

void Fault(const Saga& saga, const char* part) {
  fault::Point([&] { return saga.kind + "." + saga.step + "." + part; });
}

bool IsExpected(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsAborted(status) ||
         absl::IsDeadlineExceeded(status) || absl::IsResourceExhausted(status) ||
         absl::IsInternal(status);
}

}  // namespace

struct Runner::State {
  State(mysql::Pool& pool, const base::Clock& clock, Options options)
      : pool(pool), clock(clock), options(options) {}

  mysql::Pool& pool;
  const base::Clock& clock;
  const Options options;
  std::map<std::string, std::map<std::string, Step>> kinds;  // fixed once the threads run

  absl::Mutex mutex;
  bool stopping ABSL_GUARDED_BY(mutex) = false;
  int64_t notifications ABSL_GUARDED_BY(mutex) = 0;
  // Claims whose steps run now, of all threads.
  std::vector<const Saga*> running ABSL_GUARDED_BY(mutex);
  std::vector<std::thread> threads;

  // A claim for as long as its step runs.
  class Running {
   public:
    Running(State& state, const Saga& saga) : state_(state), saga_(&saga) {
      absl::MutexLock lock(&state_.mutex);
      state_.running.push_back(saga_);
    }
    ~Running() {
      absl::MutexLock lock(&state_.mutex);
      std::erase(state_.running, saga_);
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

   private:
    State& state_;
    const Saga* saga_;
  };

  ClaimFilter Filter(std::optional<base::Uuid> only = std::nullopt) const {
    ClaimFilter filter;
    for (const auto& [kind, steps] : kinds) filter.kinds.push_back(kind);
    filter.only = only;
    return filter;
  }

  absl::StatusOr<std::vector<base::Uuid>> Due(int limit) {
    std::vector<base::Uuid> due;
    RETURN_IF_ERROR(mysql::RunRead(
        pool, absl::Now() + kTransactionDeadline, [&](mysql::Session& session) -> absl::Status {
          ASSIGN_OR_RETURN(due, ReadDue(session, Filter(), clock.Now(), limit));
          return absl::OkStatus();
        }));
    return due;
  }

  absl::StatusOr<std::optional<Saga>> TakeOne(const ClaimFilter& filter) {
    // A COMMIT whose answer is lost leaves at worst a claim that nobody works on until its lease
    // ends.
    return mysql::RunTransactionFor<std::optional<Saga>>(
        pool, {.name = "saga.Claim", .deadline = absl::Now() + kTransactionDeadline},
        [&](mysql::Session& session) {
          return Claim(session, filter, clock.Now(), options.lease);
        });
  }

  // An idle runner asks by one plain read whether a transaction is worth it.
  absl::StatusOr<std::optional<Saga>> LookAndTake(const ClaimFilter& filter, bool idle) {
    if (idle) {
      ASSIGN_OR_RETURN(const std::vector<base::Uuid> due, Due(1));
      if (due.empty()) return std::nullopt;
    }
    return TakeOne(filter);
  }

  absl::StatusOr<Next> RunStep(const Saga& saga) {
    const auto& steps = kinds.at(saga.kind);
    const auto step = steps.find(saga.step);
    if (step == steps.end()) {
      return status::Error(absl::StatusCode::kFailedPrecondition, "yilian", "SAGA_STEP_UNKNOWN")
          .Message("this binary does not know the saga's step")
          .Meta("kind", saga.kind)
          .Meta("step", saga.step);
    }
    return step->second(saga);
  }

  mysql::TransactionOptions Settling(std::string_view name, const Saga& saga) {
    return {.name = name,
            .deadline = absl::Now() + kTransactionDeadline,
            .was_committed = [saga](mysql::Session& session) { return IsSettled(session, saga); }};
  }

  absl::Status WriteBack(const Saga& saga, const Next& next) {
    return mysql::RunTransaction(
        pool, Settling("saga.Advance", saga), [&](mysql::Session& session) -> absl::Status {
          // First, for the fence: a late holder's effect never runs.
          RETURN_IF_ERROR(Advance(session, saga, next, clock.Now()));
          return next.effect == nullptr ? absl::OkStatus() : next.effect(session);
        });
  }

  // A failure to write even this is mended by the lease's end.
  void PutOff(const Saga& saga, const absl::Status& why) {
    CountStepRetry(saga.kind);
    if (!IsExpected(why)) CountUnexpected(saga.kind);
    observe::Log(IsExpected(why) ? observe::Level::kWarn : observe::Level::kError,
                 "saga step failed and is tried again",
                 {{"kind", saga.kind},
                  {"saga_id", saga.saga_id},
                  {"step", saga.step},
                  {"attempt", saga.attempt + 1},
                  {"reason", Label(why)}});
    const absl::Status status =
        mysql::RunTransaction(pool, Settling("saga.Postpone", saga), [&](mysql::Session& session) {
          const absl::Time now = clock.Now();
          return Postpone(session, saga, now + Backoff(saga.attempt + 1), Label(why), now);
        });
    if (status::ReasonOf(status) == "SAGA_FENCED") CountFenced(saga.kind);
  }

  void Process(const Saga& saga) {
    const Running running(*this, saga);
    Fault(saga, "claimed");
    const absl::StatusOr<Next> next = RunStep(saga);
    Fault(saga, "called");
    if (!next.ok()) return PutOff(saga, next.status());
    const absl::Status status = WriteBack(saga, *next);
    Fault(saga, "written");
    if (status.ok()) return CountStep(saga.kind);
    if (status::ReasonOf(status) == "SAGA_FENCED") return CountFenced(saga.kind);
    PutOff(saga, status);
  }

  // A renewal that fails, or comes after the step's end, does no harm: the next one follows in
  // time, and what is settled or taken over is left alone.
  void RenewAll() {
    std::vector<Saga> held;
    {
      absl::MutexLock lock(&mutex);
      for (const Saga* saga : running) held.push_back(*saga);
    }
    for (const Saga& saga : held) {
      const absl::StatusOr<bool> renewed = mysql::RunTransactionFor<bool>(
          pool, {.name = "saga.Renew", .deadline = absl::Now() + options.lease},
          [&](mysql::Session& session) { return Renew(session, saga, options.lease); });
      if (!renewed.ok()) {
        observe::Log(observe::Level::kWarn, "a saga's lease cannot be renewed",
                     {{"kind", saga.kind}, {"reason", Label(renewed.status())}});
      }
    }
  }

  void KeepLeases() {
    while (true) {
      {
        absl::MutexLock lock(&mutex);
        if (mutex.AwaitWithTimeout(absl::Condition(&stopping), options.lease / 3)) return;
      }
      RenewAll();
    }
  }

  void Loop() {
    const ClaimFilter filter = Filter();
    bool failing = false;
    bool idle = true;
    while (true) {
      int64_t seen = 0;
      {
        absl::MutexLock lock(&mutex);
        if (stopping) return;
        seen = notifications;
      }
      const absl::StatusOr<std::optional<Saga>> saga = LookAndTake(filter, idle);
      idle = saga.ok() && !*saga;
      if (saga.ok() && *saga) {
        Process(**saga);
        continue;
      }
      if (!saga.ok() && !failing)
        observe::Log(observe::Level::kWarn, "sagas cannot be claimed",
                     {{"reason", Label(saga.status())}});
      failing = !saga.ok();
      absl::MutexLock lock(&mutex);
      auto awake = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
        return stopping || (!failing && notifications != seen);
      };
      mutex.AwaitWithTimeout(absl::Condition(&awake), failing ? kPauseAfterError : options.poll);
    }
  }
};

Runner::Runner(mysql::Pool& pool, const base::Clock& clock, Options options)
    : state_(std::make_unique<State>(pool, clock, options)) {}

Runner::~Runner() {
  {
    absl::MutexLock lock(&state_->mutex);
    state_->stopping = true;
  }
  for (std::thread& thread : state_->threads) thread.join();
}

void Runner::Define(std::string kind, std::map<std::string, Step> steps) {
  state_->kinds.insert_or_assign(std::move(kind), std::move(steps));
}

void Runner::Run() {
  for (int i = 0; i < state_->options.threads; ++i) {
    state_->threads.emplace_back([state = state_.get()] { state->Loop(); });
  }
  state_->threads.emplace_back([state = state_.get()] { state->KeepLeases(); });
}

void Runner::Notify() {
  absl::MutexLock lock(&state_->mutex);
  ++state_->notifications;
}

absl::StatusOr<int> Runner::RunDue() {
  ASSIGN_OR_RETURN(const std::vector<base::Uuid> due, state_->Due(kMaxDue));
  int run = 0;
  for (const base::Uuid& id : due) {
    ASSIGN_OR_RETURN(const std::optional<Saga> saga, state_->TakeOne(state_->Filter(id)));
    if (!saga) continue;  // another runner was faster
    state_->Process(*saga);
    ++run;
  }
  return run;
}

}  // namespace yilian::saga
