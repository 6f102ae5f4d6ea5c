// The service's handler threads: a bounded queue in two lanes, so that a busy service answers
// "later" at once and a critical value never waits behind a list of appointments.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace yilian::rpc {

enum class Lane { kOrdinary, kPriority };

// What a call comes for, as a number: who comes for the same thing takes turns with all others
// (turns.h). 0: nothing in particular.
using TurnKey = uint64_t;

// Owned by the server or by the service that shares it with its streams; outlives both.
// Thread-safe.
class Executor {
 public:
  struct Options {
    int threads = 8;           // serve both lanes, priority first; sized with the connection pool
    int priority_threads = 2;  // serve the priority lane only
    // Calls that may wait, a lane; three quarters of them for one and the same thing.
    int queue_length = 256;
  };

  // A piece of admitted work; the executor does not own it.
  class Task {
   public:
    virtual void Run() = 0;
    // Instead of Run, when the deadline passed while it waited or the executor stops.
    virtual void Drop() = 0;

   protected:
    ~Task() = default;
  };

  explicit Executor(const Options& options);
  ~Executor();  // runs what waits, then joins
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // OK: `task` will be run or dropped. RESOURCE_EXHAUSTED (OVERLOADED, with RetryInfo) when the
  // lane is full or `deadline` would pass before a thread is free; then `task` is not touched. The
  // delay grows with the number of those who were told to come back: each gets a time of its own,
  // when there is likely to be room, so that a crowd comes back once and not five times.
  absl::Status Submit(Lane lane, absl::Time deadline, Task* task, TurnKey key = 0);
  // Work of a call that was admitted before (a stream's next batch). Never refused: there is at
  // most one a stream.
  void Post(Lane lane, std::function<void()> work);

  struct Load {
    int waiting = 0;
    int running = 0;
    absl::Duration service_time;  // moving average
  };
  Load load(Lane lane) const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace yilian::rpc
