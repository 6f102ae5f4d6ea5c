// Where attachments are kept, as the use cases ask for it. store/ implements it; the bytes are the
// BlobStore's.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/wire/answer.h"
#include "services/referral/domain/attachment.h"

namespace yilian::unit {
struct WriteContext;  // who asks, the request's id, the deadline; handed through
}

namespace yilian::referral {

// Implementations are thread-safe.
class AttachmentStore {
 public:
  virtual ~AttachmentStore() = default;

  // Begins an upload. NOT_FOUND unless `by` is a party of the record, RECORD_CLOSED,
  // TOO_MANY_ATTACHMENTS.
  template <typename Response>
  absl::StatusOr<Response> Begin(const unit::WriteContext& context, const Declaration& declared,
                                 const Actor& by, const wire::Respond<Response, Upload>& respond) {
    return wire::ParseAnswer<Response>(BeginBytes(context, declared, by, wire::BytesOf(respond)));
  }
  // Turns a complete upload into an attachment. `checked`: its stored content has been; without it
  // the upload is UPLOAD_INCOMPLETE, or a repeated request gets its first answer.
  template <typename Response>
  absl::StatusOr<Response> Complete(const unit::WriteContext& context, UploadId id, const Actor& by,
                                    bool checked,
                                    const wire::Respond<Response, Attachment>& respond) {
    return wire::ParseAnswer<Response>(
        CompleteBytes(context, id, by, checked, wire::BytesOf(respond)));
  }

  // Removes an attachment; its bytes go once no download can still read them. ATTACHMENT_NOT_FOUND
  // unless `by` is a party of its record; errors of CheckRemoval.
  template <typename Response>
  absl::StatusOr<Response> Remove(const unit::WriteContext& context, AttachmentId id,
                                  const Actor& by,
                                  const wire::Respond<Response, Attachment>& respond) {
    return wire::ParseAnswer<Response>(RemoveBytes(context, id, by, wire::BytesOf(respond)));
  }

  // A record as `party` may see it. NOT_FOUND unless it is one.
  virtual absl::StatusOr<RecordView> View(const RecordRef& record, OrganizationId party,
                                          absl::Time deadline) = 0;
  // UPLOAD_NOT_FOUND unless it is `owner`'s and alive.
  virtual absl::StatusOr<Upload> FindUpload(UploadId id, OrganizationId owner,
                                            absl::Time deadline) = 0;
  // Moves an upload on from `from` bytes to `to`; OFFSET_STALE when another stream was faster.
  virtual absl::Status Advance(const Upload& upload, int64_t from, int64_t to,
                               absl::Time deadline) = 0;
  // Its content was refused: nobody finds it any more, and its bytes are thrown away.
  virtual absl::Status Refuse(const Upload& upload, absl::Time deadline) = 0;

  struct Listed {
    std::vector<Attachment> attachments;
    PatientId patient;
  };
  // NOT_FOUND unless `party` is one of the record.
  virtual absl::StatusOr<Listed> List(const RecordRef& record, OrganizationId party,
                                      absl::Time deadline) = 0;
  struct Found {
    Attachment attachment;
    PatientId patient;
  };
  // ATTACHMENT_NOT_FOUND unless `party` is one of its record.
  virtual absl::StatusOr<Found> Find(AttachmentId id, OrganizationId party,
                                     absl::Time deadline) = 0;

 protected:
  virtual absl::StatusOr<std::string> BeginBytes(const unit::WriteContext& context,
                                                 const Declaration& declared, const Actor& by,
                                                 const wire::RespondBytes<Upload>& respond) = 0;
  virtual absl::StatusOr<std::string> CompleteBytes(
      const unit::WriteContext& context, UploadId id, const Actor& by, bool checked,
      const wire::RespondBytes<Attachment>& respond) = 0;
  virtual absl::StatusOr<std::string> RemoveBytes(
      const unit::WriteContext& context, AttachmentId id, const Actor& by,
      const wire::RespondBytes<Attachment>& respond) = 0;
};

}  // namespace yilian::referral
