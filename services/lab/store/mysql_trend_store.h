// Trends in the laboratory schema: every method is one read.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/pool.h"
#include "services/lab/domain/trend_store.h"

namespace yilian::lab {

// Thread-safe.
class MysqlTrendStore : public TrendStore {
 public:
  explicit MysqlTrendStore(mysql::Pool& pool) : pool_(pool) {}

  absl::StatusOr<std::vector<TrendPoint>> Points(const TrendReader& reader, const TrendQuery& query,
                                                 absl::Time deadline) override;
  absl::StatusOr<std::vector<std::string>> Analytes(const TrendReader& reader,
                                                    const std::string& after_loinc, int limit,
                                                    absl::Time deadline) override;
  absl::StatusOr<std::vector<TrendPoint>> Newest(const TrendReader& reader,
                                                 const std::vector<std::string>& loincs, int each,
                                                 absl::Time deadline) override;

 private:
  mysql::Pool& pool_;
};

}  // namespace yilian::lab
