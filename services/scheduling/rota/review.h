// What is to be said about a rota that somebody edited: the rules it breaks, what it costs, what
// stays unmet.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "services/scheduling/rota/ground.h"
#include "services/scheduling/rota/plan.h"

namespace yilian::scheduling::rota {

struct Findings {
  std::vector<Violation> violations;  // by visit, then rule; empty: the plan may be published
  // Of the visits as they are. One that names no expert or need, or that lies outside the period,
  // counts for nothing.
  Cost cost;
  std::vector<Unmet> unmet;  // by need and week
  std::vector<Load> loads;   // of each expert
};

// Looks at all visits and all rules; `visits` in any order. INVALID_ARGUMENT where the problem
// itself breaks a rule (Validate).
absl::StatusOr<Findings> Review(const Problem& problem, const std::vector<Visit>& visits);

// The same of a problem that was checked already.
Findings Review(const Ground& ground, const std::vector<Visit>& visits);

}  // namespace yilian::scheduling::rota
