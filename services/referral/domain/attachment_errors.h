// One factory for each reason in yilian.referral.v1.AttachmentErrorReason.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"

namespace yilian::referral::errors {

// Also for an upload of another organization, and for one that expired or was refused.
absl::Status UploadNotFound();
// Also for an attachment of a record of others.
absl::Status AttachmentNotFound();
absl::Status AttachmentTooLarge(int64_t limit);
absl::Status TooManyAttachments(int limit);
absl::Status RecordClosed();
absl::Status OffsetStale(int64_t offset);
absl::Status UploadIncomplete(int64_t offset);
// `rule`: SHA256, MEDIA_TYPE or TEXT; `found`: the media type that the content has, or "".
absl::Status ContentRefused(std::string_view rule, std::string_view found);
// `state`: of the referral, or ADVICE.
absl::Status AttachmentKept(std::string_view state);
absl::Status AttachmentOfOtherSide();

}  // namespace yilian::referral::errors
