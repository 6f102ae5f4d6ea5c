#include "services/scheduling/rota/planner.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "services/scheduling/domain/errors.h"
#include "services/scheduling/rota/placement.h"
#include "services/scheduling/rota/review.h"
#include "services/scheduling/rota/weekly_model.h"

namespace yilian::scheduling::rota {
namespace {

// Kept back from the solver for placing the days and for the review.
constexpr double kSolverPart = 0.9;

absl::Status Check(const Options& options) {
  errors::Violations found;
  if (options.time_limit < absl::Seconds(1)) {
    found.emplace_back("time_limit", "must be 1 s at least");
  }
  if (!(options.gap >= 0 && options.gap <= 1)) found.emplace_back("gap", "must be 0 to 1");
  return found.empty() ? absl::OkStatus() : errors::FieldInvalid(found);
}

}  // namespace

absl::StatusOr<Plan> PlanRota(const Problem& problem, const Options& options,
                              const base::Clock& clock) {
  RETURN_IF_ERROR(Validate(problem));
  RETURN_IF_ERROR(Check(options));
  const absl::Time start = clock.Now();
  const auto tell = [&](Phase phase, double cost, double bound) {
    if (options.progress) options.progress({phase, clock.Now() - start, cost, bound});
  };
  const auto cancelled = [&] { return options.cancelled && options.cancelled(); };

  const Ground ground(problem);
  Draft greedy(ground);
  FillGaps(greedy);
  MoveVisits(greedy);
  WeeklyLimits limits;
  limits.deadline = start + kSolverPart * options.time_limit;
  limits.gap = options.gap;
  limits.cancelled = cancelled;
  limits.relaxing = [&](double cost, double bound) { tell(Phase::kRelaxing, cost, bound); };
  limits.improved = [&](double cost, double bound) { tell(Phase::kSearching, cost, bound); };
  const SolverMaker new_solver = [&] { return NewCbcSolver(options.seed); };
  ASSIGN_OR_RETURN(const WeeklyPlan weekly, PlanWeeks(ground, greedy, new_solver, clock, limits));
  if (cancelled()) return absl::CancelledError("the rota is no longer wanted");

  Draft placed(ground);
  PlaceDays(weekly.series, placed);
  FillGaps(placed);
  FillGapsByExchange(placed);
  MoveVisits(placed);
  const bool better = placed.TotalCost().total() < greedy.TotalCost().total();
  Plan plan;
  plan.visits = (better ? placed : greedy).Visits();
  Findings findings = Review(ground, plan.visits);
  if (!findings.violations.empty()) return absl::InternalError("the planner broke its own rules");
  plan.cost = findings.cost;
  plan.unmet = std::move(findings.unmet);
  plan.loads = std::move(findings.loads);
  plan.bound = weekly.bound;
  plan.stopped_early = plan.gap() > options.gap;
  tell(Phase::kPlacing, static_cast<double>(plan.cost.total()), plan.bound);
  return plan;
}

}  // namespace yilian::scheduling::rota
