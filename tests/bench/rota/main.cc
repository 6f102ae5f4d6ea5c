// yilian-bench-rota [--experts N] [--stations N] [--weeks N] [--seed N] [--seconds N]
//
// Plans the outreach of a made-up region of the size of a real one, from the problem to a reviewed
// plan, and says how long it took and how far the plan may be from the best. The last line is JSON;
// the exit code is 1 when it took more than a minute or the gap is above 2 %.
#include <fmt/format.h>

#include <cstdlib>
#include <string_view>

#include "common/base/clock.h"
#include "services/scheduling/rota/planner.h"
#include "services/scheduling/rota/testing/made_up_region.h"

namespace yilian::bench {
namespace {

using scheduling::rota::Plan;
using scheduling::rota::Problem;

// Issue "Scheduling to full depth".
constexpr double kMostSeconds = 60;
constexpr double kMostGap = 0.02;

struct Arguments {
  scheduling::rota::RegionSize size;
  uint32_t seed = 1;
  int seconds = 60;
};

bool Parse(int argc, char** argv, Arguments& arguments) {
  for (int i = 1; i < argc; i += 2) {
    const std::string_view name = argv[i];
    const int value = i + 1 < argc ? std::atoi(argv[i + 1]) : 0;
    if (value <= 0) return false;
    if (name == "--experts") {
      arguments.size.experts = value;
    } else if (name == "--stations") {
      arguments.size.stations = value;
    } else if (name == "--weeks") {
      arguments.size.weeks = value;
    } else if (name == "--seed") {
      arguments.seed = static_cast<uint32_t>(value);
    } else if (name == "--seconds") {
      arguments.seconds = value;
    } else {
      return false;
    }
  }
  return true;
}

int Run(const Arguments& arguments) {
  const Problem problem = scheduling::rota::MadeUpRegion(arguments.size, arguments.seed);
  int wanted = 0;
  for (const auto& need : problem.needs) {
    for (const int days : need.days) wanted += days;
  }
  scheduling::rota::Options options;
  options.time_limit = absl::Seconds(arguments.seconds);
  options.progress = [](const scheduling::rota::Progress& progress) {
    fmt::print(stderr, "{:6.1f} s  cost {:.0f}  bound {:.0f}\n",
               absl::ToDoubleSeconds(progress.since_start), progress.cost, progress.bound);
  };
  const base::Clock& clock = base::SystemClock();
  const absl::Time begun = clock.Now();
  const absl::StatusOr<Plan> plan = scheduling::rota::PlanRota(problem, options, clock);
  const double seconds = absl::ToDoubleSeconds(clock.Now() - begun);
  if (!plan.ok()) {
    fmt::print(stderr, "{}\n", plan.status().ToString());
    return 1;
  }
  int missing = 0;
  for (const auto& unmet : plan->unmet) missing += unmet.days;
  fmt::print(
      "{{\"bench\":\"rota\",\"plan_seconds\":{:.1f},\"gap\":{:.4f},\"bound\":{:.0f},\"cost\":{},"
      "\"unmet_cost\":{},\"travel_cost\":{},\"fairness_cost\":{},\"continuity_cost\":{},"
      "\"experts\":{},\"stations\":{},\"weeks\":{},\"needs\":{},\"visits_wanted\":{},"
      "\"visits_missing\":{}}}\n",
      seconds, plan->gap(), plan->bound, plan->cost.total(), plan->cost.unmet, plan->cost.travel,
      plan->cost.fairness, plan->cost.continuity, problem.experts.size(), problem.stations.size(),
      problem.weeks, problem.needs.size(), wanted, missing);
  return seconds <= kMostSeconds && plan->gap() <= kMostGap ? 0 : 1;
}

}  // namespace
}  // namespace yilian::bench

int main(int argc, char** argv) {
  yilian::bench::Arguments arguments;
  if (!yilian::bench::Parse(argc, argv, arguments)) {
    fmt::print(stderr, "see the head of tests/bench/rota/main.cc\n");
    return 2;
  }
  return yilian::bench::Run(arguments);
}
