// The aggregates as rows, and how something is added to them.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "common/mysql/session.h"
#include "services/referral/domain/statistics.h"

namespace yilian::referral::rows {

// What is to be added for one place: counts, and occurrences in buckets.
struct StatisticDelta {
  Counts counts;
  std::map<std::pair<BucketKind, int>, int64_t> buckets;

  void Add(const StatisticDelta& other);
  bool IsNothing() const;
};
using StatisticDeltas = std::map<StatisticPlace, StatisticDelta>;

void AddTo(StatisticDeltas& deltas, const Contribution& contribution, int64_t times);
void AddTo(StatisticDeltas& deltas, const Fact& fact);
// What happened that often, with the same reason and response.
StatisticDelta DeltaOf(FactKind kind, int reason, const ResponseCount& response, int64_t times);

// To one aggregate. `place.day` is not looked at.
absl::Status AddToPeriod(mysql::Session& session, Grain grain, absl::CivilDay period,
                         const StatisticPlace& place, const StatisticDelta& delta);
// To the day and the month of each place.
absl::Status AddToStatistics(mysql::Session& session, const StatisticDeltas& deltas);

absl::CivilDay MonthOf(absl::CivilDay day);
std::string_view GrainText(Grain grain);
std::string DayText(absl::CivilDay day);
absl::StatusOr<absl::CivilDay> DayFrom(const std::string& text);
// From the columns of all measures, in their order, from `first` on.
Counts CountsFrom(const mysql::Row& row, int first);

}  // namespace yilian::referral::rows
