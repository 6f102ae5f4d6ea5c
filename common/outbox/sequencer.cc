
#include <thread>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "common/observe/log.h"
#include "common/outbox/metrics.h"
#include "common/outbox/numbering.h"
#include "common/outbox/outbox.h"

namespace yilian::outbox {
namespace {

// Longest an event waits when nobody calls Notify: another replica's write, or another replica's
// numbering.
constexpr absl::Duration kPoll = absl::Milliseconds(50);
// Between two numberings, so that under load one statement and one flush serve many writes. The
// first event after a quiet moment is numbered at once.
constexpr absl::Duration kSpacing = absl::Milliseconds(20);
constexpr absl::Duration kPauseAfterError = absl::Milliseconds(250);
constexpr absl::Duration kStatementDeadline = absl::Seconds(5);

}  // namespace

struct Sequencer::State {
  State(mysql::Pool& pool, absl::Duration lease) : pool(pool), lease(lease) {}

  mysql::Pool& pool;
  const absl::Duration lease;
  const base::Uuid holder = base::Uuid::V7();

  absl::Mutex mutex;
  bool stopping ABSL_GUARDED_BY(mutex) = false;
  bool notified ABSL_GUARDED_BY(mutex) = false;
  std::vector<std::function<void(int64_t)>> callbacks ABSL_GUARDED_BY(mutex);
  int64_t announced ABSL_GUARDED_BY(mutex) = 0;
  std::thread thread;

  struct Round {
    int numbered = 0;
    int64_t last_position = 0;
    bool more = false;  // the batch was full, or somebody else was faster: look again at once
  };

  // RunRead, though the second statement writes: both are single statements that commit by
  // themselves, and running the pair again after a lost connection is harmless, because the second
  // changes nothing unless the first still holds.
  absl::StatusOr<Round> RunRound() {
    Round round;
    absl::Status status = mysql::RunRead(
        pool, absl::Now() + kStatementDeadline, [&](mysql::Session& session) -> absl::Status {
          round = Round{};
          ASSIGN_OR_RETURN(const Unnumbered read, ReadUnnumbered(session, kMostNumbered));
          round.last_position = read.next_position - 1;
          SetBacklog(static_cast<int64_t>(read.outbox_ids.size()));
          if (read.outbox_ids.empty()) return absl::OkStatus();
          if (read.lease_live && read.holder != holder) return absl::OkStatus();
          ASSIGN_OR_RETURN(const bool mine, Number(session, read, holder, lease));
          if (mine) {
            round.numbered = static_cast<int>(read.outbox_ids.size());
            round.last_position += round.numbered;
          }
          round.more = !mine || round.numbered == kMostNumbered;
          return absl::OkStatus();
        });
    if (!status.ok()) return status;
    return round;
  }

  void Announce(int64_t position) {
    std::vector<std::function<void(int64_t)>> to_call;
    {
      absl::MutexLock lock(&mutex);
      if (position <= announced) return;
      announced = position;
      to_call = callbacks;
    }
    for (const auto& callback : to_call) callback(position);
  }

  // Both: false when the sequencer is ending.
  bool Pause(absl::Duration pause) {
    absl::MutexLock lock(&mutex);
    mutex.AwaitWithTimeout(absl::Condition(&stopping), pause);
    return !stopping;
  }
  bool AwaitNotice() {
    absl::MutexLock lock(&mutex);
    auto awake = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { return stopping || notified; };
    mutex.AwaitWithTimeout(absl::Condition(&awake), kPoll);
    notified = false;
    return !stopping;
  }

  void Loop() {
    bool failing = false;
    bool going_on = true;
    while (going_on) {
      const absl::Time began = absl::Now();
      absl::StatusOr<Round> round = RunRound();
      if (!round.ok()) {
        if (!failing)
          observe::Log(observe::Level::kWarn, "outbox is not numbered",
                       {{"status", round.status()}});
        failing = true;
        going_on = Pause(kPauseAfterError);
        continue;
      }
      if (failing) observe::Log(observe::Level::kInfo, "outbox is numbered again");
      failing = false;
      if (round->numbered > 0) CountNumbered(round->numbered);
      Announce(round->last_position);
      const bool spaced = round->numbered > 0 && !round->more;
      going_on = Pause(spaced ? began + kSpacing - absl::Now() : absl::ZeroDuration()) &&
                 (round->more || AwaitNotice());
    }
  }
};

Sequencer::Sequencer(mysql::Pool& pool, absl::Duration lease)
    : state_(std::make_unique<State>(pool, lease)) {
  state_->thread = std::thread([state = state_.get()] { state->Loop(); });
}

Sequencer::~Sequencer() {
  {
    absl::MutexLock lock(&state_->mutex);
    state_->stopping = true;
  }
  state_->thread.join();
}

void Sequencer::Notify() {
  absl::MutexLock lock(&state_->mutex);
  state_->notified = true;
}

void Sequencer::OnAdvance(std::function<void(int64_t position)> callback) {
  absl::MutexLock lock(&state_->mutex);
  state_->callbacks.push_back(std::move(callback));
}

absl::StatusOr<int> Sequencer::RunOnce() {
  int numbered = 0;
  while (true) {
    ASSIGN_OR_RETURN(const State::Round round, state_->RunRound());
    numbered += round.numbered;
    if (!round.more) return numbered;
  }
}

}  // namespace yilian::outbox
