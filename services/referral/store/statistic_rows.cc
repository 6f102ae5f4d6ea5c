#include "services/referral/store/statistic_rows.h"

#include <algorithm>

#include "common/base/status_macros.h"

namespace yilian::referral::rows {
namespace {

using mysql::Query;

// Index: primary key.
constexpr Query kAdd{
    "statistics.Add",
    "INSERT INTO referral_statistic (grain, period, organization_id, department_id, received, "
    "answered_in_time, answered, completed_in_time, completed, rated, satisfied, rejected, "
    "returned, slots_not_found, responses_owed, patient_rated, patient_score, contacted, "
    "contact_reached) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON "
    "DUPLICATE KEY UPDATE received = received + ?, answered_in_time = answered_in_time + ?, "
    "answered = answered + ?, completed_in_time = completed_in_time + ?, "
    "completed = completed + ?, rated = rated + ?, satisfied = satisfied + ?, "
    "rejected = rejected + ?, returned = returned + ?, slots_not_found = slots_not_found + ?, "
    "responses_owed = responses_owed + ?, patient_rated = patient_rated + ?, "
    "patient_score = patient_score + ?, contacted = contacted + ?, "
    "contact_reached = contact_reached + ?"};
// Index: primary key.
constexpr Query kAddToBucket{
    "statistics.AddToBucket",
    "INSERT INTO referral_statistic_bucket (grain, period, organization_id, department_id, kind, "
    "bucket, occurrences) VALUES (?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE "
    "occurrences = occurrences + ?"};

}  // namespace

void StatisticDelta::Add(const StatisticDelta& other) {
  counts.Add(other.counts);
  for (const auto& [bucket, times] : other.buckets) buckets[bucket] += times;
}

bool StatisticDelta::IsNothing() const {
  return counts == Counts() && std::all_of(buckets.begin(), buckets.end(),
                                           [](const auto& one) { return one.second == 0; });
}

void AddTo(StatisticDeltas& deltas, const Contribution& contribution, int64_t times) {
  StatisticDelta& delta = deltas[contribution.place];
  delta.counts.Add(contribution.counts, times);
  if (contribution.response_bucket) {
    delta.buckets[{BucketKind::kResponseTime, *contribution.response_bucket}] += times;
  }
}

StatisticDelta DeltaOf(FactKind kind, int reason, const ResponseCount& response, int64_t times) {
  StatisticDelta delta;
  if (const std::optional<Measure> measure = MeasureOf(kind)) delta.counts[*measure] = times;
  if (const std::optional<BucketKind> reasons = BucketOf(kind)) {
    delta.buckets[{*reasons, reason}] = times;
  }
  if (response.owed) delta.counts[Measure::kResponsesOwed] = times;
  if (response.answered) delta.counts[Measure::kAnswered] = times;
  if (response.answered_in_time) delta.counts[Measure::kAnsweredInTime] = times;
  if (response.bucket) delta.buckets[{BucketKind::kResponseTime, *response.bucket}] = times;
  return delta;
}

void AddTo(StatisticDeltas& deltas, const Fact& fact) {
  deltas[fact.place].Add(DeltaOf(fact.kind, fact.reason, fact.response, 1));
}

absl::Status AddToPeriod(mysql::Session& session, Grain grain, absl::CivilDay period,
                         const StatisticPlace& place, const StatisticDelta& delta) {
  const std::string grain_text(GrainText(grain));
  if (delta.counts != Counts()) {
    mysql::Values values = {grain_text, DayText(period), place.organization, place.department};
    for (int twice = 0; twice < 2; ++twice) {
      for (const int64_t count : delta.counts.of) values.emplace_back(count);
    }
    RETURN_IF_ERROR(session.ExecuteValues(kAdd, values).status());
  }
  for (const auto& [bucket, times] : delta.buckets) {
    if (times == 0) continue;
    RETURN_IF_ERROR(session
                        .Execute(kAddToBucket, grain_text, DayText(period), place.organization,
                                 place.department, static_cast<int>(bucket.first), bucket.second,
                                 times, times)
                        .status());
  }
  return absl::OkStatus();
}

absl::Status AddToStatistics(mysql::Session& session, const StatisticDeltas& deltas) {
  for (const auto& [place, delta] : deltas) {
    RETURN_IF_ERROR(AddToPeriod(session, Grain::kDay, place.day, place, delta));
    RETURN_IF_ERROR(AddToPeriod(session, Grain::kMonth, MonthOf(place.day), place, delta));
  }
  return absl::OkStatus();
}

absl::CivilDay MonthOf(absl::CivilDay day) { return absl::CivilDay(absl::CivilMonth(day)); }

std::string_view GrainText(Grain grain) { return grain == Grain::kDay ? "D" : "M"; }

std::string DayText(absl::CivilDay day) { return absl::FormatCivilTime(day); }

absl::StatusOr<absl::CivilDay> DayFrom(const std::string& text) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(text, &day)) return absl::InternalError("a statistic has no date");
  return day;
}

Counts CountsFrom(const mysql::Row& row, int first) {
  Counts counts;
  for (size_t i = 0; i < kMeasures; ++i) counts.of[i] = row.Int(static_cast<int>(i) + first);
  return counts;
}

}  // namespace yilian::referral::rows
