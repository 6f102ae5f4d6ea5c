#include "services/scheduling/rota/rota.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "common/status/matchers.h"

namespace yilian::scheduling::rota {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr State kAll[] = {State::kPlanning,  State::kPlanned,   State::kFailed,
                          State::kCancelled, State::kPublished, State::kReplaced};
const absl::CivilDay kDay(2027, 3, 1);

// The state table a second time: what may be done where.
TEST(Rota, EachCommandHasItsStates) {
  const std::set<State> edit{State::kPlanned};
  const std::set<State> check{State::kPlanned, State::kPublished};
  const std::set<State> cancel{State::kPlanning, State::kPlanned, State::kCancelled};
  for (const State state : kAll) {
    const Rota rota{.state = state};
    EXPECT_EQ(rota.CheckMayEdit().ok(), edit.contains(state)) << Name(state);
    EXPECT_EQ(rota.CheckMayPublish().ok(), edit.contains(state)) << Name(state);
    EXPECT_EQ(rota.CheckMayCheck().ok(), check.contains(state)) << Name(state);
    EXPECT_EQ(rota.Cancel().ok(), cancel.contains(state)) << Name(state);
    if (!check.contains(state)) {
      EXPECT_EQ(status::ReasonOf(rota.CheckMayCheck()), "COMMAND_NOT_AVAILABLE");
    }
  }
}

TEST(Rota, CancelledTwiceIsCancelledOnce) {
  const Rota before{.state = State::kPlanning, .phase = Phase::kSearching, .version = 3};
  const absl::StatusOr<Rota> once = before.Cancel();
  ASSERT_THAT(once, status::IsOk());
  EXPECT_EQ(once->state, State::kCancelled);
  EXPECT_EQ(once->version, 4);
  EXPECT_FALSE(once->phase);
  EXPECT_EQ(once->Cancel()->version, 4);
}

TEST(Rota, CountsTheDaysThatAreMissing) {
  Rota rota;
  rota.Summarize({.unmet = 3000, .travel = 30}, {{.need = 0, .days = 2}, {.need = 1, .days = 1}}, 5,
                 0);
  EXPECT_EQ(rota.unmet, 3);
  EXPECT_EQ(rota.visits, 5);
  EXPECT_EQ(rota.cost, 3030);
}

TEST(RotaEdit, RemovesMovesAndAddsInThatOrder) {
  const std::vector<Visit> before{{0, 0, kDay}, {1, 0, kDay}, {2, 1, kDay}};
  const Edit edit{
      .remove = {{0, 0, kDay}}, .move = {{{1, 0, kDay}, {1, 0, kDay + 1}}}, .add = {{0, 1, kDay}}};
  const absl::StatusOr<std::vector<Visit>> after = Apply(edit, before);
  ASSERT_THAT(after, status::IsOk());
  EXPECT_THAT(*after, ElementsAre(Visit{0, 1, kDay}, Visit{1, 0, kDay + 1}, Visit{2, 1, kDay}));
}

TEST(RotaEdit, NamesEveryVisitThatIsNotThere) {
  const Edit edit{.remove = {{0, 0, kDay}, {1, 0, kDay}, {0, 0, kDay}},
                  .move = {{{7, 0, kDay}, {8, 0, kDay}}}};
  const absl::StatusOr<std::vector<Visit>> after = Apply(edit, {{0, 0, kDay}});
  ASSERT_THAT(after, status::StatusIs(absl::StatusCode::kInvalidArgument));
  const auto request = status::BadRequestOf(after.status());
  ASSERT_TRUE(request);
  ASSERT_THAT(request->field_violations(), SizeIs(3));
  EXPECT_EQ(request->field_violations(0).field(), "remove[1]");
  EXPECT_EQ(request->field_violations(1).field(), "remove[2]");
  EXPECT_EQ(request->field_violations(2).field(), "move[0].from");
}

TEST(RotaEdit, OfNothingIsRefused) {
  EXPECT_THAT(Apply({}, {}), status::StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace yilian::scheduling::rota
