// A bounded cache by SHA-256, for what is dear to check and comes again with the next call: tokens
// and certificates.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"

namespace yilian::rpc {

using Digest = std::array<uint8_t, 32>;

Digest Sha256(std::string_view bytes);
// SHA-256 over the parts, preceded by their lengths: two different pairs never read alike.
Digest DigestOf(std::string_view first, std::string_view second);

// Two generations: a full young one becomes the old one, what is found in the old one moves to the
// young one. Holds at most 2 * `capacity` values and keeps those in use. Thread-safe.
template <typename Value>
class DigestCache {
 public:
  explicit DigestCache(size_t capacity) : capacity_(capacity) {}

  std::shared_ptr<const Value> Find(const Digest& key) {
    {
      absl::ReaderMutexLock lock(&mutex_);
      if (auto it = young_.find(key); it != young_.end()) return it->second;
      if (old_.find(key) == old_.end()) return nullptr;
    }
    absl::MutexLock lock(&mutex_);
    auto it = old_.find(key);
    if (it == old_.end()) return nullptr;
    std::shared_ptr<const Value> value = it->second;
    old_.erase(it);
    PutLocked(key, value);
    return value;
  }

  void Put(const Digest& key, std::shared_ptr<const Value> value) {
    absl::MutexLock lock(&mutex_);
    PutLocked(key, std::move(value));
  }

  size_t size() const {
    absl::ReaderMutexLock lock(&mutex_);
    return young_.size() + old_.size();
  }

 private:
  void PutLocked(const Digest& key, std::shared_ptr<const Value> value)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (young_.size() >= capacity_) {
      old_ = std::move(young_);
      young_.clear();
    }
    young_[key] = std::move(value);
  }

  const size_t capacity_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<Digest, std::shared_ptr<const Value>> young_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<Digest, std::shared_ptr<const Value>> old_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace yilian::rpc
