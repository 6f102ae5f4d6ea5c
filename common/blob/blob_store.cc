#include "common/blob/blob_store.h"

#include "common/status/error.h"

namespace yilian::blob::errors {
namespace {

status::Error Of(absl::StatusCode code, std::string_view reason, const BlobId& blob,
                 int64_t chunk) {
  status::Error error(code, "yilian", reason);
  error.Meta("blob", blob.ToString()).Meta("chunk", std::to_string(chunk));
  return error;
}

}  // namespace

absl::Status ChunkDiffers(const BlobId& blob, int64_t chunk) {
  return Of(absl::StatusCode::kAlreadyExists, "CHUNK_DIFFERS", blob, chunk)
      .Message("this chunk was stored before with other bytes; begin the upload anew")
      .Chinese("该分块已以不同内容保存，请重新上传");
}

absl::Status ChunkMissing(const BlobId& blob, int64_t chunk) {
  return Of(absl::StatusCode::kDataLoss, "CHUNK_MISSING", blob, chunk)
      .Message("a chunk that should be there is not")
      .Chinese("已存储的内容不完整");
}

absl::Status ChunkDamaged(const BlobId& blob, int64_t chunk) {
  return Of(absl::StatusCode::kDataLoss, "CHUNK_DAMAGED", blob, chunk)
      .Message("the stored bytes are not those that were put")
      .Chinese("已存储的内容已损坏");
}

}  // namespace yilian::blob::errors
