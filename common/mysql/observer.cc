#include "common/mysql/observer.h"

#include <atomic>
#include <list>
#include <mutex>

namespace yilian::mysql {
namespace {

std::atomic<const QueryObserver*> g_observer{nullptr};

}  // namespace

void SetQueryObserver(QueryObserver observer) {
  // All are kept: a statement on another thread may be calling a former one.
  static std::mutex mutex;
  static auto* const kept = new std::list<QueryObserver>;
  std::lock_guard lock(mutex);
  g_observer.store(observer ? &kept->emplace_back(std::move(observer)) : nullptr);
}

const QueryObserver* GetQueryObserver() { return g_observer.load(std::memory_order_acquire); }

}  // namespace yilian::mysql
