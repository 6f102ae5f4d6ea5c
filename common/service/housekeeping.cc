#include "common/service/housekeeping.h"

#include "absl/time/clock.h"
#include "common/idempotency/ledger.h"
#include "common/mysql/transaction.h"
#include "common/observe/log.h"

namespace yilian::service {
namespace {

constexpr absl::Duration kInterval = absl::Minutes(10);
// A delete of this size holds its locks for milliseconds.
constexpr int kRowsAtOnce = 2'000;

}  // namespace

Housekeeping::Housekeeping(mysql::Pool& pool, const base::Clock& clock)
    : pool_(pool),
      clock_(clock),
      repeated_(kInterval, [this](const std::function<bool()>& stopping) { Prune(stopping); }) {}

void Housekeeping::Prune(const std::function<bool()>& stopping) {
  absl::StatusOr<int64_t> deleted = kRowsAtOnce;
  while (deleted.ok() && *deleted == kRowsAtOnce && !stopping()) {
    deleted = mysql::RunTransactionFor<int64_t>(
        pool_, {.name = "service.PruneLedger", .deadline = absl::Now() + absl::Seconds(30)},
        [&](mysql::Session& session) {
          return idempotency::Prune(session, clock_.Now() - kLedgerMemory, kRowsAtOnce);
        });
  }
  if (!deleted.ok()) {
    observe::Log(observe::Level::kWarn, "the ledger could not be pruned; tried again later",
                 {{"error", deleted.status()}});
  }
}

}  // namespace yilian::service
