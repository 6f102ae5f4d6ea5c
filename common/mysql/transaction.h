// Runs a decision in a transaction, again where the database asks for it, and never reports a
// commit that did not happen.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/pool.h"
#include "common/mysql/session.h"

namespace yilian::mysql {

struct TransactionOptions {
  std::string_view name;  // for metrics and logs: "referral.Submit"
  absl::Time deadline;
  int max_attempts =
      8;  // deadlocks and lock waits re-run the whole body; then ABORTED / CONTENTION
  // Settles a COMMIT whose answer was lost (2006/2013): returns true when the transaction is there.
  // Called on a new connection, until it answers or the deadline passes. Without it such a COMMIT
  // is UNAVAILABLE with reason COMMIT_UNKNOWN and is not re-run. After `false` the body runs again,
  // and the lost COMMIT may still be on its way: the row that is looked up must have a UNIQUE key
  // that the body inserts, so that the second of the two fails on it.
  std::function<absl::StatusOr<bool>(Session&)> was_committed;
};

// Calls `body` with the transaction's session; commits when it returns OK, else rolls back and
// returns its error. `body` may run several times and must have no effect outside the session.
// Errors: as `body`; ABORTED (CONTENTION), DEADLINE_EXCEEDED, UNAVAILABLE (DATABASE_UNAVAILABLE,
// COMMIT_UNKNOWN), INTERNAL.
absl::Status RunTransaction(Pool& pool, const TransactionOptions& options,
                            const std::function<absl::Status(Session&)>& body);

template <typename T>
absl::StatusOr<T> RunTransactionFor(Pool& pool, const TransactionOptions& options,
                                    const std::function<absl::StatusOr<T>(Session&)>& body) {
  std::optional<T> result;
  absl::Status status = RunTransaction(pool, options, [&](Session& session) -> absl::Status {
    absl::StatusOr<T> attempt = body(session);
    if (!attempt.ok()) return attempt.status();
    result = *std::move(attempt);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return *std::move(result);
}

// One read outside a transaction; re-run once on a new connection when the first turns out dead.
absl::Status RunRead(Pool& pool, absl::Time deadline,
                     const std::function<absl::Status(Session&)>& body);

}  // namespace yilian::mysql
