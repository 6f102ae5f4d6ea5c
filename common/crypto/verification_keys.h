// The public keys that sign access tokens, by key id, read again when their folder changes.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/crypto/es256.h"

namespace yilian::crypto {

// Keys of a folder, `<kid>.pem` each. A file that is added, replaced or removed is seen within
// `interval` of the next call; write new files under another name and rename them. Thread-safe.
class VerificationKeys {
 public:
  // Any file that is no key fails the start. While running, a bad file leaves the key that had its
  // name as it was and is told to `on_fault` (once a change, on the thread that looked).
  static absl::StatusOr<std::unique_ptr<VerificationKeys>> Open(
      std::string folder, absl::Duration interval, std::function<void(std::string_view)> on_fault);

  std::optional<Es256PublicKey> Find(std::string_view kid) const;

  // Looks at the folder when the interval has passed. Returns a number that grows with every change
  // of the keys.
  uint64_t Refresh();

 private:
  using Keys = std::map<std::string, Es256PublicKey, std::less<>>;
  // Name, inode, size and time of every file: what a change leaves behind.
  using Fingerprint = std::string;

  VerificationKeys(std::string folder, absl::Duration interval,
                   std::function<void(std::string_view)> on_fault)
      : folder_(std::move(folder)), interval_(interval), on_fault_(std::move(on_fault)) {}
  Fingerprint Look() const;
  // Reads every file; what cannot be read is kept from `before` and listed in `faults`.
  Keys ReadFolder(const Keys& before, std::string& faults) const;

  const std::string folder_;
  const absl::Duration interval_;
  const std::function<void(std::string_view)> on_fault_;
  std::atomic<int64_t> next_look_nanos_{0};
  std::atomic<uint64_t> generation_{1};
  absl::Mutex refresh_mutex_;  // one thread reads the folder
  Fingerprint fingerprint_ ABSL_GUARDED_BY(refresh_mutex_);
  mutable absl::Mutex mutex_;
  Keys keys_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace yilian::crypto
