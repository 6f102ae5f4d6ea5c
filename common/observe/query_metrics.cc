#include "common/observe/query_metrics.h"

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"

namespace yilian::observe {
namespace {

constexpr size_t kMaxNames = 1'000;

struct Handles {
  Histogram* seconds = nullptr;
  Counter* errors = nullptr;
};

class Queries {
 public:
  explicit Queries(Metrics& metrics) : metrics_(metrics), other_(Make("other")) {}

  Handles Find(std::string_view name) {
    {
      absl::ReaderMutexLock lock(&mutex_);
      if (const auto found = by_name_.find(name); found != by_name_.end()) return found->second;
    }
    absl::MutexLock lock(&mutex_);
    if (const auto found = by_name_.find(name); found != by_name_.end()) return found->second;
    if (by_name_.size() >= kMaxNames) return other_;
    return by_name_[std::string(name)] = Make(name);
  }

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const { return a == b; }
  };

  Handles Make(std::string_view name) {
    const Labels labels = {{"query", std::string(name)}};
    return {
        &metrics_.GetHistogram("yilian_query_seconds",
                               "Time of a named statement, round trip included.", labels),
        &metrics_.GetCounter("yilian_query_errors_total", "Named statements that failed.", labels)};
  }

  Metrics& metrics_;
  const Handles other_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Handles, Hash, Equal> by_name_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::function<void(std::string_view name, absl::Duration duration, bool ok)> ObserveQueries(
    Metrics& metrics) {
  return [queries = std::make_shared<Queries>(metrics)](std::string_view name,
                                                        absl::Duration duration, bool ok) {
    const Handles handles = queries->Find(name);
    handles.seconds->Observe(duration);
    if (!ok) handles.errors->Increment();
  };
}

}  // namespace yilian::observe
