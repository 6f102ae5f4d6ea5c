// ReceiverSource on the catalogue and on what scheduling offers.
#pragma once

#include <vector>

#include "common/mysql/pool.h"
#include "services/directory/domain/receivers.h"

namespace yilian::directory {

// Thread-safe; `pool` outlives it.
class MysqlReceiverSource : public ReceiverSource {
 public:
  explicit MysqlReceiverSource(mysql::Pool& pool) : pool_(pool) {}

  absl::StatusOr<Referrer> GetReferrer(const ReceiverQuery& query, const Actor& actor,
                                       absl::Time now, absl::Time deadline) override;
  absl::StatusOr<std::vector<Candidate>> Candidates(const ReceiverQuery& query,
                                                    const Referrer& referrer, absl::Time now,
                                                    absl::Time deadline) override;

 private:
  mysql::Pool& pool_;
};

}  // namespace yilian::directory
