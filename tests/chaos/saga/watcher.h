// Looks at one referral all the time, as its doctor and as the auditor, and notes what contradicts.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "tests/chaos/saga/scene.h"
#include "tests/chaos/storm/tables.h"

namespace yilian::chaos {

// Runs from its making to Stop. Thread-safe.
class Watcher {
 public:
  // `always_booked`: from the moment on that it was booked, there is never no booking (a
  // reschedule).
  Watcher(const ctl::Region& region, const ctl::demo::Person& doctor, std::string referral_id,
          bool always_booked);
  ~Watcher();
  // What contradicted; empty when all was well.
  std::vector<std::string> Stop();
  int looks() const { return looks_; }

 private:
  void LookThroughTheApi();
  void LookAtTheTables();
  void Note(std::string what);

  const ctl::demo::Person doctor_;
  const std::string referral_id_;
  const bool always_booked_;
  std::unique_ptr<Tables> tables_;
  std::atomic<bool> over_ = false;
  std::atomic<int> looks_ = 0;
  absl::Mutex mutex_;
  std::vector<std::string> findings_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

}  // namespace yilian::chaos
