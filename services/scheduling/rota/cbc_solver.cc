#include <fmt/format.h>

#include <CbcEventHandler.hpp>
#include <CbcModel.hpp>
#include <CbcSolver.hpp>
#include <CoinPackedMatrix.hpp>
#include <OsiClpSolverInterface.hpp>
#include <algorithm>
#include <cmath>
#include <string>

#include "absl/synchronization/mutex.h"
#include "services/scheduling/rota/solver.h"

namespace yilian::scheduling::rota {
namespace {

// The branch-and-cut driver keeps some of its settings in statics: one run at a time in a process.
// Two would also share the cores that calls are served with.
absl::Mutex& OneRun() {
  static absl::Mutex mutex;
  return mutex;
}

// Looks in on a run: stops it, tells of better solutions.
class Watcher : public CbcEventHandler {
 public:
  explicit Watcher(const WholeLimits& limits) : limits_(&limits) {}
  CbcEventHandler* clone() const override { return new Watcher(*this); }
  CbcAction event(CbcEvent what) override {
    if (limits_->cancelled && limits_->cancelled()) return stop;
    const bool better = what == solution || what == heuristicSolution;
    if (better && limits_->improved && model_ != nullptr) {
      limits_->improved(model_->getObjValue(), model_->getBestPossibleObjValue());
    }
    return noAction;
  }

 private:
  const WholeLimits* limits_;  // outlives the run
};

int GoOn(CbcModel* /*model*/, int /*where*/) { return 0; }

class CbcSolver : public Solver {
 public:
  explicit CbcSolver(uint32_t seed) : seed_(seed) {
    lp_.messageHandler()->setLogLevel(0);
    lp_.getModelPtr()->setLogLevel(0);
    lp_.setHintParam(OsiDoReducePrint, true, OsiHintTry);
    lp_.getModelPtr()->setRandomSeed(static_cast<int>(seed % 1'000'000) + 1);
  }

  void AddRows(const std::vector<Row>& rows) override {
    for (const Row& row : rows) {
      lp_.addRow(0, nullptr, nullptr, Bound(row.least), Bound(row.most));
    }
  }

  void AddColumns(const std::vector<Column>& columns) override {
    std::vector<CoinBigIndex> starts{0};
    std::vector<int> rows;
    std::vector<double> values;
    std::vector<double> least(columns.size(), 0);
    std::vector<double> most;
    std::vector<double> costs;
    for (const Column& column : columns) {
      for (const auto& [row, value] : column.entries) {
        rows.push_back(row);
        values.push_back(value);
      }
      starts.push_back(static_cast<CoinBigIndex>(rows.size()));
      most.push_back(Bound(column.most));
      costs.push_back(column.cost);
    }
    if (columns.empty()) return;
    lp_.addCols(static_cast<int>(columns.size()), starts.data(), rows.data(), values.data(),
                least.data(), most.data(), costs.data());
  }

  void Require(int column) override {
    lp_.setColLower(column, 1);
    bounds_changed_ = true;
  }

  void Forbid(int column) override {
    lp_.setColUpper(column, 0);
    bounds_changed_ = true;
  }

  absl::StatusOr<Relaxed> SolveRelaxed(absl::Duration time) override {
    ClpSimplex& simplex = *lp_.getModelPtr();
    simplex.setMaximumWallSeconds(std::max(0.0, absl::ToDoubleSeconds(time)));
    if (solved_ && !bounds_changed_) {
      // New columns leave the basis feasible: the primal simplex goes on from it.
      simplex.primal(1);
    } else {
      simplex.dual();
    }
    solved_ = true;
    bounds_changed_ = false;
    if (simplex.status() == 3) return absl::DeadlineExceededError("the relaxation takes too long");
    if (simplex.status() != 0) {
      return absl::InternalError(fmt::format("the relaxation ended as {}", simplex.status()));
    }
    Relaxed relaxed;
    relaxed.cost = simplex.objectiveValue();
    const double* values = simplex.primalColumnSolution();
    relaxed.values.assign(values, values + simplex.numberColumns());
    const double* prices = simplex.dualRowSolution();
    relaxed.prices.assign(prices, prices + simplex.numberRows());
    return relaxed;
  }

  absl::StatusOr<Whole> SolveWhole(const WholeLimits& limits) override {
    const absl::MutexLock one(&OneRun());
    OsiClpSolverInterface lp(lp_);
    for (int column = 0; column < lp.getNumCols(); ++column) lp.setInteger(column);
    CbcModel model(lp);
    CbcSolverUsefulData settings;
    CbcMain0(model, settings);
    model.setLogLevel(0);
    model.messageHandler()->setLogLevel(0);
    model.solver()->messageHandler()->setLogLevel(0);
    settings.noPrinting_ = true;
    settings.useSignalHandler_ = false;
    Watcher watcher(limits);
    model.passInEventHandler(&watcher);

    const std::string gap = fmt::format("{:.6f}", limits.gap);
    const std::string seconds =
        fmt::format("{:.2f}", std::clamp(absl::ToDoubleSeconds(limits.time), 0.1, 1e7));
    const std::string seed = std::to_string(seed_ % 1'000'000 + 1);
    const char* arguments[] = {"cbc",           "-log",           "0",          "-ratioGap",
                               gap.c_str(),     "-timeMode",      "elapsed",    "-seconds",
                               seconds.c_str(), "-randomCbcSeed", seed.c_str(), "-randomSeed",
                               seed.c_str(),    "-solve",         "-quit"};
    CbcMain1(static_cast<int>(std::size(arguments)), arguments, model, GoOn, settings);

    Whole whole;
    whole.bound = model.getBestPossibleObjValue();
    if (model.isProvenInfeasible()) return absl::InternalError("no whole-numbered solution exists");
    if (model.bestSolution() == nullptr) return whole;
    whole.found = true;
    whole.cost = model.getObjValue();
    for (int column = 0; column < lp.getNumCols(); ++column) {
      whole.values.push_back(std::round(model.bestSolution()[column]));
    }
    return whole;
  }

 private:
  static double Bound(double value) {
    if (value == kInfinite) return COIN_DBL_MAX;
    if (value == -kInfinite) return -COIN_DBL_MAX;
    return value;
  }

  const uint32_t seed_;
  OsiClpSolverInterface lp_;
  bool solved_ = false;
  bool bounds_changed_ = false;  // since the last relaxation
};

}  // namespace

std::unique_ptr<Solver> NewCbcSolver(uint32_t seed) { return std::make_unique<CbcSolver>(seed); }

}  // namespace yilian::scheduling::rota
