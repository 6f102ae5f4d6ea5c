// Where statistics are read, as the use cases ask for it. store/ implements it.
#pragma once

#include <map>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/referral/domain/statistics.h"

namespace yilian::referral {

struct StatisticsQuery {
  OrganizationId organization;
  DepartmentId department;  // nil: all
  Grain grain = Grain::kDay;
  absl::CivilDay first;  // by months, the first of one
  absl::CivilDay last;
};

// Implementations are thread-safe.
class StatisticsStore {
 public:
  virtual ~StatisticsStore() = default;
  // Periods in which something was counted, by their first day.
  virtual absl::StatusOr<std::map<absl::CivilDay, PeriodStatistics>> Periods(
      const StatisticsQuery& query, absl::Time deadline) = 0;
  // Every organization's month, by the month's first day.
  virtual absl::StatusOr<std::map<OrganizationId, PeriodStatistics>> Month(absl::CivilDay first,
                                                                           absl::Time deadline) = 0;
};

}  // namespace yilian::referral
