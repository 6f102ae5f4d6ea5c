#include "services/scheduling/rota/planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

#include "services/scheduling/rota/draft.h"
#include "services/scheduling/rota/review.h"
#include "services/scheduling/rota/testing/little_region.h"
#include "services/scheduling/rota/testing/made_up_region.h"

namespace yilian::scheduling::rota {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

absl::StatusOr<Plan> PlanOf(const Problem& problem, Options options = {.gap = 0}) {
  return PlanRota(problem, options, base::SystemClock());
}

// The least cost of all plans there are, found by trying every one.
class BruteForce {
 public:
  explicit BruteForce(const Problem& problem) : ground_(problem), draft_(ground_) {}
  int64_t LeastCost() {
    Try(0);
    return least_;
  }

 private:
  // Each expert's each day: nowhere, or at one of the needs.
  void Try(int slot) {
    if (slot == ground_.experts() * ground_.days()) {
      least_ = std::min(least_, draft_.TotalCost().total());
      return;
    }
    const int expert = slot / ground_.days();
    const int day = slot % ground_.days();
    Try(slot + 1);
    for (int need = 0; need < ground_.needs(); ++need) {
      if (!draft_.MayAdd(expert, need, day)) continue;
      draft_.Add(expert, need, day);
      Try(slot + 1);
      draft_.Remove(expert, day);
    }
  }

  const Ground ground_;
  Draft draft_;
  int64_t least_ = std::numeric_limits<int64_t>::max();
};

// Two or three experts, two or three needs, two weeks of which few days can be used.
Problem RandomLittleProblem(uint32_t seed) {
  std::mt19937 random(seed);
  const auto below = [&](int end) {
    return static_cast<int>(random() % static_cast<uint32_t>(end));
  };
  Problem problem = LittleRegion({10 + below(60), 10 + below(60)}, 2);
  const int experts = 2 + below(2);
  for (int i = 0; i < experts; ++i) {
    std::vector<int> days;
    for (const int day : {0, 1, 7, 8}) {
      if (below(4) > 0) days.push_back(day);
    }
    const int expert = AddExpert(problem, days, 1 + below(2));
    problem.experts[static_cast<size_t>(expert)].title =
        below(2) == 0 ? Title::kAttending : Title::kChief;
    problem.experts[static_cast<size_t>(expert)].most_days = 1 + below(4);
    if (below(3) == 0) problem.experts.back().specialties = {"CARDIOLOGY", "NEUROLOGY"};
  }
  for (int station = 0; station < 2; ++station) {
    const int need = AddNeed(problem, station, {1 + below(2), below(3)});
    problem.needs[static_cast<size_t>(need)].priority = 1 + below(2);
    if (below(4) == 0) problem.needs.back().least_title = Title::kChief;
    problem.stations[static_cast<size_t>(station)].rooms = 1 + below(2);
    if (below(3) == 0) {
      problem.stations[static_cast<size_t>(station)].closed = {problem.first_day + below(2)};
    }
  }
  if (below(2) == 0) {
    problem.needs.push_back({below(2), "NEUROLOGY", Title::kAttending, {1, 1}, 1});
  }
  problem.previous = {{below(experts), below(2)}};
  problem.fairness_tolerance = below(2);
  // Dear enough that sometimes a need had better stay unmet.
  problem.weights = {.unmet = 50 + below(300),
                     .travel = 1,
                     .fairness = below(60),
                     .pairing = below(80),
                     .newcomer = below(40)};
  return problem;
}

TEST(RotaPlanner, OneExpertAtTheNearestOfTwoStations) {
  Problem problem = LittleRegion({50, 20});
  AddExpert(problem, {3}, 1);
  const int far = AddNeed(problem, 0, {1});
  const int near = AddNeed(problem, 1, {1});
  const absl::StatusOr<Plan> plan = PlanOf(problem);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->visits, ElementsAre(Visit{0, near, problem.first_day + 3}));
  EXPECT_THAT(plan->unmet, ElementsAre(Unmet{far, 0, 1, UnmetReason::kBusy, {near}}));
  EXPECT_EQ(plan->gap(), 0);
  EXPECT_EQ(plan->cost.total(), static_cast<int64_t>(plan->bound));
}

TEST(RotaPlanner, TheSameExpertComesAgain) {
  Problem problem = LittleRegion({30, 30}, 4);
  const std::vector<int> mondays = {0, 7, 14, 21};
  AddExpert(problem, mondays, 1);
  AddExpert(problem, mondays, 1);
  AddNeed(problem, 0, {1, 1, 1, 1});
  AddNeed(problem, 1, {1, 1, 1, 1});
  problem.previous = {{1, 0}, {0, 1}};
  const absl::StatusOr<Plan> plan = PlanOf(problem);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->visits.size(), 8U);
  for (const Visit& visit : plan->visits) EXPECT_EQ(visit.expert, 1 - visit.need);
}

