
#include <thread>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/audit/entry_store.h"
#include "common/audit/log.h"
#include "common/audit/metrics.h"
#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "common/observe/log.h"

namespace yilian::audit {
namespace {

constexpr int kBatch = 256;
constexpr absl::Duration kPoll = absl::Milliseconds(100);
constexpr absl::Duration kPauseAfterError = absl::Seconds(1);
constexpr absl::Duration kStatementDeadline = absl::Seconds(5);
// Others leave linking to the replica that linked last for this long; who links anyway is decided
// by the head.
constexpr absl::Duration kLease = absl::Seconds(1);

}  // namespace

struct Chainer::State {
  explicit State(mysql::Pool& pool) : pool(pool) {}

  mysql::Pool& pool;
  const base::Uuid holder = base::Uuid::V7();
  absl::Mutex mutex;
  bool stopping ABSL_GUARDED_BY(mutex) = false;
  bool notified ABSL_GUARDED_BY(mutex) = false;
  std::thread thread;

  struct Round {
    int linked = 0;
    bool more = false;
  };

  // RunRead, though it writes: each statement commits by itself, and running the round again after
  // a lost connection is harmless, because Link changes nothing unless the head is still the one
  // that was read.
  absl::StatusOr<Round> RunRound() {
    Round round;
    absl::Status status = mysql::RunRead(
        pool, absl::Now() + kStatementDeadline, [&](mysql::Session& session) -> absl::Status {
          round = Round{};
          ASSIGN_OR_RETURN(const Head head, ReadHead(session));
          if (head.lease_live && head.holder != holder) return absl::OkStatus();
          ASSIGN_OR_RETURN(const std::vector<Record> records, ReadUnlinked(session, kBatch));
          SetChainLag(records.empty()
                          ? 0
                          : absl::ToDoubleSeconds(absl::Now() - records.front().occurred_at));
          ASSIGN_OR_RETURN(const bool mine, Link(session, head, records, holder, kLease));
          round.linked = mine ? static_cast<int>(records.size()) : 0;
          round.more = !mine || records.size() == kBatch;
          return absl::OkStatus();
        });
    if (!status.ok()) return status;
    CountLinked(round.linked);
    return round;
  }

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
    while (going_on) {
      const absl::StatusOr<Round> round = RunRound();
      if (!round.ok() && !failing)
        observe::Log(observe::Level::kWarn, "audit records are not linked",
                     {{"status", round.status()}});
      failing = !round.ok();
      going_on = Wait(failing ? kPauseAfterError : round->more ? absl::ZeroDuration() : kPoll);
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

absl::StatusOr<int> Chainer::RunOnce() {
  int linked = 0;
  while (true) {
    ASSIGN_OR_RETURN(const State::Round round, state_->RunRound());
    linked += round.linked;
    if (!round.more) return linked;
  }
}

}  // namespace yilian::audit
