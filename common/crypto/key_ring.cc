#include "common/crypto/key_ring.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "common/crypto/key_files.h"

namespace yilian::crypto {

absl::StatusOr<KeyRing::Keys> KeyRing::ReadFolder(const std::string& folder) {
  std::error_code error;
  Keys keys;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".key") continue;
    const std::string kid = entry.path().stem().string();
    if (kid == kBlindIndexKeyName) continue;
    if (!IsKeyId(kid)) {
      return absl::FailedPreconditionError(
          fmt::format("{}: name key files by 1 to 32 of a-z 0-9 - _ .", entry.path().string()));
    }
    ASSIGN_OR_RETURN(SecretBytes bytes, ReadKeyFile(entry.path().string()));
    keys[kid] = std::make_shared<const Key>(Key{kid, std::move(bytes)});
  }
  if (error) return absl::NotFoundError(fmt::format("{}: {}", folder, error.message()));
  if (keys.empty()) {
    return absl::FailedPreconditionError(fmt::format(
        "{0} holds no key; make one with: (umask 077; openssl rand -hex 32 > {0}/$(date +%F).key)",
        folder));
  }
  return keys;
}

absl::StatusOr<std::unique_ptr<KeyRing>> KeyRing::Open(const std::string& folder) {
  ASSIGN_OR_RETURN(Keys keys, ReadFolder(folder));
  std::unique_ptr<KeyRing> ring(new KeyRing(folder));
  absl::MutexLock lock(&ring->mutex_);
  ring->keys_ = std::move(keys);
  return ring;
}

std::unique_ptr<KeyRing> KeyRing::Ephemeral() {
  std::unique_ptr<KeyRing> ring(new KeyRing(""));
  absl::MutexLock lock(&ring->mutex_);
  ring->keys_["memory"] =
      std::make_shared<const Key>(Key{"memory", SecretBytes(RandomBytes(kKeyBytes))});
  return ring;
}

std::shared_ptr<const KeyRing::Key> KeyRing::Newest() const {
  absl::MutexLock lock(&mutex_);
  return keys_.rbegin()->second;
}

std::vector<std::shared_ptr<const KeyRing::Key>> KeyRing::All() const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::shared_ptr<const Key>> all;
  all.reserve(keys_.size());
  for (auto it = keys_.rbegin(); it != keys_.rend(); ++it) all.push_back(it->second);
  return all;
}

std::shared_ptr<const KeyRing::Key> KeyRing::Find(std::string_view kid) {
  absl::MutexLock lock(&mutex_);
  if (const auto found = keys_.find(kid); found != keys_.end()) return found->second;
  const absl::Time now = absl::Now();
  if (folder_.empty() || now - looked_at_ < absl::Seconds(1)) return nullptr;
  looked_at_ = now;
  absl::StatusOr<Keys> keys = ReadFolder(folder_);
  if (!keys.ok()) return nullptr;  // the keys that are known stay good
  keys_ = *std::move(keys);
  const auto found = keys_.find(kid);
  return found == keys_.end() ? nullptr : found->second;
}

}  // namespace yilian::crypto
