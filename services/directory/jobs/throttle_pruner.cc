#include "services/directory/jobs/throttle_pruner.h"

#include "absl/time/clock.h"
#include "common/base/status_macros.h"

namespace yilian::directory {
namespace {

constexpr absl::Duration kInterval = absl::Minutes(10);
// Rows of one transaction: few enough to be no burden on those who sign in meanwhile.
constexpr int kBatch = 1000;

}  // namespace

ThrottlePruner::ThrottlePruner(AccountStore& accounts, const base::Clock& clock,
                               const ThrottleRules& rules)
    : accounts_(accounts),
      clock_(clock),
      forget_after_(rules.forget_after),
      repeated_(kInterval, [this](const std::function<bool()>& stopping) {
        // A database that is away is another's alarm; the rows wait.
        Run(stopping).IgnoreError();
      }) {}

absl::StatusOr<int64_t> ThrottlePruner::Run(const std::function<bool()>& stopping) {
  int64_t all = 0;
  while (!stopping()) {
    ASSIGN_OR_RETURN(const int64_t deleted,
                     accounts_.PruneThrottles(clock_.Now() - forget_after_, kBatch,
                                              absl::Now() + absl::Seconds(10)));
    all += deleted;
    if (deleted < kBatch) break;
  }
  return all;
}

}  // namespace yilian::directory
