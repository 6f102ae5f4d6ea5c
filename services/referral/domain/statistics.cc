#include "services/referral/domain/statistics.h"

#include <algorithm>
#include <cmath>

#include "services/referral/domain/booking_failure.h"

namespace yilian::referral {
namespace {

constexpr int kBucketsToADoubling = 8;
// About 68 years: a clock that went wrong fills no endless table.
constexpr int kLastBucket = 31 * kBucketsToADoubling;
// A rating of so many of 5 is satisfied.
constexpr int kSatisfiedFrom = 4;

std::optional<double> Share(int64_t part, int64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

void CountAnswer(bool satisfied, Counts& counts) {
  ++counts[Measure::kRated];
  if (satisfied) ++counts[Measure::kSatisfied];
}

// The referrer's word and the patient's, each once. A receiver does not rate itself.
void CountSatisfaction(const Referral& r, Counts& counts) {
  if (r.referrer_score) CountAnswer(*r.referrer_score >= kSatisfiedFrom, counts);
  Satisfaction said = Satisfaction::kNone;
  for (const ClosingContact& contact : r.closing_contacts) {
    counts[Measure::kContacted] = 1;
    if (contact.reached) counts[Measure::kContactReached] = 1;
    if (contact.satisfaction != Satisfaction::kNone) said = contact.satisfaction;
  }
  if (r.patient_rating) {
    counts[Measure::kPatientRated] = 1;
    counts[Measure::kPatientScore] = r.patient_rating->score;
    CountAnswer(r.patient_rating->score >= kSatisfiedFrom, counts);
  } else if (said != Satisfaction::kNone) {
    CountAnswer(said == Satisfaction::kSatisfied, counts);
  }
}

}  // namespace

Counts& Counts::Add(const Counts& other, int64_t times) {
  for (size_t i = 0; i < kMeasures; ++i) of[i] += times * other.of[i];
  return *this;
}

void PeriodStatistics::Add(const PeriodStatistics& other) {
  counts.Add(other.counts);
  for (const auto& [kind, added] : other.buckets) {
    for (const auto& [bucket, times] : added) buckets[kind][bucket] += times;
  }
}

std::optional<Contribution> ContributionOf(const Referral& r, const absl::TimeZone& zone) {
  if (!r.submitted_at) return std::nullopt;
  Contribution contribution{.place = {.organization = r.receiving_organization,
                                      .department = r.receiving_department,
                                      .day = absl::ToCivilDay(*r.submitted_at, zone)}};
  Counts& counts = contribution.counts;
  counts[Measure::kReceived] = 1;
  const ResponseCount response = CountOf(*r.response());
  counts[Measure::kResponsesOwed] = response.owed ? 1 : 0;
  counts[Measure::kAnswered] = response.answered ? 1 : 0;
  counts[Measure::kAnsweredInTime] = response.answered_in_time ? 1 : 0;
  contribution.response_bucket = response.bucket;
  if (r.completed_at) {
    counts[Measure::kCompleted] = 1;
    counts[Measure::kCompletedInTime] = r.completed_in_time ? 1 : 0;
  }
  CountSatisfaction(r, counts);
  return contribution;
}

ResponseCount CountOf(const ReceiverResponse& response) {
  if (!response.due_at) return {};
  ResponseCount count{.owed = true};
  if (response.responded_at) {
    count.answered = true;
    count.answered_in_time = *response.responded_at <= *response.due_at;
    count.bucket = ResponseBucket(*response.responded_at - response.received_at);
  }
  return count;
}

std::optional<FactKind> FactOf(std::string_view event_type, BookingFailure failure) {
  if (event_type == "ReferralRejected") return FactKind::kRejected;
  if (event_type == "ReferralRedirectDeclined") return FactKind::kRejected;
  if (event_type == "ReferralReturned") return FactKind::kReturned;
  if (event_type == "ReferralRedirected") return FactKind::kHandedOn;
  if ((event_type == "ReferralBookingFailed" || event_type == "ReferralRescheduleFailed") &&
      IsSlotNotFound(failure)) {
    return FactKind::kSlotNotFound;
  }
  return std::nullopt;
}

std::optional<Measure> MeasureOf(FactKind kind) {
  switch (kind) {
    case FactKind::kRejected:
      return Measure::kRejected;
    case FactKind::kReturned:
      return Measure::kReturned;
    case FactKind::kSlotNotFound:
      return Measure::kSlotsNotFound;
    case FactKind::kHandedOn:
      break;
  }
  return std::nullopt;
}

std::optional<BucketKind> BucketOf(FactKind kind) {
  switch (kind) {
    case FactKind::kRejected:
      return BucketKind::kRejectedFor;
    case FactKind::kReturned:
      return BucketKind::kReturnedFor;
    case FactKind::kSlotNotFound:
    case FactKind::kHandedOn:
      break;
  }
  return std::nullopt;
}

int ResponseBucket(absl::Duration time) {
  const double seconds = std::max(1.0, absl::ToDoubleSeconds(time));
  const double bucket = std::ceil(std::log2(seconds) * kBucketsToADoubling);
  return bucket >= kLastBucket ? kLastBucket : static_cast<int>(bucket);
}

absl::Duration BucketTime(int bucket) {
  if (bucket <= 0) return absl::Seconds(1);
  return absl::Seconds(std::exp2((bucket - 0.5) / kBucketsToADoubling));
}

std::optional<absl::Duration> Quantile(const Buckets& buckets, double quantile) {
  int64_t total = 0;
  for (const auto& [bucket, count] : buckets) total += count;
  if (total <= 0) return std::nullopt;
  const auto rank =
      std::max<int64_t>(1, static_cast<int64_t>(std::ceil(quantile * static_cast<double>(total))));
  int64_t seen = 0;
  for (const auto& [bucket, count] : buckets) {
    seen += count;
    if (seen >= rank) return BucketTime(bucket);
  }
  return BucketTime(buckets.rbegin()->first);
}

std::optional<double> Rate(const Counts& counts, RankBy by) {
  static constexpr struct {
    RankBy name;
    Measure part;
    Measure whole;
  } kRates[] = {{RankBy::kResponse, Measure::kAnsweredInTime, Measure::kResponsesOwed},
                {RankBy::kResolution, Measure::kCompletedInTime, Measure::kReceived},
                {RankBy::kSatisfaction, Measure::kSatisfied, Measure::kRated}};
  double sum = 0;
  int rates = 0;
  for (const auto& one : kRates) {
    if (by != RankBy::kOverall && by != one.name) continue;
    if (const std::optional<double> rate = Share(counts[one.part], counts[one.whole])) {
      sum += *rate;
      ++rates;
    }
  }
  if (rates == 0) return std::nullopt;
  return sum / rates;
}

std::vector<RankedOrganization> Rank(const std::map<OrganizationId, Counts>& organizations,
                                     RankBy by, int64_t least_received) {
  std::vector<RankedOrganization> ranked;
  for (const auto& [organization, counts] : organizations) {
    const std::optional<double> rate = Rate(counts, by);
    // Who hands on all that comes has received nothing that stays, and is ranked by its responses.
    const Measure size = by == RankBy::kResponse ? Measure::kResponsesOwed : Measure::kReceived;
    if (!rate || counts[size] < least_received) continue;
    ranked.push_back({.organization = organization, .rate = *rate, .counts = counts});
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const RankedOrganization& a, const RankedOrganization& b) {
                     if (a.rate != b.rate) return a.rate > b.rate;
                     return a.counts[Measure::kReceived] > b.counts[Measure::kReceived];
                   });
  for (size_t i = 0; i < ranked.size(); ++i) {
    const bool shares = i > 0 && ranked[i].rate == ranked[i - 1].rate;
    ranked[i].rank = shares ? ranked[i - 1].rank : static_cast<int>(i) + 1;
  }
  return ranked;
}

}  // namespace yilian::referral
