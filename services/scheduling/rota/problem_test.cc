#include "services/scheduling/rota/problem.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "common/status/error.h"
#include "services/scheduling/rota/testing/little_region.h"
#include "services/scheduling/rota/testing/made_up_region.h"

namespace yilian::scheduling::rota {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

std::map<std::string, std::string> BrokenFields(const Problem& problem) {
  const absl::Status status = Validate(problem);
  if (status.ok()) return {};
  EXPECT_EQ(status::ReasonOf(status), "FIELD_INVALID");
  std::map<std::string, std::string> fields;
  const auto bad_request = status::BadRequestOf(status);
  for (const auto& one : bad_request->field_violations()) {
    fields[one.field()] = one.description();
  }
  return fields;
}

TEST(RotaProblem, MadeUpRegionsAreValid) {
  EXPECT_THAT(BrokenFields(MadeUpRegion({}, 1)), IsEmpty());
}

TEST(RotaProblem, EveryBrokenFieldIsNamedWithWhatIsAllowed) {
  Problem problem = LittleRegion({30, 40});
  AddExpert(problem, {0, 7});
  AddNeed(problem, 2, {1});
  problem.stations[1].rooms = 0;
  problem.needs[0].priority = 10;
  problem.weights.travel = -1;
  EXPECT_THAT(
      BrokenFields(problem),
      UnorderedElementsAre(
          Pair("experts[0].available[1]", "must lie from 2027-03-01 to 2027-03-07, is 2027-03-08"),
          Pair("needs[0].station", "must be a position in stations (0 to 1), is 2"),
          Pair("stations[1].rooms", "must be 1 to 50, is 0"),
          Pair("needs[0].priority", "must be 1 to 9, is 10"),
          Pair("weights.travel", "must be 0 to 1000000, is -1")));
}

TEST(RotaProblem, ListsHaveOneNumberForEachWeekAndStation) {
  Problem problem = LittleRegion({30, 40});
  AddNeed(problem, 0, {1, 1});
  problem.sites[0].travel_minutes.pop_back();
  EXPECT_THAT(BrokenFields(problem),
              UnorderedElementsAre(
                  Pair("needs[0].days", HasSubstr("one number for each of 1 weeks, has 2")),
                  Pair("sites[0].travel_minutes", HasSubstr("each of 2 stations, has 1"))));
}

TEST(RotaProblem, NothingIsNamedTwice) {
  Problem problem = LittleRegion({30});
  AddExpert(problem, {1, 1});
  AddExpert(problem, {});
  problem.experts[1].id = problem.experts[0].id;
  AddNeed(problem, 0, {1});
  AddNeed(problem, 0, {1});
  EXPECT_THAT(BrokenFields(problem), UnorderedElementsAre(Key("experts[0].available[1]"),
                                                          Key("experts[1].id"), Key("needs[1]")));
}

TEST(RotaProblem, PreviousPairingsNameExpertsAndNeeds) {
  Problem problem = LittleRegion({30});
  problem.previous.push_back({0, -1});
  EXPECT_THAT(BrokenFields(problem),
              UnorderedElementsAre(Key("previous[0].expert"), Key("previous[0].need")));
}

TEST(RotaProblem, SizeIsJudgedBeforeAnythingElse) {
  Problem problem = LittleRegion({30});
  problem.weeks = 7;
  problem.stations[0].rooms = 0;
  EXPECT_THAT(BrokenFields(problem), ElementsAre(Pair("weeks", "must be 1 to 6, is 7")));
}

}  // namespace
}  // namespace yilian::scheduling::rota
