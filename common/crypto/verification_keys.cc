#include "common/crypto/verification_keys.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

#include "common/crypto/key_files.h"

namespace yilian::crypto {
namespace {

constexpr std::string_view kEnding = ".pem";

// Of a clock that never goes back.
int64_t NowNanos() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::vector<std::filesystem::path> KeyFiles(const std::string& folder) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == kEnding) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

absl::StatusOr<Es256PublicKey> ReadPublicKey(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream pem;
  if (!file || !(pem << file.rdbuf())) return absl::PermissionDeniedError("cannot be read");
  return Es256PublicKey::FromPem(pem.str());
}

}  // namespace

absl::StatusOr<std::unique_ptr<VerificationKeys>> VerificationKeys::Open(
    std::string folder, absl::Duration interval, std::function<void(std::string_view)> on_fault) {
  std::unique_ptr<VerificationKeys> keys(
      new VerificationKeys(std::move(folder), interval, std::move(on_fault)));
  std::string faults;
  absl::MutexLock refresh_lock(&keys->refresh_mutex_);
  absl::MutexLock lock(&keys->mutex_);
  keys->fingerprint_ = keys->Look();
  keys->keys_ = keys->ReadFolder({}, faults);
  keys->next_look_nanos_ = NowNanos() + absl::ToInt64Nanoseconds(interval);
  if (!faults.empty()) return absl::FailedPreconditionError(faults);
  if (keys->keys_.empty()) {
    return absl::FailedPreconditionError(fmt::format(
        "{} holds no public key (<kid>.pem): no token could be verified", keys->folder_));
  }
  return keys;
}

std::optional<Es256PublicKey> VerificationKeys::Find(std::string_view kid) const {
  absl::MutexLock lock(&mutex_);
  const auto found = keys_.find(kid);
  if (found == keys_.end()) return std::nullopt;
  return found->second;
}

uint64_t VerificationKeys::Refresh() {
  int64_t due = next_look_nanos_.load(std::memory_order_relaxed);
  const int64_t now = NowNanos();
  if (now < due ||
      !next_look_nanos_.compare_exchange_strong(due, now + absl::ToInt64Nanoseconds(interval_))) {
    return generation_.load(std::memory_order_acquire);
  }
  absl::MutexLock refresh_lock(&refresh_mutex_);
  Fingerprint seen = Look();
  if (seen == fingerprint_) return generation_.load(std::memory_order_acquire);
  fingerprint_ = std::move(seen);
  Keys before;
  {
    absl::MutexLock lock(&mutex_);
    before = keys_;
  }
  std::string faults;
  Keys after = ReadFolder(before, faults);
  {
    absl::MutexLock lock(&mutex_);
    keys_ = std::move(after);
  }
  if (!faults.empty() && on_fault_) on_fault_(faults);
  return generation_.fetch_add(1, std::memory_order_acq_rel) + 1;
}

VerificationKeys::Fingerprint VerificationKeys::Look() const {
  Fingerprint fingerprint;
  for (const std::filesystem::path& path : KeyFiles(folder_)) {
    struct stat info = {};
    if (stat(path.c_str(), &info) != 0) continue;
    fingerprint += fmt::format("{}:{}:{}:{}.{}\n", path.filename().string(), info.st_ino,
                               info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
  }
  return fingerprint;
}

VerificationKeys::Keys VerificationKeys::ReadFolder(const Keys& before, std::string& faults) const {
  Keys keys;
  for (const std::filesystem::path& path : KeyFiles(folder_)) {
    const std::string kid = path.stem().string();
    const absl::StatusOr<Es256PublicKey> key = ReadPublicKey(path);
    if (key.ok() && IsKeyId(kid)) {
      keys.emplace(kid, *key);
      continue;
    }
    if (!faults.empty()) faults += "; ";
    faults += fmt::format("{}: {}", path.string(),
                          key.ok() ? "its name is no key id" : std::string(key.status().message()));
    if (const auto old = before.find(kid); old != before.end()) keys.insert(*old);
  }
  return keys;
}

}  // namespace yilian::crypto
