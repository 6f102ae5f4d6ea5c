// The content of an attachment on its way in and out, a chunk at a time: what a stream holds in
// memory does not grow with the attachment.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/blob/blob_store.h"
#include "common/rpc/bidi_stream.h"
#include "common/rpc/server_stream.h"
#include "services/referral/domain/attachment_store.h"
#include "yilian/referral/v1/attachment.pb.h"

namespace yilian::referral {

// One WriteUpload stream. Collects messages into whole chunks and makes each durable before the
// next message is read, so a client is as fast as the store. Owned by its stream's callbacks, which
// run one at a time.
class UploadReceiver {
 public:
  UploadReceiver(AttachmentStore& store, blob::BlobStore& blobs, OrganizationId owner,
                 absl::Time deadline)
      : store_(store), blobs_(blobs), owner_(owner), deadline_(deadline) {}

  // Not OK: the stream ends with it; what is durable stays, the rest is to be sent again.
  absl::Status Take(const v1::WriteUploadRequest& piece);
  // How far the upload is; unset when no message came.
  const std::optional<Upload>& upload() const { return upload_; }

 private:
  absl::Status Open(const v1::WriteUploadRequest& piece);
  // Stores what is whole: full chunks, and the last one once everything is there.
  absl::Status StoreChunks();

  AttachmentStore& store_;
  blob::BlobStore& blobs_;
  const OrganizationId owner_;
  const absl::Time deadline_;
  std::optional<Upload> upload_;
  std::string upload_id_;
  std::string pending_;  // received, not durable; below two chunks
};

// One DownloadAttachment stream: reads the next chunk when the one before has left. Next may be
// called from any thread, one at a time.
class DownloadSender {
 public:
  using Stream = rpc::ServerStream<v1::DownloadAttachmentResponse>;
  DownloadSender(blob::BlobStore& blobs, Attachment attachment, v1::Attachment announced,
                 int64_t offset, absl::Time deadline)
      : blobs_(blobs),
        attachment_(std::move(attachment)),
        announced_(std::move(announced)),
        offset_(offset),
        deadline_(deadline) {}

  // Writes the next piece, or ends the stream after the last.
  void Next(Stream& stream);

 private:
  absl::StatusOr<v1::DownloadAttachmentResponse> Read();

  blob::BlobStore& blobs_;
  const Attachment attachment_;
  const v1::Attachment announced_;
  int64_t offset_;
  const absl::Time deadline_;
  bool began_ = false;
};

}  // namespace yilian::referral
