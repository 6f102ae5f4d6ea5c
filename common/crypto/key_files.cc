#include "common/crypto/key_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include "common/base/status_macros.h"
#include "common/config/secret_file.h"
#include "common/crypto/hash.h"

namespace yilian::crypto {
namespace {

bool WriteAll(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    content.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

// A new name in a folder survives a power cut only when the folder itself was synced.
bool SyncFolder(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const int fd = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool synced = fsync(fd) == 0;
  close(fd);
  return synced;
}

}  // namespace

absl::StatusOr<SecretBytes> ReadKeyFile(const std::string& path) {
  ASSIGN_OR_RETURN(std::string hex, config::ReadSecretFile(path, "key file"));
  std::optional<std::string> key = FromHex(hex);
  OPENSSL_cleanse(hex.data(), hex.size());
  if (!key || key->size() != kKeyBytes) {
    if (key) OPENSSL_cleanse(key->data(), key->size());
    return absl::FailedPreconditionError(fmt::format(
        "{} does not hold a key: {} hexadecimal digits; make one with: openssl rand -hex 32", path,
        kKeyBytes * 2));
  }
  return SecretBytes(std::move(*key));
}

absl::Status CreateKeyFile(const std::string& path) {
  std::string key = RandomBytes(kKeyBytes);
  std::string text = Hex(key) + "\n";
  absl::Status status = CreateFile(path, text, 0600);
  OPENSSL_cleanse(key.data(), key.size());
  OPENSSL_cleanse(text.data(), text.size());
  return status;
}

absl::Status CreateFile(const std::string& path, std::string_view content, int mode) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) {
    const std::string text = fmt::format("{}: {}", path, std::strerror(errno));
    if (errno == EEXIST) return absl::AlreadyExistsError(text);
    return absl::PermissionDeniedError(text);
  }
  const bool written =
      WriteAll(fd, content) && fchmod(fd, static_cast<mode_t>(mode)) == 0 && fsync(fd) == 0;
  const int error = errno;
  close(fd);
  if (written && SyncFolder(path)) return absl::OkStatus();
  unlink(path.c_str());
  return absl::InternalError(fmt::format("{}: cannot be written: {}", path, std::strerror(error)));
}

bool IsKeyId(std::string_view kid) {
  const auto letter_or_digit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  };
  return !kid.empty() && kid.size() <= 32 && letter_or_digit(kid.front()) &&
         std::all_of(kid.begin(), kid.end(), [&](char c) {
           return letter_or_digit(c) || c == '-' || c == '_' || c == '.';
         });
}

}  // namespace yilian::crypto
