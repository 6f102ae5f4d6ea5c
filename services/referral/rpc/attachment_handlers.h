// The methods of yilian.referral.v1.AttachmentService.
#pragma once

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/blob/blob_store.h"
#include "common/blob/media_sniffer.h"
#include "common/relationship/check.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "services/referral/domain/attachment_store.h"
#include "yilian/referral/v1/attachment.pb.h"

namespace yilian::referral {

// Thread-safe; owned by the service's context.
class AttachmentHandlers {
 public:
  struct Deps {
    AttachmentStore& store;
    blob::BlobStore& blobs;
    const blob::MediaSniffer& sniffer;
    relationship::Check& relationships;
    AttachmentLimits limits;
  };
  explicit AttachmentHandlers(const Deps& deps) : deps_(deps) {}

  absl::StatusOr<v1::Upload> BeginUpload(const rpc::Call& call,
                                         const v1::BeginUploadRequest& request);
  absl::Status WriteUpload(
      const rpc::Call& call,
      std::shared_ptr<rpc::BidiStream<v1::WriteUploadRequest, v1::Upload>> stream);
  absl::StatusOr<v1::Upload> GetUpload(const rpc::Call& call, const v1::GetUploadRequest& request);
  absl::StatusOr<v1::Attachment> CompleteUpload(const rpc::Call& call,
                                                const v1::CompleteUploadRequest& request);
  absl::StatusOr<v1::ListAttachmentsResponse> List(const rpc::Call& call,
                                                   const v1::ListAttachmentsRequest& request);
  absl::StatusOr<v1::RemoveAttachmentResponse> Remove(const rpc::Call& call,
                                                      const v1::RemoveAttachmentRequest& request);
  absl::Status Download(const rpc::Call& call, const v1::DownloadAttachmentRequest& request,
                        std::shared_ptr<rpc::ServerStream<v1::DownloadAttachmentResponse>> stream);

 private:
  // Whether the patient lets what the caller adds go to the other side: see consent.h.
  absl::Status CheckSharing(const rpc::Call& call, const RecordRef& record);
  // Reads the stored content again: its hash, its type, its text. CONTENT_REFUSED.
  absl::Status CheckContent(const Upload& upload, absl::Time deadline);

  Deps deps_;
};

// The service's methods, bound.
rpc::Dispatch Bind(AttachmentHandlers& handlers);

}  // namespace yilian::referral
