#include "services/scheduling/rota/solver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace yilian::scheduling::rota {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

// Cover three things with pairs of them: in halves it costs 1.5, in wholes 2.
void AddTriangle(Solver& solver) {
  solver.AddRows({{1, kInfinite}, {1, kInfinite}, {1, kInfinite}});
  solver.AddColumns({{1, 1, {{0, 1}, {1, 1}}}, {1, 1, {{1, 1}, {2, 1}}}, {1, 1, {{0, 1}, {2, 1}}}});
}

TEST(RotaSolver, RelaxationHasValuesAndPrices) {
  const auto solver = NewCbcSolver(1);
  AddTriangle(*solver);
  const absl::StatusOr<Relaxed> relaxed = solver->SolveRelaxed(absl::Seconds(10));
  ASSERT_TRUE(relaxed.ok()) << relaxed.status();
  EXPECT_NEAR(relaxed->cost, 1.5, 1e-6);
  EXPECT_THAT(relaxed->values,
              ElementsAre(DoubleNear(.5, 1e-6), DoubleNear(.5, 1e-6), DoubleNear(.5, 1e-6)));
  EXPECT_THAT(relaxed->prices,
              ElementsAre(DoubleNear(.5, 1e-6), DoubleNear(.5, 1e-6), DoubleNear(.5, 1e-6)));
}

TEST(RotaSolver, ColumnsAddedLaterAreUsed) {
  const auto solver = NewCbcSolver(1);
  AddTriangle(*solver);
  ASSERT_TRUE(solver->SolveRelaxed(absl::Seconds(10)).ok());
  solver->AddColumns({{1, 1, {{0, 1}, {1, 1}, {2, 1}}}});
  const absl::StatusOr<Relaxed> relaxed = solver->SolveRelaxed(absl::Seconds(10));
  ASSERT_TRUE(relaxed.ok()) << relaxed.status();
  EXPECT_NEAR(relaxed->cost, 1, 1e-6);
}

TEST(RotaSolver, WholeNumbersCostMoreAndAreProven) {
  const auto solver = NewCbcSolver(1);
  AddTriangle(*solver);
  const absl::StatusOr<Whole> whole = solver->SolveWhole({});
  ASSERT_TRUE(whole.ok()) << whole.status();
  ASSERT_TRUE(whole->found);
  EXPECT_NEAR(whole->cost, 2, 1e-6);
  EXPECT_NEAR(whole->bound, 2, 1e-6);
}

TEST(RotaSolver, WhatHasNoSolutionIsAnError) {
  const auto solver = NewCbcSolver(1);
  solver->AddRows({{2, kInfinite}});
  solver->AddColumns({{1, 1, {{0, 1}}}});
  EXPECT_EQ(solver->SolveRelaxed(absl::Seconds(10)).status().code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace yilian::scheduling::rota
