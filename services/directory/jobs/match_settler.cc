#include "services/directory/jobs/match_settler.h"

#include <chrono>

#include "common/base/status_macros.h"

namespace yilian::directory {
namespace {

constexpr std::chrono::seconds kInterval{10};
// Longer than any registration takes from its look at the others to its commit.
constexpr absl::Duration kSettleAfter = absl::Minutes(1);
constexpr int kBatch = 200;

}  // namespace

MatchSettler::MatchSettler(MysqlPatientIndex& index, const base::Clock& clock)
    : index_(index), clock_(clock) {
  thread_ = std::thread([this] { Loop(); });
}

MatchSettler::~MatchSettler() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

absl::StatusOr<int> MatchSettler::RunOnce() {
  int all = 0;
  while (true) {
    {
      std::lock_guard lock(mutex_);
      if (stopping_) return all;
    }
    const absl::Time now = clock_.Now();
    ASSIGN_OR_RETURN(const int settled, index_.SettleSome(now - kSettleAfter, kBatch, now,
                                                          absl::Now() + absl::Seconds(30)));
    all += settled;
    if (settled < kBatch) return all;
  }
}

void MatchSettler::Loop() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kInterval, [this] { return stopping_; })) {
    lock.unlock();
    // A database that is away is another's alarm; the records wait.
    RunOnce().IgnoreError();
    lock.lock();
  }
}

}  // namespace yilian::directory
