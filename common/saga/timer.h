// Durable timers: something is due at a time, whatever process is alive then.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/uuid.h"
#include "common/mysql/pool.h"
#include "common/mysql/session.h"

namespace yilian::saga {

struct Timer {
  std::string kind;  // "referral.FirstResponse"
  base::Uuid aggregate_id;
  std::string name;  // tells timers of one aggregate apart: "tier-1"
  absl::Time due_at;
  std::string payload;
};

// Sets or moves a timer, inside the caller's transaction. (kind, aggregate_id, name) is its key.
absl::Status SetTimer(mysql::Session& session, const Timer& timer);
// Removes a timer, or all of an aggregate with an empty name; absent is fine.
absl::Status CancelTimer(mysql::Session& session, std::string_view kind,
                         const base::Uuid& aggregate_id, std::string_view name);

// Fires due timers: the effect and the timer's removal are one transaction, with the row locked
// (SKIP LOCKED), so that a timer has its effect once however many replicas run. An effect that
// fails is tried again with backoff, for ever, with an alarm metric after 10 attempts. It may also
// run several times before it is committed and must have no effect outside the session; it may set
// the same timer again. One background thread.
class TimerRunner {
 public:
  using Effect = std::function<absl::Status(mysql::Session&, const Timer&)>;
  using EffectOfMany = std::function<absl::Status(mysql::Session&, const std::vector<Timer>&)>;
  TimerRunner(mysql::Pool& pool, const base::Clock& clock,
              absl::Duration poll = absl::Milliseconds(500));
  ~TimerRunner();
  void Define(std::string kind, Effect effect);  // before Run
  // For what comes due in crowds: up to `at_most` timers of the kind in one transaction. Where it
  // fails they are tried one by one, so that one bad timer holds up no other.
  void DefineMany(std::string kind, size_t at_most, EffectOfMany effect);  // before Run
  void OnFired(std::function<void()> callback);  // after a commit (wakes the sequencer)
  void Run();
  absl::StatusOr<int> RunDue();  // for tests: fires what is due, returns how many

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace yilian::saga
