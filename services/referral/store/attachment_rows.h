// Between attachments and their rows.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/crypto/field_cipher.h"
#include "common/mysql/session.h"
#include "services/referral/domain/attachment.h"

namespace yilian::referral::rows {

// Inside the caller's transaction.
absl::Status InsertUpload(mysql::Session& session, const crypto::FieldCipher& cipher,
                          const Upload& upload);
// Alive and of `owner`, or nullopt. `lock` keeps expiry and a second completion out.
absl::StatusOr<std::optional<Upload>> FindUpload(mysql::Session& session,
                                                 const crypto::FieldCipher& cipher, UploadId id,
                                                 OrganizationId owner, absl::Time now, bool lock);

absl::Status InsertAttachment(mysql::Session& session, const crypto::FieldCipher& cipher,
                              const Attachment& attachment);
absl::StatusOr<std::optional<Attachment>> FindAttachment(mysql::Session& session,
                                                         const crypto::FieldCipher& cipher,
                                                         AttachmentId id);
// False: it was not there any more.
absl::StatusOr<bool> DeleteAttachment(mysql::Session& session, AttachmentId id);
// Whether some attachment has this content.
absl::StatusOr<bool> IsAttached(mysql::Session& session, const base::Uuid& blob);
// The oldest first.
absl::StatusOr<std::vector<Attachment>> AttachmentsOf(mysql::Session& session,
                                                      const crypto::FieldCipher& cipher,
                                                      const RecordRef& record);
// Attachments, and uploads on their way.
absl::StatusOr<int64_t> CountOf(mysql::Session& session, const RecordRef& record);

// The attachments of an advice thread become those of the referral as well, over the same blobs.
absl::Status CopyAttachments(mysql::Session& session, const crypto::FieldCipher& cipher,
                             AdviceId from, ReferralId to);

}  // namespace yilian::referral::rows
