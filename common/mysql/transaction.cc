#include "common/mysql/transaction.h"

#include <algorithm>
#include <random>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/mysql/connection.h"
#include "common/mysql/errors.h"
#include "common/mysql/observer.h"

namespace yilian::mysql {
namespace {

// 5 ms: a competing transaction is usually done by then. 400 ms: a server that restarts is asked
// often enough.
constexpr absl::Duration kFirstBackoff = absl::Milliseconds(5);
constexpr absl::Duration kLongestBackoff = absl::Milliseconds(400);

// Waits before the next attempt, at random, so that two that met do not meet again. False when the
// deadline is nearer.
bool BackOff(int attempt, absl::Time deadline) {
  thread_local std::minstd_rand random(std::random_device{}());
  const absl::Duration longest =
      std::min(kLongestBackoff, kFirstBackoff * (1 << std::min(attempt, 10)));
  const absl::Duration wait = longest * std::uniform_real_distribution<double>(0.5, 1.0)(random);
  if (absl::Now() + wait >= deadline) return false;
  absl::SleepFor(wait);
  return true;
}

// How one attempt ended.
enum class Outcome { kDone, kRerun, kUnknown };

struct Attempt {
  Outcome outcome;
  absl::Status status;
};

Attempt Once(Pool& pool, const TransactionOptions& options,
             const std::function<absl::Status(Session&)>& body) {
  absl::StatusOr<Pool::Lease> lease = pool.Acquire(options.deadline);
  if (!lease.ok()) {
    return {absl::IsUnavailable(lease.status()) ? Outcome::kRerun : Outcome::kDone, lease.status()};
  }
  Connection& connection = **lease;
  absl::Status status = connection.Begin();
  if (status.ok()) status = body(connection);
  // The connection remembers a deadlock or a lost link even where the body swallowed or rewrote its
  // error.
  if (status.ok() && connection.fault() == Fault::kNone) {
    status = connection.Commit();
    if (status.ok()) return {Outcome::kDone, status};
    if (connection.commit_outcome_unknown()) return {Outcome::kUnknown, status};
  }
  const bool rerun = connection.fault() != Fault::kNone;
  if (rerun) status = connection.fault_status();
  // The body's error matters to the caller, not how the rollback went: a connection that cannot
  // roll back is closed.
  connection.Rollback().IgnoreError();
  return {rerun ? Outcome::kRerun : Outcome::kDone, status};
}

// Asks until there is an answer. The lookup meets the same restarting server that lost the COMMIT's
// answer.
absl::StatusOr<bool> Settle(Pool& pool, const TransactionOptions& options) {
  for (int attempt = 0;; ++attempt) {
    absl::StatusOr<Pool::Lease> lease = pool.Acquire(options.deadline);
    if (lease.ok()) {
      absl::StatusOr<bool> there = options.was_committed(**lease);
      if (there.ok()) return there;
    }
    if (!BackOff(attempt, options.deadline)) return CommitUnknown(options.name);
  }
}

absl::Status Run(Pool& pool, const TransactionOptions& options,
                 const std::function<absl::Status(Session&)>& body) {
  for (int attempt = 1;; ++attempt) {
    Attempt last = Once(pool, options, body);
    if (last.outcome == Outcome::kDone) return last.status;
    if (last.outcome == Outcome::kUnknown) {
      if (!options.was_committed) return CommitUnknown(options.name);
      ASSIGN_OR_RETURN(const bool there, Settle(pool, options));
      if (there) return absl::OkStatus();
    }
    if (attempt >= options.max_attempts || !BackOff(attempt, options.deadline)) return last.status;
  }
}

}  // namespace

absl::Status RunTransaction(Pool& pool, const TransactionOptions& options,
                            const std::function<absl::Status(Session&)>& body) {
  const QueryObserver* observer = GetQueryObserver();
  const absl::Time start = observer == nullptr ? absl::Time() : absl::Now();
  absl::Status status = Run(pool, options, body);
  if (observer != nullptr) (*observer)(options.name, absl::Now() - start, status.ok());
  return status;
}

absl::Status RunRead(Pool& pool, absl::Time deadline,
                     const std::function<absl::Status(Session&)>& body) {
  for (bool again = false;; again = true) {
    ASSIGN_OR_RETURN(Pool::Lease lease, pool.Acquire(deadline));
    absl::Status status = body(*lease);
    if (status.ok() || again || !lease->broken()) return status;
  }
}

}  // namespace yilian::mysql
