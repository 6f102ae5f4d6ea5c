#include "services/scheduling/jobs/rota_planner.h"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <exception>
#include <optional>
#include <utility>

#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "common/observe/log.h"
#include "common/outbox/outbox.h"
#include "services/scheduling/store/rota_events.h"
#include "services/scheduling/store/rota_known.h"

namespace yilian::scheduling {
namespace {

using rota::Asked;
using rota::Planned;

// Statements of a claim, a plan's row and its event.
constexpr absl::Duration kStoreLimit = absl::Seconds(20);
// For calls the region waits, for a rota a scheduler does.
constexpr int kNice = 10;

std::chrono::nanoseconds Chrono(absl::Duration time) {
  return std::chrono::nanoseconds(absl::ToInt64Nanoseconds(time));
}

// COIN-OR throws where its own input surprises it; what it throws ends here.
absl::StatusOr<rota::Plan> PlanWithoutThrowing(const rota::Problem& problem,
                                               const rota::Options& options) {
  try {
    return rota::PlanRota(problem, options, base::SystemClock());
  } catch (const std::exception& thrown) {
    return absl::InternalError(thrown.what());
  } catch (...) {
    return absl::InternalError("the solver threw");
  }
}

}  // namespace

// Keeps a claim alive while the planner works, and tells it when nobody wants the work any more.
class RotaPlanner::Claim {
 public:
  Claim(const Deps& deps, const Options& options, const RotaClaim& claim)
      : deps_(deps), options_(options), claim_(claim), thread_([this] { Keep(); }) {}
  ~Claim() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      done_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }

  bool lost() const { return lost_; }
  void Tell(const rota::Progress& progress) {
    const std::lock_guard<std::mutex> lock(mutex_);
    progress_ = progress;
  }

 private:
  void Keep() {
    std::unique_lock<std::mutex> lock(mutex_);
    while (!wake_.wait_for(lock, Chrono(options_.keep), [this] { return done_; })) {
      const rota::Progress progress = progress_;
      lock.unlock();
      std::optional<bool> kept;
      const absl::Status status = mysql::RunTransaction(
          deps_.pool,
          {.name = "scheduling.KeepRotaClaim", .deadline = absl::Now() + options_.lease},
          [&](mysql::Session& sql) -> absl::Status {
            ASSIGN_OR_RETURN(kept, KeepRotaClaim(sql, claim_, options_.lease, progress));
            return absl::OkStatus();
          });
      // A database that is away does not end the work: whether the claim held, Finish finds out.
      if (status.ok() && kept == false) lost_ = true;
      lock.lock();
    }
  }

  const Deps& deps_;
  const Options& options_;
  const RotaClaim claim_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool done_ = false;
  rota::Progress progress_;
  std::atomic<bool> lost_ = false;
  std::thread thread_;  // the last: it uses the others
};

RotaPlanner::RotaPlanner(Deps deps, Options options) : deps_(std::move(deps)), options_(options) {}

RotaPlanner::~RotaPlanner() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void RotaPlanner::Run() {
  thread_ = std::thread([this] { Loop(); });
}

absl::StatusOr<bool> RotaPlanner::RunOnce() {
  std::optional<RotaClaim> claim;
  RETURN_IF_ERROR(mysql::RunTransaction(
      deps_.pool, {.name = "scheduling.ClaimRota", .deadline = absl::Now() + kStoreLimit},
      [&](mysql::Session& sql) -> absl::Status {
        ASSIGN_OR_RETURN(claim, ClaimRota(sql, options_.lease));
        return absl::OkStatus();
      }));
  if (!claim) return false;
  if (claim->epoch > rota::kMostClaims) {
    observe::Log(observe::Level::kError, "a rota is given up: its planners ended without a word",
                 {{"rota_id", claim->rota}});
    RETURN_IF_ERROR(Finish(*claim, Asked(), Planned(), rota::kGivenUp));
  } else {
    RETURN_IF_ERROR(Plan(*claim));
  }
  return true;
}

