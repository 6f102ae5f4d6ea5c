#include "services/referral/domain/attachment.h"

#include "services/referral/domain/attachment_errors.h"
#include "services/referral/domain/errors.h"

namespace yilian::referral {

absl::Status Check(const Declaration& declared, const AttachmentLimits& limits) {
  if (declared.record.referral.is_nil() == declared.record.advice.is_nil()) {
    return errors::FieldInvalid({{"referral_id, advice_id", "exactly one of the two is given"}});
  }
  if (declared.size > limits.most_bytes) return errors::AttachmentTooLarge(limits.most_bytes);
  return absl::OkStatus();
}

}  // namespace yilian::referral
