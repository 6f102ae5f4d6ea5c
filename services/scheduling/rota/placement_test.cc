#include "services/scheduling/rota/placement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/scheduling/rota/review.h"
#include "services/scheduling/rota/testing/little_region.h"

namespace yilian::scheduling::rota {
namespace {

using ::testing::IsEmpty;

TEST(RotaPlacement, AnExpertsOwnVisitGivesWay) {
  Problem problem = LittleRegion({30, 30});
  AddExpert(problem, {0, 1});
  AddNeed(problem, 0, {1});
  AddNeed(problem, 1, {1});
  problem.stations[1].closed = {problem.first_day + 1};  // only the first day is left for it
  problem.stations[0].closed = {problem.first_day + 4};
  const Ground ground(problem);
  Draft draft(ground);
  draft.Add(0, 0, 0);  // in the way
  EXPECT_EQ(PlaceDays({{0, 1, {1}}}, draft), 0);
  EXPECT_EQ(draft.NeedOn(0, 0), 1);
  EXPECT_EQ(draft.NeedOn(0, 1), 0);
}

TEST(RotaPlacement, AnotherExpertLeavesTheRoom) {
  Problem problem = LittleRegion({30});
  AddExpert(problem, {0, 1});
  AddExpert(problem, {0});
  AddNeed(problem, 0, {2});
  const Ground ground(problem);
  Draft draft(ground);
  draft.Add(0, 0, 0);
  EXPECT_EQ(PlaceDays({{1, 0, {1}}}, draft), 0);
  EXPECT_EQ(draft.NeedOn(1, 0), 0);
  EXPECT_EQ(draft.NeedOn(0, 1), 0);
  EXPECT_THAT(Review(ground, draft.Visits()).violations, IsEmpty());
}

TEST(RotaPlacement, WhatFindsNoDayIsLeftOut) {
  Problem problem = LittleRegion({30});
  AddExpert(problem, {0});
  AddExpert(problem, {0});
  AddNeed(problem, 0, {2});
  const Ground ground(problem);
  Draft draft(ground);
  EXPECT_EQ(PlaceDays({{0, 0, {1}}, {1, 0, {1}}}, draft), 1);
  EXPECT_THAT(Review(ground, draft.Visits()).violations, IsEmpty());
}

TEST(RotaExchange, AnExpertIsReplacedWhereOnlyHeCanFillTheGap) {
  Problem problem = LittleRegion({30, 30});
  AddExpert(problem, {0}, 1);
  AddExpert(problem, {0}, 1);
  problem.experts[0].title = Title::kChief;
  AddNeed(problem, 0, {1});
  AddNeed(problem, 1, {1});
  problem.needs[1].least_title = Title::kChief;
  const Ground ground(problem);
  Draft draft(ground);
  draft.Add(0, 0, 0);  // the chief, where the other would do
  FillGapsByExchange(draft);
  EXPECT_EQ(draft.NeedOn(0, 0), 1);
  EXPECT_EQ(draft.NeedOn(1, 0), 0);
}

}  // namespace
}  // namespace yilian::scheduling::rota
