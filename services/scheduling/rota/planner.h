// Makes the rota of a month: experts over stations, at the least cost.
#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "services/scheduling/rota/plan.h"
#include "services/scheduling/rota/problem.h"

namespace yilian::scheduling::rota {

enum class Phase { kRelaxing = 1, kSearching, kPlacing };

// How far the planner is.
struct Progress {
  Phase phase = Phase::kRelaxing;
  absl::Duration since_start;
  double cost = 0;   // of what is known in this phase
  double bound = 0;  // proven so far
};

struct Options {
  // For the whole work; the best plan found until then is returned. A second at least.
  absl::Duration time_limit = absl::Seconds(60);
  // The search ends when the plan is proven to cost at most this part more than the best; 0 to 1.
  double gap = 0.005;
  uint32_t seed = 1;
  // Both are called from the planning thread, about every second at best; may be empty.
  std::function<void(const Progress&)> progress;
  std::function<bool()> cancelled;  // true: give up
};

// Plans `problem`. There is always a plan: what nobody can meet is unmet, and says why. The same
// problem, options and seed give the same plan, as long as the time limit does not cut in.
// Works on the calling thread until it is done; may be called from several, but the solver's
// searches follow each other.
//   INVALID_ARGUMENT  a field breaks a rule (Validate), or an option does
//   CANCELLED         `cancelled` said so
//   INTERNAL          the solver failed
absl::StatusOr<Plan> PlanRota(const Problem& problem, const Options& options,
                              const base::Clock& clock);

}  // namespace yilian::scheduling::rota
