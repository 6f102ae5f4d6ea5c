// Large contents, kept in chunks: where an attachment's bytes are, whichever kind of store a region
// has chosen.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace yilian::blob {

using BlobId = base::Id<struct BlobTag>;

// Size of every chunk but a blob's last. A row of it stays far below max_allowed_packet (16 MiB), a
// message of it below gRPC's limit (4 MiB).
inline constexpr int64_t kChunkBytes = 1024 * 1024;

// Chunks a content of `bytes` has.
constexpr int64_t ChunksOf(int64_t bytes) { return (bytes + kChunkBytes - 1) / kChunkBytes; }

// Knows nothing of what the bytes mean, how many chunks a blob has or who may see it: that is in
// its owner's rows, and a blob without such a row does not exist for anybody. Implementations are
// thread-safe and block: for handler threads and jobs.
class BlobStore {
 public:
  virtual ~BlobStore() = default;

  // OK: the chunk is durable. Written once: the same bytes again are fine (an upload that was cut
  // off repeats its last chunk), others are ALREADY_EXISTS (CHUNK_DIFFERS), so that nothing late
  // can change what was checked.
  virtual absl::Status Put(const BlobId& blob, int64_t chunk, std::string_view bytes,
                           absl::Time deadline) = 0;
  // The bytes that were put. DATA_LOSS when they are not there (CHUNK_MISSING), or others than
  // those that were put (CHUNK_DAMAGED): whoever asks has a row that says they are.
  virtual absl::StatusOr<std::string> Get(const BlobId& blob, int64_t chunk,
                                          absl::Time deadline) = 0;
  // Removes every chunk; none being there is fine. A crash leaves some: do it again.
  virtual absl::Status Delete(const BlobId& blob, absl::Time deadline) = 0;
};

namespace errors {

absl::Status ChunkDiffers(const BlobId& blob, int64_t chunk);
absl::Status ChunkMissing(const BlobId& blob, int64_t chunk);
absl::Status ChunkDamaged(const BlobId& blob, int64_t chunk);

}  // namespace errors
}  // namespace yilian::blob
