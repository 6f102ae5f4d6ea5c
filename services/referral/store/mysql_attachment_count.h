// AttachmentCount on the table attachment.
#pragma once

#include "common/mysql/pool.h"
#include "services/referral/domain/required_items.h"

namespace yilian::referral {

// Thread-safe; `pool` outlives it.
class MysqlAttachmentCount : public AttachmentCount {
 public:
  explicit MysqlAttachmentCount(mysql::Pool& pool) : pool_(pool) {}
  absl::StatusOr<int> Of(ReferralId referral, absl::Time deadline) override;

 private:
  mysql::Pool& pool_;
};

}  // namespace yilian::referral
