#include "common/mysql/observer.h"

#include <atomic>

namespace yilian::mysql {
namespace {

std::atomic<const QueryObserver*> g_observer{nullptr};

}  // namespace

void SetQueryObserver(QueryObserver observer) {
  // The former one is left alive: a statement on another thread may be calling it.
  g_observer.store(observer ? new QueryObserver(std::move(observer)) : nullptr);
}

const QueryObserver* GetQueryObserver() { return g_observer.load(std::memory_order_acquire); }

}  // namespace yilian::mysql
