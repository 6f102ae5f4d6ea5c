#include "common/config/secret_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "common/base/status_macros.h"

namespace yilian::config {
namespace {

constexpr size_t kMaxSecretBytes = 64 * 1024;

// Owns a file descriptor.
class OpenFile {
 public:
  explicit OpenFile(int fd) : fd_(fd) {}
  OpenFile(OpenFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  OpenFile& operator=(OpenFile&&) = delete;
  ~OpenFile() {
    if (fd_ >= 0) close(fd_);
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

absl::StatusOr<OpenFile> Open(const std::string& path) {
  if (path.empty()) return absl::InvalidArgumentError("no file is named");
  // O_NONBLOCK: a path that turns out to be a FIFO must not hang the start.
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd >= 0) return OpenFile(fd);
  const std::string text = fmt::format("{}: {}", path, std::strerror(errno));
  if (errno == ENOENT || errno == ENOTDIR) return absl::NotFoundError(text);
  return absl::PermissionDeniedError(text);
}

// Looks at the open file, not at the path again: it cannot be swapped between check and read.
absl::Status CheckMode(int fd, const std::string& path, bool secret) {
  struct stat info = {};
  if (fstat(fd, &info) != 0) {
    return absl::PermissionDeniedError(fmt::format("{}: {}", path, std::strerror(errno)));
  }
  if (!S_ISREG(info.st_mode)) {
    return absl::FailedPreconditionError(fmt::format("{} is not a regular file", path));
  }
  if (secret && (info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return absl::FailedPreconditionError(
        fmt::format("{} may be read or changed by others (mode {:o}); mend it with: chmod 600 {}",
                    path, info.st_mode & 07777, path));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadAll(int fd, const std::string& path) {
  std::string content(kMaxSecretBytes + 1, '\0');
  size_t size = 0;
  while (size < content.size()) {
    const ssize_t got = read(fd, content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      return absl::PermissionDeniedError(fmt::format("{}: {}", path, std::strerror(errno)));
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  if (size > kMaxSecretBytes) {
    return absl::FailedPreconditionError(
        fmt::format("{} is larger than {} bytes; is it the right file?", path, kMaxSecretBytes));
  }
  std::string secret = content.substr(0, size);
  explicit_bzero(content.data(), content.size());
  return secret;
}

absl::StatusOr<std::string> Read(const std::string& path) {
  ASSIGN_OR_RETURN(const OpenFile file, Open(path));
  RETURN_IF_ERROR(CheckMode(file.fd(), path, true));
  ASSIGN_OR_RETURN(std::string secret, ReadAll(file.fd(), path));
  if (!secret.empty() && secret.back() == '\n') secret.pop_back();
  if (!secret.empty() && secret.back() == '\r') secret.pop_back();
  if (secret.empty()) return absl::FailedPreconditionError(fmt::format("{} is empty", path));
  return secret;
}

absl::Status Check(const std::string& path, bool secret) {
  ASSIGN_OR_RETURN(const OpenFile file, Open(path));
  return CheckMode(file.fd(), path, secret);
}

}  // namespace

absl::Status CheckSecretFile(const std::string& path) { return Check(path, true); }
absl::Status CheckReadableFile(const std::string& path) { return Check(path, false); }

absl::StatusOr<std::string> ReadSecretFile(const std::string& path, std::string_view key) {
  absl::StatusOr<std::string> secret = Read(path);
  if (!secret.ok()) {
    return absl::Status(secret.status().code(),
                        fmt::format("{}: {}", key, std::string(secret.status().message())));
  }
  return secret;
}

}  // namespace yilian::config
