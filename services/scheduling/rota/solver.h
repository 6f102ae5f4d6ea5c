// The small interface behind which the solver of linear and integer programs stands.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace yilian::scheduling::rota {

inline constexpr double kInfinite = std::numeric_limits<double>::infinity();

// least <= sum of the columns' entries <= most.
struct Row {
  double least = 0;
  double most = kInfinite;
};

// A variable from 0 to `most`, and what one of it costs and takes.
struct Column {
  double cost = 0;
  double most = kInfinite;
  std::vector<std::pair<int, double>> entries;  // row, coefficient; each row once
};

// The best solution with fractions allowed: a bound for every solution without.
struct Relaxed {
  double cost = 0;
  std::vector<double> values;  // of each column
  std::vector<double> prices;  // of each row: what one more of it would cost (dual values)
};

// The best whole-numbered solution found.
struct Whole {
  bool found = false;
  double cost = 0;
  std::vector<double> values;  // of each column, rounded
  double bound = 0;            // no whole-numbered solution costs less
};

struct WholeLimits {
  absl::Duration time = absl::InfiniteDuration();
  double gap = 0;  // good enough: this part above the bound
  // Asked often from the solving thread; true: stop with what is there.
  std::function<bool()> cancelled;
  std::function<void(double cost, double bound)> improved;
};

// Costs are minimized. One thread at a time.
class Solver {
 public:
  virtual ~Solver() = default;
  // Once, before any column.
  virtual void AddRows(const std::vector<Row>& rows) = 0;
  virtual void AddColumns(const std::vector<Column>& columns) = 0;
  // The column, counted from 0 over all calls of AddColumns, is taken once at least from now on.
  virtual void Require(int column) = 0;
  // Not at all from now on.
  virtual void Forbid(int column) = 0;
  // Goes on from where the last call ended, so that a few more columns cost little.
  // DEADLINE_EXCEEDED when `time` is over first; INTERNAL where there is no solution at all.
  virtual absl::StatusOr<Relaxed> SolveRelaxed(absl::Duration time) = 0;
  // All columns whole-numbered.
  virtual absl::StatusOr<Whole> SolveWhole(const WholeLimits& limits) = 0;
};

// COIN-OR CBC over CLP, on the calling thread. The same program and `seed` give the same answer as
// long as no time limit cuts in.
std::unique_ptr<Solver> NewCbcSolver(uint32_t seed);

}  // namespace yilian::scheduling::rota