absl::Status RotaPlanner::Plan(const RotaClaim& claim) {
  Asked asked;
  rota::Remaining remaining;
  RETURN_IF_ERROR(mysql::RunRead(
      deps_.pool, absl::Now() + kStoreLimit, [&](mysql::Session& sql) -> absl::Status {
        ASSIGN_OR_RETURN(const std::optional<RotaRow> row, LoadRota(sql, claim.rota));
        if (!row) return absl::InternalError("a claimed rota is gone");
        ASSIGN_OR_RETURN(asked, deps_.encoding.read_problem(row->problem));
        const absl::Time now = deps_.clock.Now();
        ASSIGN_OR_RETURN(const rota::Known known,
                         LoadKnown(sql, row->rota, asked, deps_.rules, Standings::kRead, now));
        remaining = RemainingToPlan(asked, known, now);
        return absl::OkStatus();
      }));
  absl::StatusOr<rota::Plan> plan = absl::UnknownError("");
  bool lost = false;
  {
    Claim kept(deps_, options_, claim);
    plan = PlanWithoutThrowing(
        remaining.problem,
        {.time_limit = options_.time_limit,
         .progress = [&](const rota::Progress& progress) { kept.Tell(progress); },
         .cancelled = [&] { return stopping_ || kept.lost(); }});
    lost = kept.lost();
  }
  if (lost) return absl::OkStatus();
  if (absl::IsCancelled(plan.status())) {
    return mysql::RunTransaction(
        deps_.pool, {.name = "scheduling.GiveUpRotaClaim", .deadline = absl::Now() + kStoreLimit},
        [&](mysql::Session& sql) { return GiveUpRotaClaim(sql, claim); });
  }
  if (!plan.ok()) {
    observe::Log(observe::Level::kError, "a rota could not be planned",
                 {{"rota_id", claim.rota}, {"status", plan.status()}});
    return Finish(claim, asked, Planned(), rota::kSolverFailed);
  }
  Planned planned{.visits = std::move(plan->visits),
                  .bound = plan->bound,
                  .stopped_early = plan->stopped_early};
  planned.judgement = {.findings = {.cost = plan->cost,
                                    .unmet = std::move(plan->unmet),
                                    .loads = std::move(plan->loads)},
                       .taken_out = std::move(remaining.taken_out),
                       .kept = std::move(remaining.kept)};
  return Finish(claim, asked, planned, "");
}

absl::Status RotaPlanner::Finish(const RotaClaim& claim, const Asked& asked, const Planned& planned,
                                 std::string_view failure) {
  RETURN_IF_ERROR(mysql::RunTransaction(
      deps_.pool, {.name = "scheduling.FinishRota", .deadline = absl::Now() + kStoreLimit},
      [&](mysql::Session& sql) -> absl::Status {
        ASSIGN_OR_RETURN(std::optional<RotaRow> row, LockRota(sql, claim.rota));
        // Somebody cancelled it, or another planner has it.
        if (!row || row->rota.state != rota::State::kPlanning || row->claim_epoch != claim.epoch) {
          return absl::OkStatus();
        }
        rota::Rota& rota = row->rota;
        rota.state = failure.empty() ? rota::State::kPlanned : rota::State::kFailed;
        rota.failure = std::string(failure);
        rota.phase.reset();
        const rota::Findings& findings = planned.judgement.findings;
        rota.Summarize(findings.cost, findings.unmet, planned.visits.size(),
                       findings.violations.size());
        rota.bound = static_cast<int64_t>(std::floor(planned.bound));
        ++rota.version;
        RETURN_IF_ERROR(SaveRota(sql, rota));
        if (failure.empty()) {
          RETURN_IF_ERROR(SaveRotaPlan(sql, rota.id, deps_.encoding.plan(asked, planned)));
        }
        const std::string_view type = failure.empty() ? events::kRotaPlanned : events::kRotaFailed;
        return outbox::Append(
            sql, {events::RotaChanged(type, rota, {}, deps_.encoding, deps_.clock.Now())});
      }));
  if (deps_.planned) deps_.planned();
  return absl::OkStatus();
}

void RotaPlanner::Loop() {
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice);
  while (!stopping_) {
    const absl::StatusOr<bool> worked = RunOnce();
    if (!worked.ok()) {
      observe::Log(observe::Level::kWarn, "rotas that wait could not be planned",
                   {{"status", worked.status()}});
    }
    if (worked.ok() && *worked) continue;
    std::unique_lock<std::mutex> lock(mutex_);
    wake_.wait_for(lock, Chrono(options_.poll), [this] { return stopping_.load(); });
  }
}

}  // namespace yilian::scheduling
