#include "common/blob/folder_blob_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>

#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "common/status/error.h"

namespace yilian::blob {
namespace {

constexpr size_t kHashBytes = 32;

// A full or failing disk is a fault of the moment, told apart from a wrong request. The path is the
// operator's business: it holds ids only.
absl::Status Trouble(std::string_view what, const std::string& path) {
  const int error = errno;
  return status::Error(absl::StatusCode::kUnavailable, "yilian", "BLOB_STORE_UNAVAILABLE")
      .Message(fmt::format("{} {}: {}", what, path, std::strerror(error)))
      .Chinese("附件存储暂不可用，请稍后重试");
}

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return descriptor_; }

 private:
  const int descriptor_;
};

absl::Status SyncFolder(const std::string& path) {
  const File folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0 || fsync(folder.get()) != 0) return Trouble("syncing", path);
  return absl::OkStatus();
}

absl::Status MakeFolder(const std::string& path, const std::string& parent) {
  if (mkdir(path.c_str(), 0700) == 0) return SyncFolder(parent);
  return errno == EEXIST ? absl::OkStatus() : Trouble("making", path);
}

absl::Status WriteAll(int descriptor, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Trouble("writing", path);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status WriteDurably(const std::string& path, std::string_view head, std::string_view bytes) {
  const File file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.get() < 0) return Trouble("making", path);
  RETURN_IF_ERROR(WriteAll(file.get(), head, path));
  RETURN_IF_ERROR(WriteAll(file.get(), bytes, path));
  if (fsync(file.get()) != 0) return Trouble("syncing", path);
  return absl::OkStatus();
}

// nullopt: no such file.
absl::StatusOr<std::optional<std::string>> ReadFile(const std::string& path) {
  const File file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    if (errno == ENOENT) return std::optional<std::string>();
    return Trouble("opening", path);
  }
  struct stat about {};
  if (fstat(file.get(), &about) != 0) return Trouble("looking at", path);
  std::string bytes(static_cast<size_t>(about.st_size), '\0');
  size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t got = read(file.get(), bytes.data() + have, bytes.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Trouble("reading", path);
    if (got == 0) break;
    have += static_cast<size_t>(got);
  }
  bytes.resize(have);
  return std::optional<std::string>(std::move(bytes));
}

}  // namespace

absl::StatusOr<std::unique_ptr<FolderBlobStore>> FolderBlobStore::Open(std::string folder) {
  std::error_code failed;
  if (!std::filesystem::is_directory(folder, failed) ||
      access(folder.c_str(), R_OK | W_OK | X_OK) != 0) {
    return status::Error(absl::StatusCode::kFailedPrecondition, "yilian", "BLOB_FOLDER_UNUSABLE")
        .Message(fmt::format(
            "{} is no folder that this process can write: make it, owned by the service's user",
            folder));
  }
  return std::unique_ptr<FolderBlobStore>(new FolderBlobStore(std::move(folder)));
}

std::string FolderBlobStore::ShelfOf(const BlobId& blob) const {
  // The end of an id is random; its beginning is the time and would put a day's work on one shelf.
  const std::string text = blob.ToString();
  return fmt::format("{}/{}", folder_, text.substr(text.size() - 2));
}

std::string FolderBlobStore::PathOf(const BlobId& blob) const {
  return fmt::format("{}/{}", ShelfOf(blob), blob.ToString());
}

absl::Status FolderBlobStore::Put(const BlobId& blob, int64_t chunk, std::string_view bytes,
                                  absl::Time) {
  const std::string folder = PathOf(blob);
  RETURN_IF_ERROR(MakeFolder(ShelfOf(blob), folder_));
  RETURN_IF_ERROR(MakeFolder(folder, ShelfOf(blob)));
  const std::string sha256 = crypto::Sha256(bytes);
  const std::string path = fmt::format("{}/{}", folder, chunk);
  const std::string beside = fmt::format("{}/.{}-{}", folder, chunk, base::Uuid::V7().ToString());
  absl::Status status = WriteDurably(beside, sha256, bytes);
  bool exists = false;
  if (status.ok() && link(beside.c_str(), path.c_str()) != 0) {
    exists = errno == EEXIST;
    if (!exists) status = Trouble("linking", path);
  }
  unlink(beside.c_str());
  RETURN_IF_ERROR(status);
  RETURN_IF_ERROR(SyncFolder(folder));
  if (!exists) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::optional<std::string> stored, ReadFile(path));
  return stored && stored->substr(0, kHashBytes) == sha256 ? absl::OkStatus()
                                                           : errors::ChunkDiffers(blob, chunk);
}

absl::StatusOr<std::string> FolderBlobStore::Get(const BlobId& blob, int64_t chunk, absl::Time) {
  ASSIGN_OR_RETURN(std::optional<std::string> stored,
                   ReadFile(fmt::format("{}/{}", PathOf(blob), chunk)));
  if (!stored) return errors::ChunkMissing(blob, chunk);
  if (stored->size() < kHashBytes) return errors::ChunkDamaged(blob, chunk);
  const std::string sha256 = stored->substr(0, kHashBytes);
  stored->erase(0, kHashBytes);
  if (crypto::Sha256(*stored) != sha256) return errors::ChunkDamaged(blob, chunk);
  return *std::move(stored);
}

absl::Status FolderBlobStore::Delete(const BlobId& blob, absl::Time) {
  std::error_code failed;
  std::filesystem::remove_all(PathOf(blob), failed);
  if (failed) {
    errno = failed.value();
    return Trouble("removing", PathOf(blob));
  }
  return absl::OkStatus();
}

}  // namespace yilian::blob
