#include "services/scheduling/rota/weekly_model.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "common/base/status_macros.h"
#include "services/scheduling/rota/series_pricing.h"
#include "services/scheduling/rota/weekly_rows.h"

namespace yilian::scheduling::rota {
namespace {

// Prices are right to about 1e-7 of the dearest cost; below this a reduced cost means nothing.
constexpr double kNothing = 1e-5;
constexpr size_t kSeriesANeed = 6;  // new columns a need and round
// Pairs that a whole-numbered program decides at once, and for one specialty: more are better in
// theory only, in the time there is.
constexpr size_t kPairsAtOnce = 600;
constexpr size_t kMostPairs = 1'500;
// While diving: a series with more than this is taken at once, of others some.
constexpr double kAllButWhole = 0.999;
constexpr size_t kFractionsAtOnce = 1;
// Of the time, for the relaxation.
constexpr double kRelaxedPart = 0.5;
constexpr double kDivePart = 0.5;  // of what is left then
// The relaxation is good enough when its bound comes this near to it.
constexpr double kRelaxedGap = 1e-4;

std::vector<Series> SeriesOf(const Ground& ground, const std::vector<Visit>& visits) {
  std::map<std::pair<int, int>, std::vector<int>> counts;
  for (const Visit& visit : visits) {
    std::vector<int>& weeks = counts[{visit.expert, visit.need}];
    weeks.resize(static_cast<size_t>(ground.weeks()));
    ++weeks[static_cast<size_t>((visit.day - ground.problem().first_day) / 7)];
  }
  std::vector<Series> series;
  for (auto& [pair, weeks] : counts) series.push_back({pair.first, pair.second, std::move(weeks)});
  return series;
}

// A pair is one series, however it came about.
std::vector<Series> Merged(const std::vector<Series>& series) {
  std::map<std::pair<int, int>, std::vector<int>> counts;
  for (const Series& one : series) {
    std::vector<int>& weeks = counts[{one.expert, one.need}];
    weeks.resize(one.visits.size());
    for (size_t w = 0; w < weeks.size(); ++w) weeks[w] += one.visits[w];
  }
  std::vector<Series> merged;
  for (auto& [pair, weeks] : counts) merged.push_back({pair.first, pair.second, std::move(weeks)});
  return merged;
}

double CostOf(const Ground& ground, const std::vector<Series>& series) {
  int64_t cost = 0;
  std::vector<int> load(static_cast<size_t>(ground.experts()));
  for (int need = 0; need < ground.needs(); ++need) {
    for (int week = 0; week < ground.weeks(); ++week) {
      cost += ground.UnmetCost(need) * ground.wanted(need, week);
    }
  }
  for (const Series& one : series) {
    const int days = std::accumulate(one.visits.begin(), one.visits.end(), 0);
    load[static_cast<size_t>(one.expert)] += days;
    cost += ground.PairingCost(one.expert, one.need) +
            days * (ground.TravelCost(one.expert, one.need) - ground.UnmetCost(one.need));
  }
  for (int expert = 0; expert < ground.experts(); ++expert) {
    cost += ground.FairnessCost(expert, load[static_cast<size_t>(expert)]);
  }
  return static_cast<double>(cost);
}

// The relaxation over all series, of which few are ever written down.
class Relaxation {
 public:
  Relaxation(const Ground& ground, const WeeklyRows& rows, Solver& solver)
      : ground_(ground), rows_(rows), solver_(solver) {}

  absl::Status Run(const Draft& start, const base::Clock& clock, const WeeklyLimits& limits) {
    const absl::Time deadline = clock.Now() + kRelaxedPart * (limits.deadline - clock.Now());
    solver_.AddRows(rows_.rows());
    const std::vector<Column> slack = rows_.Slack();
    solver_.AddColumns(slack);
    slack_ = slack.size();
    Add(SeriesOf(ground_, start.Visits()));
    AddNearest();
    while (!(limits.cancelled && limits.cancelled())) {
      absl::StatusOr<Relaxed> relaxed = solver_.SolveRelaxed(deadline - clock.Now());
      if (absl::IsDeadlineExceeded(relaxed.status())) break;
      RETURN_IF_ERROR(relaxed.status());
      std::vector<Series> promising;
      const double bound = Promising(*relaxed, promising);
      if (prices_.empty() || bound > bound_) {
        bound_ = bound;
        prices_ = std::move(relaxed->prices);
      }
      if (limits.relaxing) limits.relaxing(relaxed->cost, bound_);
      if (promising.empty() || bound_ >= relaxed->cost * (1 - kRelaxedGap)) break;
      Add(promising);
    }
    return absl::OkStatus();
  }

