// Worklists out of the referral schema.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/mysql/pool.h"
#include "common/mysql/session.h"
#include "services/referral/domain/worklist.h"

namespace yilian::referral {

// Thread-safe. Which list a referral is on, the database computes from its row (s030_worklist.sql).
class MysqlWorklistStore : public WorklistStore {
 public:
  explicit MysqlWorklistStore(mysql::Pool& pool) : pool_(pool) {}

  absl::StatusOr<std::vector<WorklistEntry>> List(const WorklistPage& page,
                                                  absl::Time deadline) override;
  absl::StatusOr<std::vector<WorklistCount>> Count(OrganizationId organization, bool of_region,
                                                   const WorklistTimes& times,
                                                   absl::Time deadline) override;

 private:
  mysql::Pool& pool_;
};

// Puts the follow-up tasks of a changed referral onto FOLLOW_UPS_DUE or takes them off; inside the
// change's transaction, after its tasks were written. `before` is null for a new referral.
absl::Status WriteOwedTasks(mysql::Session& session, const Referral* before, const Referral& after);

}  // namespace yilian::referral
