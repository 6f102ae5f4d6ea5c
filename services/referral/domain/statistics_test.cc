#include "services/referral/domain/statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "common/status/error.h"
#include "services/referral/domain/booking_failure.h"

namespace yilian::referral {
namespace {

using ::testing::DoubleNear;

OrganizationId Org(int n) {
  return OrganizationId(base::Uuid::V5(base::Uuid(), "organization " + std::to_string(n)));
}

const absl::Time kMorning =
    absl::FromCivil(absl::CivilHour(2026, 3, 31, 23), absl::FixedTimeZone(8 * 3600));

Referral Submitted() {
  Referral referral;
  referral.receiving_organization = Org(1);
  referral.state = State::kSubmitted;
  referral.submitted_at = kMorning;
  referral.response_due_at = kMorning + absl::Hours(4);
  return referral;
}

TEST(StatisticsTest, ADraftCountsForNothing) {
  EXPECT_EQ(ContributionOf(Referral(), absl::UTCTimeZone()), std::nullopt);
}

TEST(StatisticsTest, AReferralCountsOnTheRegionsDayOfItsSubmission) {
  const Referral referral = Submitted();
  EXPECT_EQ(ContributionOf(referral, absl::FixedTimeZone(8 * 3600))->place.day,
            absl::CivilDay(2026, 3, 31));
  EXPECT_EQ(ContributionOf(referral, absl::FixedTimeZone(9 * 3600))->place.day,
            absl::CivilDay(2026, 4, 1));
}

TEST(StatisticsTest, WhatBecameOfItCounts) {
  Referral referral = Submitted();
  referral.first_response_at = kMorning + absl::Hours(5);
  referral.completed_at = kMorning + absl::Hours(50);
  referral.completed_in_time = true;
  referral.referrer_score = 3;
  const Counts counts = ContributionOf(referral, absl::UTCTimeZone())->counts;
  EXPECT_EQ(counts[Measure::kReceived], 1);
  EXPECT_EQ(counts[Measure::kAnswered], 1);
  EXPECT_EQ(counts[Measure::kAnsweredInTime], 0);
  EXPECT_EQ(counts[Measure::kCompleted], 1);
  EXPECT_EQ(counts[Measure::kCompletedInTime], 1);
  EXPECT_EQ(counts[Measure::kRated], 1);
  EXPECT_EQ(counts[Measure::kSatisfied], 0);
  referral.first_response_at = referral.response_due_at;
  EXPECT_EQ(ContributionOf(referral, absl::UTCTimeZone())->counts[Measure::kAnsweredInTime], 1);
}

TEST(StatisticsTest, AReceiverDoesNotRateItself) {
  Referral referral = Submitted();
  referral.receiver_score = 5;
  EXPECT_EQ(ContributionOf(referral, absl::UTCTimeZone())->counts[Measure::kRated], 0);
  referral.referrer_score = 2;
  const Counts counts = ContributionOf(referral, absl::UTCTimeZone())->counts;
  EXPECT_EQ(counts[Measure::kRated], 1);
  EXPECT_EQ(counts[Measure::kSatisfied], 0);
}

TEST(StatisticsTest, ThePatientsWordCountsOnce) {
  Referral referral = Submitted();
  referral.referrer_score = 4;
  referral.closing_contacts.push_back({.reached = false});
  Counts counts = ContributionOf(referral, absl::UTCTimeZone())->counts;
  EXPECT_EQ(counts[Measure::kContacted], 1);
  EXPECT_EQ(counts[Measure::kContactReached], 0);
  EXPECT_EQ(counts[Measure::kRated], 1);
  referral.closing_contacts.push_back(
      {.reached = true, .satisfaction = Satisfaction::kDissatisfied});
  referral.closing_contacts.push_back({.reached = true, .satisfaction = Satisfaction::kSatisfied});
  referral.closing_contacts.push_back({.reached = true});
  counts = ContributionOf(referral, absl::UTCTimeZone())->counts;
  EXPECT_EQ(counts[Measure::kContacted], 1) << "a referral, however often it was tried";
  EXPECT_EQ(counts[Measure::kContactReached], 1);
  EXPECT_EQ(counts[Measure::kRated], 2);
  EXPECT_EQ(counts[Measure::kSatisfied], 2) << "what they said last";
  referral.patient_rating = PatientRating{.score = 3};
  counts = ContributionOf(referral, absl::UTCTimeZone())->counts;
  EXPECT_EQ(counts[Measure::kPatientRated], 1);
  EXPECT_EQ(counts[Measure::kPatientScore], 3);
  EXPECT_EQ(counts[Measure::kRated], 2);
  EXPECT_EQ(counts[Measure::kSatisfied], 1);
}

TEST(StatisticsTest, AResponseIsMeasuredFromWhenTheReceiverGotIt) {
  Referral referral = Submitted();
  referral.received_at = kMorning + absl::Hours(30);
  referral.response_due_at = kMorning + absl::Hours(34);
  referral.first_response_at = kMorning + absl::Hours(31);
  const Contribution soon = *ContributionOf(referral, absl::UTCTimeZone());
  EXPECT_EQ(soon.counts[Measure::kAnsweredInTime], 1);
  EXPECT_EQ(soon.response_bucket, ResponseBucket(absl::Hours(1)));
  // Who responded by a redirect and has it back owes no first response.
  referral.response_due_at.reset();
  const Contribution back = *ContributionOf(referral, absl::UTCTimeZone());
  EXPECT_EQ(back.counts[Measure::kReceived], 1);
  EXPECT_EQ(back.counts[Measure::kResponsesOwed], 0);
  EXPECT_EQ(back.counts[Measure::kAnswered], 0);
  EXPECT_EQ(back.response_bucket, std::nullopt);
}

TEST(StatisticsTest, OnlyWhatLacksASeatIsASlotNotFound) {
  const auto refused = [](absl::StatusCode code, std::string_view reason) {
    return BookingFailureOf(status::Error(code, "yilian.scheduling", std::string(reason)));
  };
  using absl::StatusCode;
  EXPECT_EQ(refused(StatusCode::kFailedPrecondition, "NO_SEAT"), BookingFailure::kNoSeat);
  EXPECT_EQ(refused(StatusCode::kFailedPrecondition, "PATIENT_OVERLAP"),
            BookingFailure::kPatientOverlap);
  EXPECT_EQ(refused(StatusCode::kPermissionDenied, "ROLE_MISSING"), BookingFailure::kNotPermitted);
  EXPECT_EQ(refused(StatusCode::kFailedPrecondition, "A_RULE_OF_TOMORROW"), BookingFailure::kOther);
  const auto fact = [](BookingFailure why) { return FactOf("ReferralBookingFailed", why); };
  EXPECT_EQ(fact(BookingFailure::kNoSeat), FactKind::kSlotNotFound);
  EXPECT_EQ(fact(BookingFailure::kSessionClosed), FactKind::kSlotNotFound);
  for (const BookingFailure why :
       {BookingFailure::kPatientOverlap, BookingFailure::kReferralBooked, BookingFailure::kNotFound,
        BookingFailure::kNotPermitted, BookingFailure::kOther}) {
    EXPECT_EQ(fact(why), std::nullopt);
  }
}

TEST(StatisticsTest, ABucketStandsForItsTimesWithinFourAndAHalfPerCent) {
  for (double seconds = 1.1; seconds < 86'400.0 * 60; seconds *= 1.013) {
    const double told = absl::ToDoubleSeconds(BucketTime(ResponseBucket(absl::Seconds(seconds))));
    EXPECT_THAT(told / seconds, DoubleNear(1.0, 0.045)) << seconds;
  }
  EXPECT_EQ(ResponseBucket(absl::ZeroDuration()), 0);
  EXPECT_EQ(ResponseBucket(-absl::Hours(1)), 0);
  EXPECT_EQ(ResponseBucket(absl::InfiniteDuration()), ResponseBucket(absl::Hours(8'760'000)));
}

TEST(StatisticsTest, QuantilesOfTheHistogramAreThoseOfTheTimes) {
  std::mt19937 random(7);
  std::lognormal_distribution<double> seconds(8.0, 1.5);
  std::vector<double> times;
  Buckets buckets;
  for (int i = 0; i < 5000; ++i) {
    times.push_back(std::max(1.0, seconds(random)));
    ++buckets[ResponseBucket(absl::Seconds(times.back()))];
  }
  std::sort(times.begin(), times.end());
  for (const double quantile : {0.1, 0.5, 0.9, 0.99}) {
    const auto rank = static_cast<size_t>(std::ceil(quantile * 5000.0)) - 1;
    EXPECT_THAT(absl::ToDoubleSeconds(*Quantile(buckets, quantile)) / times[rank],
                DoubleNear(1.0, 0.045));
  }
  EXPECT_EQ(Quantile({}, 0.5), std::nullopt);
  EXPECT_EQ(Quantile({{3, 0}}, 0.5), std::nullopt);
}

Counts Rates(int64_t received, int64_t answered, int64_t completed, int64_t rated,
             int64_t satisfied) {
  Counts counts;
  counts[Measure::kReceived] = received;
  counts[Measure::kResponsesOwed] = received;
  counts[Measure::kAnsweredInTime] = answered;
  counts[Measure::kCompletedInTime] = completed;
  counts[Measure::kRated] = rated;
  counts[Measure::kSatisfied] = satisfied;
  return counts;
}

TEST(StatisticsTest, TheOverallRateIsTheMeanOfThoseThatCountSomething) {
  EXPECT_EQ(Rate(Rates(10, 5, 10, 0, 0), RankBy::kOverall), 0.75);
  EXPECT_EQ(Rate(Rates(10, 10, 10, 2, 1), RankBy::kOverall), 2.5 / 3);
  EXPECT_EQ(Rate(Rates(10, 10, 10, 0, 0), RankBy::kSatisfaction), std::nullopt);
  EXPECT_EQ(Rate(Counts(), RankBy::kOverall), std::nullopt);
}

TEST(StatisticsTest, EqualRatesShareAPlace) {
  const auto ranked = Rank({{Org(1), Rates(4, 2, 0, 0, 0)},
                            {Org(2), Rates(10, 9, 0, 0, 0)},
                            {Org(3), Rates(8, 4, 0, 0, 0)},
                            {Org(4), Rates(8, 1, 0, 0, 0)},
                            {Org(5), Rates(1, 1, 0, 0, 0)},
                            {Org(6), Rates(0, 0, 0, 0, 0)}},
                           RankBy::kResponse, 2);
  ASSERT_EQ(ranked.size(), 4u);
  EXPECT_EQ(ranked[0].organization, Org(2));
  EXPECT_EQ(ranked[1].organization, Org(3));  // more received goes first
  EXPECT_EQ(ranked[2].organization, Org(1));
  EXPECT_EQ(ranked[3].organization, Org(4));
  EXPECT_EQ(ranked[0].rank, 1);
  EXPECT_EQ(ranked[1].rank, 2);
  EXPECT_EQ(ranked[2].rank, 2);
  EXPECT_EQ(ranked[3].rank, 4);
}

}  // namespace
}  // namespace yilian::referral
