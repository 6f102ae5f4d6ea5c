// The aggregates are what a recount of every row gives, whatever happened and however often it is
// told.
#include <random>

#include "services/referral/store/statistics_fixture.h"

namespace yilian::referral {
namespace {

class StatisticsStoreTest : public StatisticsFixture {};

Change AcceptedBy(const Actor& by, const Referral& now, absl::Time at) {
  return *now.Accept(by, std::nullopt, "", {}, at);
}

TEST_F(StatisticsStoreTest, AnAnswerCountsOnTheDayOfTheSubmission) {
  const Referral referral = Submit(kHospital, cardiology_);
  Follow();
  EXPECT_EQ(Today(kHospital)[Measure::kReceived], 1);
  EXPECT_EQ(Today(kHospital)[Measure::kAnswered], 0);
  clock_.Advance(absl::Hours(30));
  ASSERT_TRUE(Do(referral.id, kHospital, [](const Referral& now, absl::Time at) {
    return AcceptedBy(kHospital, now, at);
  }));
  Follow();
  EXPECT_EQ(Today(kHospital)[Measure::kAnswered], 0);
  const absl::CivilDay day(2026, 3, 2);
  const PeriodStatistics then = Of(kHospital, day, day);
  EXPECT_EQ(then.counts[Measure::kAnswered], 1);
  EXPECT_EQ(then.counts[Measure::kAnsweredInTime], 0);
  const auto median = Quantile(then.buckets.at(BucketKind::kResponseTime), 0.5);
  EXPECT_NEAR(absl::ToDoubleHours(*median), 30, 30 * 0.045);
}

TEST_F(StatisticsStoreTest, AReasonCountsWhenItIsGivenThoughTheRowForgetsIt) {
  const Referral referral = Submit(kHospital, cardiology_);
  ASSERT_TRUE(Do(referral.id, kHospital, [&](const Referral& now, absl::Time at) {
    return now.Return(kHospital, ReasonCode::kInformationMissing, "病史", deadlines_, at);
  }));
  ASSERT_TRUE(Do(referral.id, kTownship, [&](const Referral& now, absl::Time at) {
    return now.Submit(kTownship, Submission{}, deadlines_, at);
  }));
  ASSERT_TRUE(Do(referral.id, kHospital, [](const Referral& now, absl::Time at) {
    return now.Reject(kHospital, ReasonCode::kNoCapacity, "", at);
  }));
  Follow();
  const absl::CivilDay day(2026, 3, 2);
  PeriodStatistics kept = Of(kHospital, day, day);
  EXPECT_EQ(kept.counts[Measure::kReturned], 1);
  EXPECT_EQ(kept.counts[Measure::kRejected], 1);
  EXPECT_EQ(kept.counts[Measure::kReceived], 1);
  const auto reason = [](ReasonCode code) { return static_cast<int>(code); };
  EXPECT_EQ(kept.buckets[BucketKind::kReturnedFor],
            (Buckets{{reason(ReasonCode::kInformationMissing), 1}}));
  EXPECT_EQ(kept.buckets[BucketKind::kRejectedFor],
            (Buckets{{reason(ReasonCode::kNoCapacity), 1}}));
}

TEST_F(StatisticsStoreTest, AnEventToldTwiceCountsOnce) {
  const Referral referral = Submit(kHospital, cardiology_);
  ASSERT_TRUE(Do(referral.id, kHospital, [](const Referral& now, absl::Time at) {
    return now.Reject(kHospital, ReasonCode::kNoCapacity, "", at);
  }));
  Follow();
  const Counts once = Today(kHospital);
  for (const event::v1::Event& event : std::vector(applied_)) Apply({&event, 1});
  EXPECT_EQ(Today(kHospital), once);
}

TEST_F(StatisticsStoreTest, WhoSitsOnAReferralIsLateAndWhoItIsHandedOnToIsNot) {
  const Actor other{.organization = Org(3)};
  const Referral referral = Submit(kHospital, cardiology_);
  clock_.Advance(absl::Hours(30));
  ASSERT_TRUE(Do(referral.id, kHospital, [&](const Referral& now, absl::Time at) {
    return now.Redirect(kHospital, other.organization, neurology_, ReasonCode::kWrongDepartment, "",
                        deadlines_, at);
  }));
  clock_.Advance(absl::Minutes(10));
  ASSERT_TRUE(Do(referral.id, other,
                 [&](const Referral& now, absl::Time at) { return AcceptedBy(other, now, at); }));
  Follow();
  const absl::CivilDay day(2026, 3, 2);
  const PeriodStatistics first = Of(kHospital, day, day + 1);
  EXPECT_EQ(first.counts[Measure::kResponsesOwed], 1);
  EXPECT_EQ(first.counts[Measure::kAnswered], 1);
  EXPECT_EQ(first.counts[Measure::kAnsweredInTime], 0);
  EXPECT_EQ(first.counts[Measure::kReceived], 0);
  EXPECT_EQ(Rate(first.counts, RankBy::kResponse), 0.0);
  EXPECT_NEAR(absl::ToDoubleHours(*Quantile(first.buckets.at(BucketKind::kResponseTime), 0.5)), 30,
              30 * 0.045);
  const PeriodStatistics second = Of(other, day, day + 1);
  EXPECT_EQ(second.counts[Measure::kReceived], 1);
  EXPECT_EQ(second.counts[Measure::kResponsesOwed], 1);
  EXPECT_EQ(second.counts[Measure::kAnsweredInTime], 1);
  EXPECT_NEAR(absl::ToDoubleMinutes(*Quantile(second.buckets.at(BucketKind::kResponseTime), 0.5)),
              10, 10 * 0.045);
  ExpectAllEqual();
}

TEST_F(StatisticsStoreTest, WhoDeclinesARedirectGivesAReasonThatCounts) {
  const Actor other{.organization = Org(3)};
  const Referral referral = Submit(kHospital, cardiology_);
  ASSERT_TRUE(Do(referral.id, kHospital, [&](const Referral& now, absl::Time at) {
    return now.Redirect(kHospital, other.organization, neurology_, ReasonCode::kWrongDepartment, "",
                        deadlines_, at);
  }));
  ASSERT_TRUE(Do(referral.id, other, [](const Referral& now, absl::Time at) {
    return now.Reject({.organization = now.receiving_organization}, ReasonCode::kNoCapacity, "",
                      at);
  }));
  Follow();
  const absl::CivilDay day(2026, 3, 2);
  PeriodStatistics declined = Of(other, day, day);
  EXPECT_EQ(declined.counts[Measure::kRejected], 1);
  EXPECT_EQ(declined.counts[Measure::kAnsweredInTime], 1);
  EXPECT_EQ(declined.counts[Measure::kReceived], 0);
  EXPECT_EQ(declined.buckets[BucketKind::kRejectedFor],
            (Buckets{{static_cast<int>(ReasonCode::kNoCapacity), 1}}));
  const PeriodStatistics first = Of(kHospital, day, day);
  EXPECT_EQ(first.counts[Measure::kReceived], 1);
  EXPECT_EQ(first.counts[Measure::kResponsesOwed], 1);
  EXPECT_EQ(first.counts[Measure::kRejected], 0);
  ExpectAllEqual();
}

TEST_F(StatisticsStoreTest, ASeatThatWasRefusedForAnotherReasonWasNotMissing) {
  const Referral referral = Submit(kHospital, cardiology_);
  FailBooking(referral.id, BookingFailure::kPatientOverlap);
  EXPECT_EQ(Read(referral.id).booking_failure, BookingFailure::kPatientOverlap);
  FailBooking(referral.id, BookingFailure::kNotPermitted);
  Follow();
  EXPECT_EQ(Today(kHospital)[Measure::kSlotsNotFound], 0);
  FailBooking(referral.id, BookingFailure::kNoSeat);
  Follow();
  EXPECT_EQ(Today(kHospital)[Measure::kSlotsNotFound], 1);
}

TEST_F(StatisticsStoreTest, WhatIsSaidAfterClosingCountsOnceHoweverOftenItIsTold) {
  const Referral referral = Submit(kHospital, cardiology_);
  Complete(referral.id);
  ASSERT_TRUE(Do(referral.id, kHospital,
                 [](const Referral& now, absl::Time at) { return now.Rate(kHospital, 5, at); }));
  Follow();
  EXPECT_EQ(Today(kHospital)[Measure::kRated], 0) << "nobody rates themselves";
  const auto contact = [&](const Actor& by, bool reached, Satisfaction said) {
    ASSERT_TRUE(Do(referral.id, by, [&](const Referral& now, absl::Time at) {
      return now.RecordClosingContact(
          by, {.contacted_at = at, .reached = reached, .satisfaction = said, .remarks = "恢复良好"},
          at);
    }));
  };
  contact(kTownship, false, Satisfaction::kNone);
  contact(kHospital, true, Satisfaction::kSatisfied);
  Follow();
  EXPECT_EQ(Today(kHospital)[Measure::kContacted], 1);
  EXPECT_EQ(Today(kHospital)[Measure::kContactReached], 1);
  EXPECT_EQ(Today(kHospital)[Measure::kSatisfied], 1);
  ASSERT_TRUE(Do(referral.id, kTownship, [](const Referral& now, absl::Time at) {
    return now.RecordPatientRating(kTownship, 3, Respondent::kFamilyMember, at);
  }));
  ASSERT_TRUE(Do(referral.id, kTownship,
                 [](const Referral& now, absl::Time at) { return now.Rate(kTownship, 4, at); }));
  Follow();
  const Counts once = Today(kHospital);
  EXPECT_EQ(once[Measure::kPatientRated], 1);
  EXPECT_EQ(once[Measure::kPatientScore], 3);
  EXPECT_EQ(once[Measure::kRated], 2);
  EXPECT_EQ(once[Measure::kSatisfied], 1);
  for (const event::v1::Event& event : std::vector(applied_)) Apply({&event, 1});
  EXPECT_EQ(Today(kHospital), once);
  ExpectAllEqual();

  const Referral read = Read(referral.id);
  ASSERT_EQ(read.closing_contacts.size(), 2u);
  EXPECT_EQ(read.closing_contacts[1].by.organization, kHospital.organization);
  EXPECT_EQ(read.closing_contacts[1].remarks, "恢复良好");
  EXPECT_EQ(read.patient_rating->respondent, Respondent::kFamilyMember);
}

TEST_F(StatisticsStoreTest, ADepartmentIsCountedApart) {
  Submit(kHospital, cardiology_);
  Submit(kHospital, cardiology_);
  Submit(kHospital, neurology_);
  Follow();
  const absl::CivilDay day(2026, 3, 2);
  EXPECT_EQ(Of(kHospital, day, day).counts[Measure::kReceived], 3);
  EXPECT_EQ(Of(kHospital, day, day, Grain::kDay, cardiology_).counts[Measure::kReceived], 2);
  EXPECT_EQ(Of(kTownship, day, day).counts, Counts());
}

TEST_F(StatisticsStoreTest, AMonthRanksItsOrganizations) {
  const Actor other{.organization = Org(3)};
  const Referral answered = Submit(kHospital, cardiology_);
  Submit(other, neurology_);
  ASSERT_TRUE(Do(answered.id, kHospital, [](const Referral& now, absl::Time at) {
    return AcceptedBy(kHospital, now, at);
  }));
  clock_.Advance(absl::Hours(24 * 31));
  Submit(other, neurology_);
  Follow();
  const auto march = statistics_->Month(absl::CivilDay(2026, 3, 1), Deadline());
  ASSERT_THAT(march, IsOk());
  ASSERT_EQ(march->size(), 2u);
  EXPECT_EQ(march->at(kHospital.organization).counts[Measure::kAnsweredInTime], 1);
  EXPECT_EQ(march->at(other.organization).counts[Measure::kReceived], 1);
  EXPECT_EQ(statistics_->Month(absl::CivilDay(2026, 4, 1), Deadline())->size(), 1u);
}

TEST_F(StatisticsStoreTest, TheAggregatesAreWhatARecountOfAllRowsGives) {
  std::mt19937 random(20261122);
  const auto one_of = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  std::vector<std::pair<ReferralId, Actor>> all;
  for (int step = 0; step < 500; ++step) {
    clock_.Advance(absl::Minutes(one_of(600)));
    if (all.empty() || one_of(4) == 0) {
      const Actor receiver{.organization = Org(2 + one_of(3))};
      all.emplace_back(Submit(receiver, one_of(2) == 0 ? cardiology_ : neurology_).id, receiver);
      continue;
    }
    const auto& [id, receiver] = all[static_cast<size_t>(one_of(static_cast<int>(all.size())))];
    const auto reason = static_cast<ReasonCode>(1 + one_of(8));
    const std::vector<std::function<void()>> commands = {
        [&] {
          Do(id, receiver, [&](const Referral& now, absl::Time at) {
            return now.Accept(receiver, std::nullopt, "", {}, at);
          });
        },
        [&] {
          Do(id, receiver, [&](const Referral& now, absl::Time at) {
            return now.Reject(receiver, reason, "", at);
          });
        },
        [&] {
          Do(id, receiver, [&](const Referral& now, absl::Time at) {
            return now.Return(receiver, reason, "", deadlines_, at);
          });
        },
        [&] {
          Do(id, kTownship, [&](const Referral& now, absl::Time at) {
            return now.Submit(kTownship, Submission{}, deadlines_, at);
          });
        },
        [&] { FailBooking(id); },
        [&] {
          Do(id, kTownship, [&](const Referral& now, absl::Time at) {
            return now.Withdraw(kTownship, reason, "", at);
          });
        },
        [&] {
          const Actor to{.organization = Org(2 + one_of(3))};
          const Actor by{.organization = Read(id).receiving_organization};
          Do(id, one_of(3) == 0 ? receiver : by, [&](const Referral& now, absl::Time at) {
            return now.Redirect(by, to.organization, neurology_, reason, "", deadlines_, at);
          });
        },
        [&] {
          const Actor by{.organization = Read(id).receiving_organization};
          Do(id, by, [&](const Referral& now, absl::Time at) {
            return one_of(2) == 0 ? now.Reject(by, reason, "", at)
                                  : now.Accept(by, std::nullopt, "", {}, at);
          });
        },
        [&] {
          if (one_of(3) == 0 && !IsTerminal(Read(id).state)) Complete(id);
          const int score = 1 + one_of(5);
          Do(id, kTownship, [&](const Referral& now, absl::Time at) {
            return one_of(2) == 0
                       ? now.RecordPatientRating(kTownship, score, Respondent::kPatient, at)
                       : now.Rate(kTownship, score, at);
          });
          Do(id, kTownship, [&](const Referral& now, absl::Time at) {
            return now.RecordClosingContact(kTownship,
                                            {.contacted_at = at,
                                             .reached = true,
                                             .satisfaction = static_cast<Satisfaction>(one_of(3))},
                                            at);
          });
        },
    };
    commands[static_cast<size_t>(one_of(static_cast<int>(commands.size())))]();
    if (one_of(10) == 0) Follow();
  }
  Follow();

  ExpectAllEqual();
  for (int n = 2; n < 5; ++n) {
    const PeriodStatistics all = Of({.organization = Org(n)}, absl::CivilDay(2026, 1, 1),
                                    absl::CivilDay(2027, 12, 31), Grain::kMonth);
    EXPECT_GT(all.counts[Measure::kReturned], 0);
    EXPECT_GT(all.counts[Measure::kSlotsNotFound], 0);
    EXPECT_GT(all.counts[Measure::kContacted], 0);
    EXPECT_GT(all.counts[Measure::kResponsesOwed], all.counts[Measure::kReceived]);
  }
}

}  // namespace
}  // namespace yilian::referral
