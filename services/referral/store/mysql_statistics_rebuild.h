// Makes the aggregates anew from the rows, beside those that write them.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/mysql/session.h"
#include "common/unit/unit_of_work.h"
#include "services/referral/domain/statistics_store.h"
#include "services/referral/store/mysql_statistics_store.h"

namespace yilian::referral {

// Thread-safe. A step is one transaction, which holds the row of the statistics' consumer: nothing
// else writes the aggregates or what was counted, so each step sees them whole and leaves them
// whole, and the consumer waits for some hundred rows at most. Referrals themselves are only read:
// one that changes behind a step has an event that is still to come.
class MysqlStatisticsRebuild : public StatisticsRebuild {
 public:
  MysqlStatisticsRebuild(unit::UnitOfWork& unit_of_work, MysqlStatisticsStore& statistics)
      : unit_of_work_(unit_of_work), statistics_(statistics) {}

 protected:
  absl::StatusOr<std::string> StepBytes(const unit::WriteContext& context, const RebuildPlace& from,
                                        const wire::RespondBytes<RebuildStep>& respond) override;

 private:
  // Counts each of the next referrals as it stands.
  absl::StatusOr<RebuildStep> RecountNext(mysql::Session& session, const base::Uuid& after);
  // Makes the aggregates of the next organization the sum of what was counted for it.
  absl::StatusOr<RebuildStep> AddUpNext(mysql::Session& session, const base::Uuid& after);

  unit::UnitOfWork& unit_of_work_;
  MysqlStatisticsStore& statistics_;
};

}  // namespace yilian::referral
