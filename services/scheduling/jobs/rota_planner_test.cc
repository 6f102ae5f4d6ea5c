// Planners of rotas that crash, meet and are stopped, on a real database.
#include "services/scheduling/jobs/rota_planner.h"

#include <thread>

#include "common/mysql/transaction.h"
#include "services/scheduling/testing/rota_fixture.h"
#include "tests/support/eventually.h"

namespace yilian::scheduling {
namespace {

using status::IsOk;
using test_support::Eventually;

// The solver answers a stop within one relaxation, also on a busy machine.
constexpr absl::Duration kPatience = absl::Minutes(1);

class Planners : public RotaFixture {
 protected:
  template <typename T>
  T InTransaction(const std::function<absl::StatusOr<T>(mysql::Session&)>& body) {
    const absl::StatusOr<T> done = mysql::RunTransactionFor<T>(
        desk_->pool(), {.name = "test", .deadline = absl::Now() + absl::Seconds(30)}, body);
    EXPECT_THAT(done, IsOk());
    return done.value_or(T());
  }
  // As a planner that says nothing afterwards.
  std::optional<RotaClaim> Claim() {
    return InTransaction<std::optional<RotaClaim>>(
        [](mysql::Session& sql) { return ClaimRota(sql, absl::Minutes(5)); });
  }
  bool Keep(const RotaClaim& claim) {
    return InTransaction<bool>([&](mysql::Session& sql) {
      return KeepRotaClaim(sql, claim, absl::Minutes(5), {.cost = 7, .bound = 5});
    });
  }
  // The lease of every claim is over.
  void EndLeases() {
    InTransaction<int64_t>([](mysql::Session& sql) {
      return sql.Execute(mysql::Query{
          "test.EndLeases", "UPDATE rota SET claim_until = '2020-01-01' WHERE state = 'PLANNING'"});
    });
  }
};

TEST_F(Planners, WhatACrashedOneLeftIsClaimedAgainWhenItsLeaseIsOver) {
  const auto asked = Ask(Problem());
  ASSERT_THAT(asked, IsOk());
  const std::optional<RotaClaim> crashed = Claim();
  ASSERT_TRUE(crashed);
  EXPECT_TRUE(Keep(*crashed));
  EXPECT_EQ(Get(asked->rota_id()).rota().cost(), 7);
  EXPECT_EQ(Get(asked->rota_id()).rota().phase(), v1::ROTA_PHASE_RELAXING);
  EXPECT_EQ(*planner_->RunOnce(), false);
  EndLeases();
  EXPECT_EQ(*planner_->RunOnce(), true);
  EXPECT_EQ(Get(asked->rota_id()).rota().state(), v1::ROTA_STATE_PLANNED);
  EXPECT_FALSE(Keep(*crashed));
}

TEST_F(Planners, WhoeverLostTheClaimIsToldSo) {
  ASSERT_THAT(Ask(Problem()), IsOk());
  const std::optional<RotaClaim> slow = Claim();
  ASSERT_TRUE(slow);
  EndLeases();
  const std::optional<RotaClaim> next = Claim();
  ASSERT_TRUE(next);
  EXPECT_EQ(next->epoch, slow->epoch + 1);
  EXPECT_FALSE(Keep(*slow));
  EXPECT_TRUE(Keep(*next));
}

TEST_F(Planners, ThePlanOfOneThatLostItsClaimIsThrownAway) {
  const auto asked = Ask(LongProblem());
  ASSERT_THAT(asked, IsOk());
  // It looks at its claim only when it has a plan.
  planner_ = desk_->NewRotaPlanner({.time_limit = absl::Seconds(2), .keep = absl::Minutes(30)});
  std::thread late([&] { EXPECT_THAT(planner_->RunOnce(), IsOk()); });
  EXPECT_TRUE(
      Eventually([&] { return desk_->Read("SELECT claim_epoch FROM rota") == "1"; }, kPatience));
  EndLeases();
  const std::optional<RotaClaim> next = Claim();
  late.join();
  ASSERT_TRUE(next);
  EXPECT_EQ(Get(asked->rota_id()).rota().state(), v1::ROTA_STATE_PLANNING);
  EXPECT_TRUE(Keep(*next));
}

TEST_F(Planners, AfterThreeThatEndedWithoutAWordNobodyTriesAgain) {
  const auto asked = Ask(Problem());
  ASSERT_THAT(asked, IsOk());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(Claim());
    EndLeases();
  }
  EXPECT_EQ(*planner_->RunOnce(), true);
  const v1::Rota rota = Get(asked->rota_id()).rota();
  EXPECT_EQ(rota.state(), v1::ROTA_STATE_FAILED);
  EXPECT_EQ(rota.failure(), "GIVEN_UP");
  EXPECT_EQ(Events("RotaFailed"), "1");
  EXPECT_EQ(*planner_->RunOnce(), false);
}

TEST_F(Planners, TellHowFarTheyAreAndStopWhenTheRotaIsCancelled) {
  const auto asked = Ask(LongProblem());
  ASSERT_THAT(asked, IsOk());
  planner_ = desk_->NewRotaPlanner({.time_limit = absl::Minutes(5),
                                    .poll = absl::Milliseconds(10),
                                    .keep = absl::Milliseconds(20)});
  planner_->Run();
  EXPECT_TRUE(Eventually([&] { return Get(asked->rota_id()).rota().cost() > 0; }, kPatience));
  EXPECT_EQ(Get(asked->rota_id()).rota().state(), v1::ROTA_STATE_PLANNING);
  ASSERT_THAT(Cancel(*asked), IsOk());
  // The planner is free for the next one long before its five minutes are over.
  const auto next = Ask(Problem());
  ASSERT_THAT(next, IsOk());
  EXPECT_TRUE(
      Eventually([&] { return Get(next->rota_id()).rota().state() == v1::ROTA_STATE_PLANNED; }));
  const v1::GetRotaResponse after = Get(asked->rota_id());
  EXPECT_EQ(after.rota().state(), v1::ROTA_STATE_CANCELLED);
  EXPECT_FALSE(after.has_plan());
}

TEST_F(Planners, StoppedInMidWorkTheyLetGoOfTheRota) {
  const auto asked = Ask(LongProblem());
  ASSERT_THAT(asked, IsOk());
  planner_ = desk_->NewRotaPlanner({.time_limit = absl::Minutes(5),
                                    .poll = absl::Milliseconds(10),
                                    .keep = absl::Milliseconds(20)});
  planner_->Run();
  EXPECT_TRUE(Eventually([&] { return Get(asked->rota_id()).rota().phase() != 0; }, kPatience));
  planner_ = nullptr;
  EXPECT_EQ(Get(asked->rota_id()).rota().state(), v1::ROTA_STATE_PLANNING);
  EXPECT_TRUE(Claim());
}

}  // namespace
}  // namespace yilian::scheduling