  // Takes the series that the relaxation likes best for good, a few at a time, and relaxes what is
  // left, until nothing more fits. Answers the series taken. After Run.
  absl::StatusOr<std::vector<Series>> Dive(const base::Clock& clock, absl::Time deadline) {
    std::vector<Series> taken;
    for (const Row& row : rows_.rows()) room_.push_back(row.most);
    for (int expert = 0; expert < ground_.experts(); ++expert) {
      room_[static_cast<size_t>(rows_.Expert(expert))] = ground_.Capacity(expert);
    }
    std::vector<bool> done(series_.size());
    while (clock.Now() < deadline) {
      absl::StatusOr<Relaxed> relaxed = solver_.SolveRelaxed(deadline - clock.Now());
      if (absl::IsDeadlineExceeded(relaxed.status())) break;
      RETURN_IF_ERROR(relaxed.status());
      const size_t before = taken.size();
      TakeBest(relaxed->values, done, taken);
      std::vector<Series> promising;
      Promising(*relaxed, promising);
      if (taken.size() == before && promising.empty()) break;
      Add(promising);
      done.resize(series_.size());
    }
    return taken;
  }

  double bound() const { return bound_; }
  const std::vector<double>& prices() const { return prices_; }

 private:
  void Add(const std::vector<Series>& series) {
    std::vector<Column> columns;
    columns.reserve(series.size());
    for (const Series& one : series) {
      columns.push_back(rows_.ColumnOf(one.expert, one.need, one.visits));
    }
    solver_.AddColumns(columns);
    series_.insert(series_.end(), series.begin(), series.end());
  }

  bool Fits(const Column& column) const {
    return std::all_of(column.entries.begin(), column.entries.end(), [&](const auto& entry) {
      return entry.second <= room_[static_cast<size_t>(entry.first)];
    });
  }

  // The series that are all but whole, and the nearest of the others; those that no longer fit
  // beside them are out.
  void TakeBest(const std::vector<double>& values, std::vector<bool>& done,
                std::vector<Series>& taken) {
    std::vector<std::pair<double, size_t>> order;
    for (size_t i = 0; i < series_.size(); ++i) {
      if (!done[i] && values[slack_ + i] > kNothing) order.emplace_back(-values[slack_ + i], i);
    }
    std::sort(order.begin(), order.end());
    size_t fractions = 0;
    for (const auto& [minus_value, i] : order) {
      const bool whole = -minus_value > kAllButWhole;
      if (!whole && fractions >= kFractionsAtOnce) break;
      const Series& series = series_[i];
      const Column column = rows_.ColumnOf(series.expert, series.need, series.visits);
      if (!Fits(column)) continue;
      for (const auto& [row, count] : column.entries) room_[static_cast<size_t>(row)] -= count;
      solver_.Require(static_cast<int>(slack_ + i));
      done[i] = true;
      taken.push_back(series);
      if (!whole) ++fractions;
    }
    for (size_t i = 0; i < series_.size(); ++i) {
      const Series& series = series_[i];
      if (done[i] || Fits(rows_.ColumnOf(series.expert, series.need, series.visits))) continue;
      solver_.Forbid(static_cast<int>(slack_ + i));
      done[i] = true;
    }
  }

  // For each need the experts to whom it costs least, on every week they can.
  void AddNearest() {
    const std::vector<double> free(rows_.rows().size(), 0);
    Relaxed none;
    none.prices = free;
    for (int need = 0; need < ground_.needs(); ++need) {
      for (int week = 0; week < ground_.weeks(); ++week) {
        const int row = rows_.Need(need, week);
        // As if a visit were worth what its lack costs.
        if (row >= 0)
          none.prices[static_cast<size_t>(row)] = static_cast<double>(ground_.UnmetCost(need));
      }
    }
    std::vector<Series> series;
    Promising(none, series);
    Add(series);
  }

