#include "services/directory/jobs/match_settler.h"

#include "absl/time/clock.h"
#include "common/base/status_macros.h"

namespace yilian::directory {
namespace {

constexpr absl::Duration kInterval = absl::Seconds(10);
// Longer than any registration takes from its look at the others to its commit.
constexpr absl::Duration kSettleAfter = absl::Minutes(1);
constexpr int kBatch = 200;

}  // namespace

MatchSettler::MatchSettler(MysqlPatientIndex& index, const base::Clock& clock)
    : index_(index), clock_(clock), repeated_(kInterval, [this](const auto& stopping) {
        // A database that is away is another's alarm; the records wait.
        Run(stopping).IgnoreError();
      }) {}

absl::StatusOr<int> MatchSettler::Run(const std::function<bool()>& stopping) {
  int all = 0;
  while (!stopping()) {
    const absl::Time now = clock_.Now();
    ASSIGN_OR_RETURN(const int settled, index_.SettleSome(now - kSettleAfter, kBatch, now,
                                                          absl::Now() + absl::Seconds(30)));
    all += settled;
    if (settled < kBatch) break;
  }
  return all;
}

}  // namespace yilian::directory
