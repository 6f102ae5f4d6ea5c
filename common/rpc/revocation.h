// Who may not use old tokens any more: asked on every call, also for tokens the frame has checked
// before.
#pragma once

#include <mutex>
#include <shared_mutex>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace yilian::rpc {

// In memory; the service layer loads it from its table and keeps it current. Thread-safe.
class RevocationList {
 public:
  // Tokens of the user issued before `not_before` are refused. The later of two times stands.
  void Revoke(const base::Uuid& user, absl::Time not_before) {
    std::unique_lock lock(mutex_);
    absl::Time& entry = not_before_.try_emplace(user, absl::InfinitePast()).first->second;
    if (entry < not_before) entry = not_before;
  }
  // The whole list anew, as loaded from the table.
  void Load(absl::flat_hash_map<base::Uuid, absl::Time> not_before) {
    std::unique_lock lock(mutex_);
    not_before_ = std::move(not_before);
  }
  bool IsRevoked(const base::Uuid& user, absl::Time issued_at) const {
    std::shared_lock lock(mutex_);
    const auto it = not_before_.find(user);
    return it != not_before_.end() && issued_at < it->second;
  }

 private:
  mutable std::shared_mutex mutex_;
  absl::flat_hash_map<base::Uuid, absl::Time> not_before_;
};

}  // namespace yilian::rpc
