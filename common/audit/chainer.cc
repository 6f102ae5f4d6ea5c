#include <thread>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/audit/link.h"
#include "common/audit/log.h"
#include "common/base/status_macros.h"
#include "common/observe/log.h"

namespace yilian::audit {
namespace {

// A record can be found within 100 ms: the pause and the step that links it.
constexpr absl::Duration kPoll = absl::Milliseconds(80);
constexpr absl::Duration kPauseAfterError = absl::Seconds(1);
constexpr absl::Duration kPatience = absl::Seconds(5);
// Others leave linking to the replica that linked last for this long; who links anyway is decided
// by the head.
constexpr absl::Duration kLease = absl::Seconds(1);

// A row commits within moments of its id. Older ones are those of a replica whose clock is behind,
// or of a time without a chainer: a look at all rows, now and then, finds them.
constexpr absl::Duration kLatest = absl::Seconds(20);
constexpr absl::Duration kSweepEvery = absl::Seconds(60);

absl::StatusOr<int> LinkWhatIsThere(mysql::Pool& pool, const LinkOptions& options) {
  int linked = 0;
  while (true) {
    ASSIGN_OR_RETURN(const LinkStep step, LinkPending(pool, options));
    linked += step.linked;
    if (!step.more) return linked;
  }
}

}  // namespace

struct Chainer::State {
  explicit State(mysql::Pool& pool) : pool(pool) {}

  mysql::Pool& pool;
  const LinkOptions options{.holder = base::Uuid::V7(), .lease = kLease, .patience = kPatience};
  absl::Mutex mutex;
  bool stopping ABSL_GUARDED_BY(mutex) = false;
  bool notified ABSL_GUARDED_BY(mutex) = false;
  std::thread thread;

  bool Wait(absl::Duration at_most) {
    absl::MutexLock lock(&mutex);
    auto awake = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { return stopping || notified; };
    mutex.AwaitWithTimeout(absl::Condition(&awake), at_most);
    notified = false;
    return !stopping;
  }

  void Loop() {
    bool failing = false;
    bool going_on = true;
    absl::Time next_sweep = absl::InfinitePast();
    while (going_on) {
      const absl::Time now = absl::Now();
      const bool sweep = now >= next_sweep;
      LinkOptions look = options;
      if (!sweep) look.after = FirstIdAt(now - kLatest);
      const absl::StatusOr<LinkStep> step = LinkPending(pool, look);
      if (sweep && step.ok() && !step->more) next_sweep = now + kSweepEvery;
      if (!step.ok() && !failing)
        observe::Log(observe::Level::kWarn, "audit records are not linked",
                     {{"status", step.status()}});
      failing = !step.ok();
      going_on = Wait(failing ? kPauseAfterError : step->more ? absl::ZeroDuration() : kPoll);
    }
  }
};

Chainer::Chainer(mysql::Pool& pool) : state_(std::make_unique<State>(pool)) {
  state_->thread = std::thread([state = state_.get()] { state->Loop(); });
}

Chainer::~Chainer() {
  {
    absl::MutexLock lock(&state_->mutex);
    state_->stopping = true;
  }
  state_->thread.join();
}

void Chainer::Notify() {
  absl::MutexLock lock(&state_->mutex);
  state_->notified = true;
}

absl::StatusOr<int> Chainer::RunOnce() { return LinkWhatIsThere(state_->pool, state_->options); }

absl::StatusOr<int> LinkAll(mysql::Pool& pool) {
  return LinkWhatIsThere(pool, {.holder = base::Uuid::V7(),
                                .heed_lease = false,
                                .lease = absl::ZeroDuration(),
                                .patience = kPatience});
}

}  // namespace yilian::audit