TEST(RotaPlanner, LoadIsShared) {
  Problem problem = LittleRegion({30}, 4);
  const std::vector<int> mondays = {0, 7, 14, 21};
  AddExpert(problem, mondays, 1);
  AddExpert(problem, mondays, 1);
  AddNeed(problem, 0, {1, 1, 1, 1});
  problem.fairness_tolerance = 0;
  problem.weights.fairness = 200;
  const absl::StatusOr<Plan> plan = PlanOf(problem);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->loads, ElementsAre(Load{2, 2, 2}, Load{2, 2, 2}));
  EXPECT_EQ(plan->cost.fairness, 0);
}

TEST(RotaPlanner, NothingWantedIsAnEmptyPlan) {
  const absl::StatusOr<Plan> plan = PlanOf(LittleRegion({}));
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->visits, IsEmpty());
  EXPECT_EQ(plan->cost, Cost{});
}

// Property: against every plan there is, on problems small enough to try them all.
TEST(RotaPlanner, NoPlanCostsLessThanTheBoundAndTheBestIsFound) {
  int exact = 0;
  constexpr int kProblems = 120;
  for (uint32_t seed = 1; seed <= kProblems; ++seed) {
    SCOPED_TRACE(seed);
    const Problem problem = RandomLittleProblem(seed);
    const int64_t least = BruteForce(problem).LeastCost();
    const absl::StatusOr<Plan> plan = PlanOf(problem);
    ASSERT_TRUE(plan.ok()) << plan.status();
    EXPECT_LE(plan->bound, static_cast<double>(least));
    EXPECT_GE(plan->cost.total(), least);
    exact += plan->cost.total() == least ? 1 : 0;
  }
  // Where rooms of single days bind, placement may end above the best, and then the gap says so.
  EXPECT_GE(exact, kProblems * 95 / 100);
}

TEST(RotaPlanner, PlansPassTheReviewAndStayNearTheBound) {
  const Problem problem = MadeUpRegion({.experts = 60, .stations = 18, .specialties = 4}, 7);
  const absl::StatusOr<Plan> plan =
      PlanOf(problem, {.time_limit = absl::Seconds(120), .gap = 0.06});
  ASSERT_TRUE(plan.ok()) << plan.status();
  const absl::StatusOr<Findings> findings = Review(problem, plan->visits);
  ASSERT_TRUE(findings.ok()) << findings.status();
  EXPECT_THAT(findings->violations, IsEmpty());
  EXPECT_EQ(findings->cost, plan->cost);
  EXPECT_EQ(findings->unmet, plan->unmet);
  // Much of it is the bound's: in a little region fractions of experts count for more.
  EXPECT_LE(plan->gap(), 0.06);
}

TEST(RotaPlanner, TheSameProblemGetsTheSamePlan) {
  const Problem problem = MadeUpRegion({.experts = 40, .stations = 12, .specialties = 3}, 3);
  const absl::StatusOr<Plan> once = PlanOf(problem, {.gap = 0.1});
  const absl::StatusOr<Plan> again = PlanOf(problem, {.gap = 0.1});
  ASSERT_TRUE(once.ok() && again.ok());
  EXPECT_EQ(once->visits, again->visits);
  EXPECT_EQ(once->bound, again->bound);
}

TEST(RotaPlanner, ProgressIsToldAndCancellingEndsIt) {
  const Problem problem = MadeUpRegion({.experts = 40, .stations = 12, .specialties = 3}, 3);
  int told = 0;
  Options options{.gap = 0.1};
  options.progress = [&](const Progress& progress) {
    ++told;
    EXPECT_LE(progress.bound, progress.cost + 1);
  };
  ASSERT_TRUE(PlanOf(problem, options).ok());
  EXPECT_GT(told, 1);
  options.cancelled = [] { return true; };
  EXPECT_EQ(PlanOf(problem, options).status().code(), absl::StatusCode::kCancelled);
}

TEST(RotaPlanner, ATimeLimitThatIsOverGivesThePlanThatIsThere) {
  const Problem problem = MadeUpRegion({}, 1);
  const absl::StatusOr<Plan> plan = PlanOf(problem, {.time_limit = absl::Seconds(1), .gap = 0});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_TRUE(plan->stopped_early);
  EXPECT_FALSE(plan->visits.empty());
  EXPECT_LE(plan->bound, static_cast<double>(plan->cost.total()));
}

TEST(RotaPlanner, OptionsAreChecked) {
  const Problem problem = LittleRegion({});
  EXPECT_EQ(PlanOf(problem, {.time_limit = absl::ZeroDuration()}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(PlanOf(problem, {.gap = -1}).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace yilian::scheduling::rota
