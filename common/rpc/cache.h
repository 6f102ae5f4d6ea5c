// A bounded cache by SHA-256, for what is dear to check and comes again with the next call: tokens
// and certificates.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string_view>

#include "absl/container/flat_hash_map.h"

namespace yilian::rpc {

using Digest = std::array<uint8_t, 32>;

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
      std::shared_lock lock(mutex_);
      if (auto it = young_.find(key); it != young_.end()) return it->second;
      if (old_.find(key) == old_.end()) return nullptr;
    }
    std::unique_lock lock(mutex_);
    auto it = old_.find(key);
    if (it == old_.end()) return nullptr;
    std::shared_ptr<const Value> value = it->second;
    old_.erase(it);
    PutLocked(key, value);
    return value;
  }

  void Put(const Digest& key, std::shared_ptr<const Value> value) {
    std::unique_lock lock(mutex_);
    PutLocked(key, std::move(value));
  }

  size_t size() const {
    std::shared_lock lock(mutex_);
    return young_.size() + old_.size();
  }

 private:
  void PutLocked(const Digest& key, std::shared_ptr<const Value> value) {
    if (young_.size() >= capacity_) {
      old_ = std::move(young_);
      young_.clear();
    }
    young_[key] = std::move(value);
  }

  const size_t capacity_;
  mutable std::shared_mutex mutex_;
  absl::flat_hash_map<Digest, std::shared_ptr<const Value>> young_;
  absl::flat_hash_map<Digest, std::shared_ptr<const Value>> old_;
};

}  // namespace yilian::rpc
