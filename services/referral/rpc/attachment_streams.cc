#include "services/referral/rpc/attachment_streams.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "services/referral/domain/attachment_errors.h"
#include "services/referral/domain/errors.h"

namespace yilian::referral {

absl::Status UploadReceiver::Open(const v1::WriteUploadRequest& piece) {
  ASSIGN_OR_RETURN(const UploadId id, UploadId::Parse(piece.upload_id()));
  ASSIGN_OR_RETURN(upload_, store_.FindUpload(id, owner_, deadline_));
  upload_id_ = piece.upload_id();
  return absl::OkStatus();
}

absl::Status UploadReceiver::Take(const v1::WriteUploadRequest& piece) {
  if (!upload_) RETURN_IF_ERROR(Open(piece));
  errors::Violations violations;
  if (piece.upload_id() != upload_id_) {
    violations.emplace_back("upload_id", "is the same in every message of a stream");
  }
  const int64_t position = upload_->received + static_cast<int64_t>(pending_.size());
  const int64_t left = upload_->declared.size - position;
  if (piece.offset() == position && static_cast<int64_t>(piece.content().size()) > left) {
    violations.emplace_back("content", "ends where the declared size does");
  }
  if (!violations.empty()) return errors::FieldInvalid(violations);
  if (piece.offset() != position) return errors::OffsetStale(upload_->received);
  pending_ += piece.content();
  return StoreChunks();
}

absl::Status UploadReceiver::StoreChunks() {
  while (!pending_.empty()) {
    const int64_t left = upload_->declared.size - upload_->received;
    const int64_t length = std::min(left, blob::kChunkBytes);
    if (static_cast<int64_t>(pending_.size()) < length) return absl::OkStatus();
    const std::string_view chunk =
        std::string_view(pending_).substr(0, static_cast<size_t>(length));
    RETURN_IF_ERROR(blobs_.Put(blob::BlobId(upload_->id.uuid()),
                               upload_->received / blob::kChunkBytes, chunk, deadline_));
    RETURN_IF_ERROR(
        store_.Advance(*upload_, upload_->received, upload_->received + length, deadline_));
    upload_->received += length;
    pending_.erase(0, static_cast<size_t>(length));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::DownloadAttachmentResponse> DownloadSender::Read() {
  v1::DownloadAttachmentResponse response;
  if (!began_) *response.mutable_attachment() = announced_;
  response.set_offset(offset_);
  if (offset_ == attachment_.content.size) return response;
  ASSIGN_OR_RETURN(std::string chunk, blobs_.Get(blob::BlobId(attachment_.blob),
                                                 offset_ / blob::kChunkBytes, deadline_));
  chunk.erase(0, static_cast<size_t>(offset_ % blob::kChunkBytes));
  if (chunk.empty()) return absl::DataLossError("an attachment's chunk is shorter than it was");
  *response.mutable_content() = std::move(chunk);
  return response;
}

void DownloadSender::Next(Stream& stream) {
  if (began_ && offset_ == attachment_.content.size) return stream.Finish(absl::OkStatus());
  absl::StatusOr<v1::DownloadAttachmentResponse> response = Read();
  if (!response.ok()) return stream.Finish(response.status());
  began_ = true;
  offset_ += static_cast<int64_t>(response->content().size());
  stream.Write(*std::move(response));
}

}  // namespace yilian::referral
