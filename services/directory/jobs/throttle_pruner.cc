#include "services/directory/jobs/throttle_pruner.h"

#include <chrono>

#include "common/base/status_macros.h"

namespace yilian::directory {
namespace {

constexpr std::chrono::minutes kInterval{10};
// Rows of one transaction: few enough to be no burden on those who sign in meanwhile.
constexpr int kBatch = 1000;

}  // namespace

ThrottlePruner::ThrottlePruner(AccountStore& accounts, const base::Clock& clock,
                               const ThrottleRules& rules)
    : accounts_(accounts), clock_(clock), forget_after_(rules.forget_after) {
  thread_ = std::thread([this] { Loop(); });
}

ThrottlePruner::~ThrottlePruner() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

absl::StatusOr<int64_t> ThrottlePruner::RunOnce() {
  int64_t all = 0;
  while (true) {
    ASSIGN_OR_RETURN(const int64_t deleted,
                     accounts_.PruneThrottles(clock_.Now() - forget_after_, kBatch,
                                              absl::Now() + absl::Seconds(10)));
    all += deleted;
    if (deleted < kBatch) return all;
  }
}

void ThrottlePruner::Loop() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kInterval, [this] { return stopping_; })) {
    lock.unlock();
    // A database that is away is another's alarm; the rows wait.
    RunOnce().IgnoreError();
    lock.lock();
  }
}

}  // namespace yilian::directory
