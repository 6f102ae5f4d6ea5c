#include "services/scheduling/rota/review.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/scheduling/rota/testing/little_region.h"

namespace yilian::scheduling::rota {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

auto Broken(int visit, Rule rule) {
  return AllOf(Field(&Violation::visit, visit), Field(&Violation::rule, rule));
}

absl::CivilDay DayOf(const Problem& problem, int day) { return problem.first_day + day; }

UnmetReason OnlyReason(const Problem& problem, const std::vector<Visit>& visits = {}) {
  const absl::StatusOr<Findings> findings = Review(problem, visits);
  EXPECT_TRUE(findings.ok()) << findings.status();
  EXPECT_EQ(findings->unmet.size(), 1U);
  return findings->unmet.at(0).reason;
}

TEST(RotaReview, CostsAreCountedByCriterion) {
  Problem problem = LittleRegion({30, 40}, 2);
  const int first = AddExpert(problem, {0, 1, 7});
  const int second = AddExpert(problem, {0, 1, 7});
  const int near = AddNeed(problem, 0, {1, 1});
  const int far = AddNeed(problem, 1, {2, 0});
  problem.previous = {{first, near}};
  problem.fairness_tolerance = 0;
  problem.weights = {.unmet = 1000, .travel = 2, .fairness = 7, .pairing = 40, .newcomer = 20};
  const absl::StatusOr<Findings> findings = Review(problem, {{first, near, DayOf(problem, 0)},
                                                             {first, near, DayOf(problem, 7)},
                                                             {first, far, DayOf(problem, 1)}});
  ASSERT_TRUE(findings.ok()) << findings.status();
  EXPECT_THAT(findings->violations, IsEmpty());
  EXPECT_EQ(findings->cost.unmet, 1000);
  EXPECT_EQ(findings->cost.travel, 2 * (30 + 30 + 40));
  EXPECT_EQ(findings->cost.continuity, 40 + (40 + 20));
  // Two days each are fair: one too many costs 7, two too few 7 + 14.
  EXPECT_EQ(findings->cost.fairness, 7 + 7 + 14);
  EXPECT_THAT(findings->loads, ElementsAre(Load{3, 2, 2}, Load{0, 2, 2}));
  EXPECT_THAT(findings->unmet, ElementsAre(Unmet{far, 0, 1, UnmetReason::kTooDear, {}}));
  EXPECT_EQ(second, 1);
}

TEST(RotaReview, EveryRuleIsLookedAt) {
  Problem problem = LittleRegion({30, 200});
  const int expert = AddExpert(problem, {0, 1, 2}, 2);
  const int need = AddNeed(problem, 0, {3});
  const int far = AddNeed(problem, 1, {1});
  problem.needs[1].specialty = "NEUROLOGY";
  problem.needs[1].least_title = Title::kChief;
  problem.stations[1].closed = {DayOf(problem, 3)};
  const absl::StatusOr<Findings> findings = Review(problem, {{9, need, DayOf(problem, 0)},
                                                             {expert, -1, DayOf(problem, 7)},
                                                             {expert, need, DayOf(problem, 0)},
                                                             {expert, need, DayOf(problem, 0)},
                                                             {expert, far, DayOf(problem, 3)}});
  ASSERT_TRUE(findings.ok()) << findings.status();
  EXPECT_THAT(findings->violations,
              ElementsAre(Broken(0, Rule::kUnknownExpert), Broken(1, Rule::kUnknownNeed),
                          Broken(1, Rule::kOutsidePeriod), Violation{3, Rule::kSameDay, 0, 2},
                          Violation{3, Rule::kNoRoom, 1, -1}, Broken(4, Rule::kNotAvailable),
                          Broken(4, Rule::kStationClosed), Broken(4, Rule::kSpecialty),
                          Broken(4, Rule::kTitle), Violation{4, Rule::kTooFar, 120, -1},
                          Violation{4, Rule::kDaysAWeek, 2, -1}));
}

TEST(RotaReview, MoreThanNeededAndTheLimitOfThePeriodAreBroken) {
  Problem problem = LittleRegion({30});
  const int expert = AddExpert(problem, {0, 1});
  problem.experts[0].most_days = 1;
  const int need = AddNeed(problem, 0, {1});
  const absl::StatusOr<Findings> findings =
      Review(problem, {{expert, need, DayOf(problem, 0)}, {expert, need, DayOf(problem, 1)}});
  ASSERT_TRUE(findings.ok()) << findings.status();
  EXPECT_THAT(findings->violations, ElementsAre(Violation{1, Rule::kDaysInPeriod, 1, -1},
                                                Violation{1, Rule::kMoreThanNeeded, 1, -1}));
}

TEST(RotaReview, UnmetSaysWhyNobodyMayCome) {
  Problem problem = LittleRegion({30});
  const int expert = AddExpert(problem, {2});
  const int need = AddNeed(problem, 0, {1});
  EXPECT_EQ(OnlyReason(problem), UnmetReason::kTooDear);  // he could: the plan does not use him

  Problem changed = problem;
  changed.needs[0].specialty = "NEUROLOGY";
  EXPECT_EQ(OnlyReason(changed), UnmetReason::kNoExpert);
  changed = problem;
  changed.needs[0].least_title = Title::kAssociateChief;
  EXPECT_EQ(OnlyReason(changed), UnmetReason::kTitle);
  changed = problem;
  changed.most_travel_minutes = 29;
  EXPECT_EQ(OnlyReason(changed), UnmetReason::kTooFar);
  changed = problem;
  changed.stations[0].closed = {DayOf(problem, 2)};
  EXPECT_EQ(OnlyReason(changed), UnmetReason::kAway);
  for (const int day : {0, 1, 3, 4, 5, 6})
    changed.stations[0].closed.push_back(DayOf(problem, day));
  EXPECT_EQ(OnlyReason(changed), UnmetReason::kStationClosed);
  EXPECT_EQ(expert + need, 0);
}

TEST(RotaReview, UnmetNamesTheNeedsThatCompete) {
  Problem problem = LittleRegion({30, 30});
  const int expert = AddExpert(problem, {2}, 1);
  const int first = AddNeed(problem, 0, {1});
  const int second = AddNeed(problem, 1, {1});
  absl::StatusOr<Findings> findings = Review(problem, {{expert, first, DayOf(problem, 2)}});
  ASSERT_TRUE(findings.ok()) << findings.status();
  EXPECT_THAT(findings->unmet, ElementsAre(Unmet{second, 0, 1, UnmetReason::kBusy, {first}}));

  // Two specialties at one station with one room, and each expert there on the same day only.
  problem.needs[1] = {0, "NEUROLOGY", Title::kAttending, {1}, 1};
  const int neurologist = AddExpert(problem, {2}, 1);
  problem.experts[1].specialties = {"NEUROLOGY"};
  findings = Review(problem, {{neurologist, second, DayOf(problem, 2)}});
  ASSERT_TRUE(findings.ok()) << findings.status();
  EXPECT_THAT(findings->unmet, ElementsAre(Unmet{first, 0, 1, UnmetReason::kNoRoom, {second}}));
}

TEST(RotaReview, AProblemThatBreaksARuleIsRefused) {
  Problem problem = LittleRegion({30});
  problem.weeks = 0;
  EXPECT_EQ(Review(problem, {}).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace yilian::scheduling::rota
