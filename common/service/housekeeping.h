// Forgets what nobody can ask for any more.
#pragma once

#include <memory>

#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/mysql/pool.h"

namespace yilian::service {

// How long a request id is remembered: a HIS that queues calls for days still gets its first
// answer.
inline constexpr absl::Duration kLedgerMemory = absl::Hours(24 * 30);

// Deletes old rows of the request ledger, a few thousand at a time, every ten minutes, on a thread
// of its own.
class Housekeeping {
 public:
  // Both outlive it.
  Housekeeping(mysql::Pool& pool, const base::Clock& clock);
  ~Housekeeping();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace yilian::service