  // The best few series of each need below nothing; answers the bound that holds at these prices:
  // of each pair a plan has one series at most.
  double Promising(const Relaxed& relaxed, std::vector<Series>& series) const {
    const Pricing pricing(ground_, rows_, relaxed.prices, room_);
    double bound = relaxed.cost;
    for (int need = 0; need < ground_.needs(); ++need) {
      std::vector<Priced> of_need;
      for (const int expert : ground_.SuitedFor(need)) {
        std::optional<Priced> best = pricing.Best(expert, need);
        if (!best.has_value() || best->reduced_cost >= -kNothing) continue;
        bound += best->reduced_cost;
        of_need.push_back(*std::move(best));
      }
      const size_t taken = std::min(kSeriesANeed, of_need.size());
      std::partial_sort(of_need.begin(), of_need.begin() + static_cast<ptrdiff_t>(taken),
                        of_need.end(), Cheaper);
      for (size_t i = 0; i < taken; ++i) series.push_back(std::move(of_need[i].series));
    }
    return bound;
  }

  const Ground& ground_;
  const WeeklyRows& rows_;
  Solver& solver_;
  double bound_ = -kInfinite;  // at prices_
  std::vector<double> prices_;
  std::vector<double> room_;    // of each row, beside what was taken; empty before diving
  size_t slack_ = 0;            // columns before those of series_
  std::vector<Series> series_;  // in the order of their columns
};

// The program in whole numbers for some needs, while what the others have stays: whether a pair
// meets at all, and how often in each week. Says the same as series do, in fewer columns, and a
// solver branches better on it.
class WholeProgram {
 public:
  // `kept`: series of other needs. `pairs`: of these needs.
  WholeProgram(const Ground& ground, const WeeklyRows& rows, const std::vector<Series>& kept,
               const std::vector<Priced>& pairs, Solver& solver)
      : ground_(ground), all_(rows.rows()), columns_(rows.Slack()) {
    for (const Series& series : kept) {
      for (const auto& [row, count] :
           rows.ColumnOf(series.expert, series.need, series.visits).entries) {
        all_[static_cast<size_t>(row)].least -= count;
        all_[static_cast<size_t>(row)].most -= count;
      }
    }
    for (const Priced& priced : pairs) AddPair(rows, priced.series);
    solver.AddRows(all_);
    solver.AddColumns(columns_);
  }

  std::vector<Series> SeriesOf(const std::vector<double>& values) const {
    std::map<std::pair<int, int>, std::vector<int>> counts;
    for (const Visits& visits : visits_) {
      const double count = values[visits.column];
      if (count <= 0) continue;
      std::vector<int>& weeks = counts[{visits.expert, visits.need}];
      weeks.resize(static_cast<size_t>(ground_.weeks()));
      weeks[static_cast<size_t>(visits.week)] = static_cast<int>(count);
    }
    std::vector<Series> series;
    for (auto& [pair, weeks] : counts) series.push_back({pair.first, pair.second, weeks});
    return series;
  }

 private:
  struct Visits {
    size_t column = 0;
    int expert = 0;
    int need = 0;
    int week = 0;
  };

  void AddPair(const WeeklyRows& rows, const Series& pair) {
    Column meets{static_cast<double>(ground_.PairingCost(pair.expert, pair.need)), 1, {}};
    for (int week = 0; week < ground_.weeks(); ++week) {
      const int most = ground_.MostVisits(pair.expert, pair.need, week);
      if (most == 0) continue;
      std::vector<int> one(static_cast<size_t>(ground_.weeks()));
      one[static_cast<size_t>(week)] = 1;
      Column visits = rows.ColumnOf(pair.expert, pair.need, one);
      visits.cost -= meets.cost;
      visits.most = most;
      // visits <= most * meets
      const int link = static_cast<int>(all_.size());
      all_.push_back({-kInfinite, 0});
      visits.entries.emplace_back(link, 1);
      meets.entries.emplace_back(link, -most);
      visits_.push_back({columns_.size(), pair.expert, pair.need, week});
      columns_.push_back(std::move(visits));
    }
    columns_.push_back(std::move(meets));
  }

