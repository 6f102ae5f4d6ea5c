// Deletes counts of failed sign-ins that are old enough to be forgotten.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "services/directory/domain/account.h"

namespace yilian::directory {

// Every ten minutes, on a thread of its own. Every replica may run one: deleting twice is harmless.
// Names that do not exist are counted like others, so that without it a guesser fills the table.
class ThrottlePruner {
 public:
  // Both outlive it.
  ThrottlePruner(AccountStore& accounts, const base::Clock& clock, const ThrottleRules& rules);
  ~ThrottlePruner();
  ThrottlePruner(const ThrottlePruner&) = delete;
  ThrottlePruner& operator=(const ThrottlePruner&) = delete;

  // For tests: deletes all there is to delete now, returns how many rows.
  absl::StatusOr<int64_t> RunOnce();

 private:
  void Loop();

  AccountStore& accounts_;
  const base::Clock& clock_;
  const absl::Duration forget_after_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace yilian::directory
