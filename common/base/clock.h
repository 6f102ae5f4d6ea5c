// Time as a value that is handed in: domain code and tests never ask the machine directly.
#pragma once

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace yilian::base {

class Clock {
 public:
  virtual ~Clock() = default;
  // Now, cut to microseconds: what a DATETIME(6) column gives back.
  virtual absl::Time Now() const = 0;
};

// The machine's clock. Lives for ever; threads share it.
const Clock& SystemClock();

// A clock that stands until it is moved. Threads may share it.
class FakeClock : public Clock {
 public:
  explicit FakeClock(absl::Time start) : now_(start) {}
  absl::Time Now() const override {
    absl::MutexLock lock(&mutex_);
    return now_;
  }
  void Set(absl::Time to) {
    absl::MutexLock lock(&mutex_);
    now_ = to;
  }
  void Advance(absl::Duration by) {
    absl::MutexLock lock(&mutex_);
    now_ += by;
  }

 private:
  mutable absl::Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace yilian::base
