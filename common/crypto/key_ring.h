// The symmetric keys of one purpose, by key id: one writes, all read.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/crypto/secret_bytes.h"

namespace yilian::crypto {

// Keys of a folder, `<kid>.key` each (key_files.h). The greatest kid is the newest and is used for
// writing, so name them by date: `2026-11-22.key`. A kid that is not known makes the ring look into
// the folder again (at most once a second): replicas may meet what another replica wrote with a key
// that came later. Thread-safe; keys live as long as the ring.
class KeyRing {
 public:
  struct Key {
    std::string kid;
    SecretBytes bytes;
  };

  // FAILED_PRECONDITION when the folder holds no key; any error of ReadKeyFile. `blind-index.key`
  // is not part of the ring.
  static absl::StatusOr<std::unique_ptr<KeyRing>> Open(const std::string& folder);
  // One random key that lives in memory only; for tests and tools.
  static std::unique_ptr<KeyRing> Ephemeral();

  std::shared_ptr<const Key> Newest() const;
  // Newest first; never empty.
  std::vector<std::shared_ptr<const Key>> All() const;
  // Null when there is no such key.
  std::shared_ptr<const Key> Find(std::string_view kid);

 private:
  using Keys = std::map<std::string, std::shared_ptr<const Key>, std::less<>>;
  explicit KeyRing(std::string folder) : folder_(std::move(folder)) {}
  static absl::StatusOr<Keys> ReadFolder(const std::string& folder);

  const std::string folder_;  // empty: in memory only
  mutable absl::Mutex mutex_;
  Keys keys_ ABSL_GUARDED_BY(mutex_);
  absl::Time looked_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

// Name of the blind index's key in the same folder.
inline constexpr std::string_view kBlindIndexKeyName = "blind-index";

}  // namespace yilian::crypto
