// The service's handler threads: a bounded queue in two lanes, so that a busy service answers
// "later" at once and a critical value never waits behind a list of appointments.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace yilian::rpc {

enum class Lane { kOrdinary, kPriority };

// Owned by the server or by the service that shares it with its streams; outlives both.
// Thread-safe.
class Executor {
 public:
  struct Options {
    int threads = 8;           // serve both lanes, priority first; sized with the connection pool
    int priority_threads = 2;  // serve the priority lane only
    int queue_length = 256;    // calls that may wait, a lane
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
  // lane is full or `deadline` would pass before a thread is free; then `task` is not touched.
  absl::Status Submit(Lane lane, absl::Time deadline, Task* task);
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
  struct Item {
    Task* task = nullptr;
    std::function<void()> work;
    absl::Time deadline;
  };
  void Loop(bool priority_only);
  bool Next(bool priority_only, std::unique_lock<std::mutex>& lock, Item* item, Lane* lane);
  void Enqueue(Lane lane, Item item);
  absl::Duration Wait(
      Lane lane) const;  // expected until a thread takes what is queued now; caller holds mutex_
  std::deque<Item>& queue(Lane lane) { return lane == Lane::kPriority ? priority_ : ordinary_; }

  const Options options_;
  mutable std::mutex mutex_;
  std::condition_variable ordinary_ready_;
  std::condition_variable priority_ready_;
  std::deque<Item> ordinary_;
  std::deque<Item> priority_;
  int idle_ = 0;
  int priority_idle_ = 0;
  int running_[2] = {0, 0};
  double service_ns_[2] = {0, 0};  // moving average a lane
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace yilian::rpc
