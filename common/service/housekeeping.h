// Forgets what nobody can ask for any more.
#pragma once

#include <functional>

#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/repeated.h"
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

 private:
  void Prune(const std::function<bool()>& stopping);

  mysql::Pool& pool_;
  const base::Clock& clock_;
  base::Repeated repeated_;
};

}  // namespace yilian::service
