#include "services/referral/domain/attachment.h"

#include "services/referral/domain/attachment_errors.h"
#include "services/referral/domain/errors.h"

namespace yilian::referral {

absl::Status CheckRemoval(const Attachment& attachment, const RecordView& record, const Actor& by) {
  if (record.draft) return absl::OkStatus();
  if (!record.returned) return errors::AttachmentKept(record.state);
  if (attachment.by.organization != by.organization) return errors::AttachmentOfOtherSide();
  return absl::OkStatus();
}

absl::Status Check(const Declaration& declared, const AttachmentLimits& limits) {
  if (declared.record.referral.is_nil() == declared.record.advice.is_nil()) {
    return errors::FieldInvalid({{"referral_id, advice_id", "exactly one of the two is given"}});
  }
  if (declared.size > limits.most_bytes) return errors::AttachmentTooLarge(limits.most_bytes);
  return absl::OkStatus();
}

}  // namespace yilian::referral
