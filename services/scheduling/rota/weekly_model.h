// Who meets which need in which week: the part of the plan that a solver decides, and the bound
// that it proves.
//
// A column of the relaxed program is an expert at a need with a number of visits for each week;
// what makes the problem hard, that an expert who comes at all has a price, lies inside one column,
// so that the relaxation is tight. There are very many columns: only those whose reduced cost
// promises something are made (column generation). A plan comes of it by diving: the series that
// the relaxation likes best are taken, the rest is relaxed again. Then each specialty is decided
// anew in whole numbers while the others stay.
//
// Which day of the week is left to placement, and with it the rooms of single days: leaving them
// out can only make a plan cheaper, so the bound holds for the days too.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "services/scheduling/rota/draft.h"
#include "services/scheduling/rota/solver.h"

namespace yilian::scheduling::rota {

// An expert's visits for one need, in each week.
struct Series {
  int expert = 0;
  int need = 0;
  std::vector<int> visits;  // one number a week
};

struct WeeklyPlan {
  std::vector<Series> series;
  double bound = 0;  // no plan costs less
};

using SolverMaker = std::function<std::unique_ptr<Solver>()>;

struct WeeklyLimits {
  absl::Time deadline;
  double gap = 0;
  std::function<bool()> cancelled;                          // may be empty
  std::function<void(double cost, double bound)> relaxing;  // the bound rises; may be empty
  std::function<void(double cost, double bound)> improved;  // a whole plan; may be empty
};

// `start`: a plan to begin from; the better it is, the fewer columns are made. Past the deadline:
// what was found until then, with a bound that holds. INTERNAL where the solver fails.
absl::StatusOr<WeeklyPlan> PlanWeeks(const Ground& ground, const Draft& start,
                                     const SolverMaker& new_solver, const base::Clock& clock,
                                     const WeeklyLimits& limits);

}  // namespace yilian::scheduling::rota
