// Attachments and uploads in the referral schema.
#pragma once

#include <string>
#include <vector>

#include "common/blob/blob_store.h"
#include "common/crypto/field_cipher.h"
#include "common/saga/timer.h"
#include "common/unit/unit_of_work.h"
#include "services/referral/domain/attachment_store.h"
#include "services/referral/store/records.h"

namespace yilian::referral {

// Fires when an upload expires, and again when its bytes may go.
inline constexpr std::string_view kUploadTimer = "referral.Upload";
// Fires when the bytes of a removed attachment may go; of the blob.
inline constexpr std::string_view kRemovedBlobTimer = "referral.RemovedBlob";
// From the end of an upload, or the removal of an attachment, to that of its bytes: longer than any
// call lasts (rpc::kLongestCall), so that no stream still writes or reads.
inline constexpr absl::Duration kUploadSweepDelay = absl::Minutes(15);

// Thread-safe.
class MysqlAttachmentStore : public AttachmentStore {
 public:
  struct Deps {
    unit::UnitOfWork& unit_of_work;
    const Records& records;
    const crypto::FieldCipher& cipher;  // file names are encrypted
    blob::BlobStore& blobs;             // to throw away what was given up
    AttachmentLimits limits;
  };
  explicit MysqlAttachmentStore(const Deps& deps) : deps_(deps) {}

  absl::StatusOr<Upload> FindUpload(UploadId id, OrganizationId owner,
                                    absl::Time deadline) override;
  absl::Status Advance(const Upload& upload, int64_t from, int64_t to,
                       absl::Time deadline) override;
  absl::Status Refuse(const Upload& upload, absl::Time deadline) override;
  absl::StatusOr<Listed> List(const RecordRef& record, OrganizationId party,
                              absl::Time deadline) override;
  absl::StatusOr<Found> Find(AttachmentId id, OrganizationId party, absl::Time deadline) override;
  absl::StatusOr<RecordView> View(const RecordRef& record, OrganizationId party,
                                  absl::Time deadline) override;

  // The effect of kUploadTimer.
  absl::Status OnTimer(mysql::Session& session, const saga::Timer& timer);
  // The effect of kRemovedBlobTimer: an attachment that came of the same advice may have the bytes.
  absl::Status OnRemovedBlob(mysql::Session& session, const saga::Timer& timer);

 protected:
  absl::StatusOr<std::string> BeginBytes(const unit::WriteContext& context,
                                         const Declaration& declared, const Actor& by,
                                         const wire::RespondBytes<Upload>& respond) override;
  absl::StatusOr<std::string> CompleteBytes(const unit::WriteContext& context, UploadId id,
                                            const Actor& by, bool checked,
                                            const wire::RespondBytes<Attachment>& respond) override;
  absl::StatusOr<std::string> RemoveBytes(const unit::WriteContext& context, AttachmentId id,
                                          const Actor& by,
                                          const wire::RespondBytes<Attachment>& respond) override;

 private:
  absl::StatusOr<Upload> BeginIn(unit::Scope& scope, const Declaration& declared, const Actor& by);
  absl::StatusOr<Attachment> CompleteIn(unit::Scope& scope, UploadId id, const Actor& by,
                                        bool checked);
  absl::StatusOr<Attachment> RemoveIn(unit::Scope& scope, AttachmentId id, const Actor& by);

  Deps deps_;
};

}  // namespace yilian::referral