  const Ground& ground_;
  std::vector<Row> all_;
  std::vector<Column> columns_;
  std::vector<Visits> visits_;
};

// Costs are whole numbers: so is the least of them.
double WholeBound(double bound) { return std::max(0.0, std::ceil(bound * (1 - 1e-9) - 1e-4)); }

// Needs that are decided together, with the pairs to choose from.
struct Block {
  std::vector<Priced> pairs;
  bool everything = false;  // all pairs of all needs
};

// All needs, where they are few; otherwise a block for each specialty: between specialties only the
// few experts who have two, and scarce rooms, make a difference.
std::vector<Block> BlocksOf(const Ground& ground, const Pricing& pricing) {
  Block all;
  std::map<std::string, Block> by_specialty;
  for (int need = 0; need < ground.needs(); ++need) {
    for (const int expert : ground.SuitedFor(need)) {
      std::optional<Priced> best = pricing.Best(expert, need);
      if (!best.has_value()) continue;
      by_specialty[ground.problem().needs[static_cast<size_t>(need)].specialty].pairs.push_back(
          *best);
      all.pairs.push_back(*std::move(best));
    }
  }
  if (all.pairs.size() <= kPairsAtOnce) {
    all.everything = true;
    return {std::move(all)};
  }
  std::vector<Block> blocks;
  for (auto& [specialty, block] : by_specialty) {
    std::sort(block.pairs.begin(), block.pairs.end(), Cheaper);
    if (block.pairs.size() > kMostPairs) block.pairs.resize(kMostPairs);
    blocks.push_back(std::move(block));
  }
  return blocks;
}

// Decides one block anew and keeps the rest.
absl::Status Improve(const Ground& ground, const WeeklyRows& rows, const Block& block,
                     const SolverMaker& new_solver, const WholeLimits& limits, WeeklyPlan& plan) {
  std::set<int> decided;
  for (const Priced& pair : block.pairs) decided.insert(pair.series.need);
  std::vector<Series> kept;
  for (const Series& series : plan.series) {
    if (!decided.contains(series.need)) kept.push_back(series);
  }
  const std::unique_ptr<Solver> solver = new_solver();
  const WholeProgram program(ground, rows, kept, block.pairs, *solver);
  const absl::StatusOr<Whole> solved = solver->SolveWhole(limits);
  // What is missing may always be missing, so there is a solution: a search that ends without one
  // gave up, and the plan that is there stands.
  if (!solved.ok()) return absl::OkStatus();
  const Whole& whole = *solved;
  if (block.everything) plan.bound = std::max(plan.bound, WholeBound(whole.bound));
  if (!whole.found) return absl::OkStatus();
  std::vector<Series> better = program.SeriesOf(whole.values);
  kept.insert(kept.end(), better.begin(), better.end());
  if (CostOf(ground, kept) < CostOf(ground, plan.series)) plan.series = std::move(kept);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<WeeklyPlan> PlanWeeks(const Ground& ground, const Draft& start,
                                     const SolverMaker& new_solver, const base::Clock& clock,
                                     const WeeklyLimits& limits) {
  const WeeklyRows rows(ground);
  const std::unique_ptr<Solver> relaxed_solver = new_solver();
  Relaxation relaxation(ground, rows, *relaxed_solver);
  RETURN_IF_ERROR(relaxation.Run(start, clock, limits));
  WeeklyPlan plan;
  plan.bound = WholeBound(relaxation.bound());
  plan.series = SeriesOf(ground, start.Visits());
  if (relaxation.prices().empty()) return plan;
  ASSIGN_OR_RETURN(
      std::vector<Series> dived,
      relaxation.Dive(clock, clock.Now() + kDivePart * (limits.deadline - clock.Now())));
  dived = Merged(dived);
  if (CostOf(ground, dived) < CostOf(ground, plan.series)) plan.series = std::move(dived);
  if (limits.improved) limits.improved(CostOf(ground, plan.series), plan.bound);
  const auto good_enough = [&] {
    return CostOf(ground, plan.series) <= plan.bound * (1 + limits.gap);
  };
  const std::vector<double> all_room;
  const std::vector<Block> blocks =
      BlocksOf(ground, Pricing(ground, rows, relaxation.prices(), all_room));
  for (size_t i = 0; i < blocks.size() && !good_enough(); ++i) {
    if (limits.cancelled && limits.cancelled()) break;
    const absl::Duration left = limits.deadline - clock.Now();
    if (left <= absl::ZeroDuration()) break;
    // Later blocks get what earlier ones do not need.
    const WholeLimits whole{
        left / static_cast<double>(blocks.size() - i), limits.gap / 2, limits.cancelled, {}};
    RETURN_IF_ERROR(Improve(ground, rows, blocks[i], new_solver, whole, plan));
    if (limits.improved) limits.improved(CostOf(ground, plan.series), plan.bound);
  }
  return plan;
}

}  // namespace yilian::scheduling::rota
