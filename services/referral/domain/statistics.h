// What is counted of referrals, and how rates, ranks and percentiles come of the counts. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/referral/domain/referral.h"

namespace yilian::referral {

// In the order of the columns of referral_statistic.
enum class Measure {
  kReceived,
  kAnsweredInTime,
  kAnswered,
  kCompletedInTime,
  kCompleted,
  kRated,
  kSatisfied,
  kRejected,
  kReturned,
  kSlotsNotFound,
  kResponsesOwed,
  kPatientRated,
  kPatientScore,
  kContacted,
  kContactReached,
};
inline constexpr size_t kMeasures = 15;

struct Counts {
  std::array<int64_t, kMeasures> of = {};
  int64_t& operator[](Measure measure) { return of[static_cast<size_t>(measure)]; }
  int64_t operator[](Measure measure) const { return of[static_cast<size_t>(measure)]; }
  Counts& Add(const Counts& other, int64_t times = 1);
  bool operator==(const Counts&) const = default;
};

// What the buckets of a period hold. Numbers are those of referral_statistic_bucket.kind.
enum class BucketKind { kResponseTime = 1, kRejectedFor, kReturnedFor };
using Buckets = std::map<int, int64_t>;  // bucket or reason -> how often

// What was counted of one period, or of several together.
struct PeriodStatistics {
  Counts counts;
  std::map<BucketKind, Buckets> buckets;
  void Add(const PeriodStatistics& other);
};

// Numbers are those of the proto's enum.
enum class Grain { kDay = 1, kMonth };

// Whose count it is: a receiving organization and its department (nil: none), on a day of the
// region.
struct StatisticPlace {
  OrganizationId organization;
  DepartmentId department;
  absl::CivilDay day;
  bool operator==(const StatisticPlace&) const = default;
  bool operator<(const StatisticPlace& other) const {
    return std::tie(organization, department, day) <
           std::tie(other.organization, other.department, other.day);
  }
};

// What one referral adds to the statistics as it stands; counted on the day of its first
// submission.
struct Contribution {
  StatisticPlace place;
  Counts counts;
  std::optional<int> response_bucket;
  bool operator==(const Contribution&) const = default;
};
// nullopt: a draft.
std::optional<Contribution> ContributionOf(const Referral& referral, const absl::TimeZone& zone);

// A first response as it is counted.
struct ResponseCount {
  bool owed = false;
  bool answered = false;
  bool answered_in_time = false;
  std::optional<int> bucket;  // where it was answered
  bool operator==(const ResponseCount&) const = default;
};
ResponseCount CountOf(const ReceiverResponse& response);

// Something that happened to a referral and leaves no trace in its row for good. Numbers are those
// of referral_fact.kind.
enum class FactKind { kRejected = 1, kReturned, kSlotNotFound, kHandedOn };
struct Fact {
  ReferralId referral;
  int64_t version = 0;
  FactKind kind = FactKind::kRejected;
  int reason = 0;          // ReasonCode; of kSlotNotFound BookingFailure
  StatisticPlace place;    // the day on which it happened
  ResponseCount response;  // of a receiver that gave the referral away
};
// The fact that an event of this name tells; nullopt: none.
std::optional<FactKind> FactOf(std::string_view event_type, BookingFailure failure);
// nullopt: it is counted by its response alone.
std::optional<Measure> MeasureOf(FactKind kind);
// Where its reason is counted; nullopt: it has none.
std::optional<BucketKind> BucketOf(FactKind kind);

// The histogram of response times: eight buckets to each doubling of seconds. A bucket stands for
// its geometric middle, which is within 4.5 % (2^(1/16)) of every time in it.
int ResponseBucket(absl::Duration time);
absl::Duration BucketTime(int bucket);
// The time below or at which the share `quantile` of all is (nearest rank); nullopt: nothing there.
std::optional<absl::Duration> Quantile(const Buckets& buckets, double quantile);

// Numbers are those of the proto's enum.
enum class RankBy { kResponse = 1, kResolution, kSatisfaction, kOverall };
// 0 to 1; nullopt where there is nothing to count.
std::optional<double> Rate(const Counts& counts, RankBy by);

struct RankedOrganization {
  int rank = 0;
  OrganizationId organization;
  double rate = 0;
  Counts counts;
};
// The best first; equal rates share a rank, and more received goes before less.
std::vector<RankedOrganization> Rank(const std::map<OrganizationId, Counts>& organizations,
                                     RankBy by, int64_t least_received);

}  // namespace yilian::referral
