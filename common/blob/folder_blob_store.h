// Blobs as files of a folder, for regions whose storage is a mounted file system.
#pragma once

#include <memory>
#include <string>

#include "common/blob/blob_store.h"

namespace yilian::blob {

// One file a chunk: its SHA-256, then its bytes, at <folder>/<last byte of the id>/<id>/<chunk>.
// Written beside its place, synced and linked into it, so that a chunk is there whole or not at
// all, after a power failure too. Replicas of a service need the same folder. Thread-safe.
class FolderBlobStore : public BlobStore {
 public:
  // FAILED_PRECONDITION, with the remedy: no such folder, or it cannot be written.
  static absl::StatusOr<std::unique_ptr<FolderBlobStore>> Open(std::string folder);

  absl::Status Put(const BlobId& blob, int64_t chunk, std::string_view bytes,
                   absl::Time deadline) override;
  absl::StatusOr<std::string> Get(const BlobId& blob, int64_t chunk, absl::Time deadline) override;
  absl::Status Delete(const BlobId& blob, absl::Time deadline) override;

 private:
  explicit FolderBlobStore(std::string folder) : folder_(std::move(folder)) {}
  std::string ShelfOf(const BlobId& blob) const;
  std::string PathOf(const BlobId& blob) const;

  const std::string folder_;
};

}  // namespace yilian::blob
