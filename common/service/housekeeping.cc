#include "common/service/housekeeping.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "common/base/status_macros.h"
#include "common/idempotency/ledger.h"
#include "common/mysql/transaction.h"
#include "common/observe/log.h"

namespace yilian::service {
namespace {

constexpr absl::Duration kInterval = absl::Minutes(10);
// A delete of this size holds its locks for milliseconds.
constexpr int kRowsAtOnce = 2'000;

}  // namespace

struct Housekeeping::State {
  mysql::Pool& pool;
  const base::Clock& clock;
  std::mutex mutex;
  std::condition_variable wake;
  bool stopping = false;
  std::thread thread;

  absl::StatusOr<int64_t> PruneOnce() {
    return mysql::RunTransactionFor<int64_t>(
        pool, {.name = "service.PruneLedger", .deadline = absl::Now() + absl::Seconds(30)},
        [&](mysql::Session& session) {
          return idempotency::Prune(session, clock.Now() - kLedgerMemory, kRowsAtOnce);
        });
  }

  void Loop() {
    std::unique_lock lock(mutex);
    while (!wake.wait_for(lock, absl::ToChronoMilliseconds(kInterval), [&] { return stopping; })) {
      lock.unlock();
      absl::StatusOr<int64_t> deleted = kRowsAtOnce;
      while (deleted.ok() && *deleted == kRowsAtOnce) deleted = PruneOnce();
      if (!deleted.ok()) {
        observe::Log(observe::Level::kWarn, "the ledger could not be pruned; tried again later",
                     {{"error", deleted.status()}});
      }
      lock.lock();
    }
  }
};

Housekeeping::Housekeeping(mysql::Pool& pool, const base::Clock& clock)
    : state_(new State{.pool = pool, .clock = clock}) {
  state_->thread = std::thread([this] { state_->Loop(); });
}

Housekeeping::~Housekeeping() {
  {
    std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->wake.notify_all();
  state_->thread.join();
}

}  // namespace yilian::service
