// Looks up the record that an attachment hangs on, inside the caller's transaction or read.
#pragma once

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/mysql/session.h"
#include "services/referral/domain/record.h"
#include "services/referral/store/mysql_advice_store.h"
#include "services/referral/store/mysql_referral_store.h"

namespace yilian::referral {

// Thread-safe. The stores outlive it.
class Records {
 public:
  Records(MysqlReferralStore& referrals, MysqlAdviceStore& advice)
      : referrals_(referrals), advice_(advice) {}

  // The record as `party` may see it; nullopt when it is none, or there is no such record.
  absl::StatusOr<std::optional<RecordView>> View(mysql::Session& session, const RecordRef& record,
                                                 OrganizationId party) const;
  // Keeps others from adding to the record until the transaction ends.
  absl::Status Lock(mysql::Session& session, const RecordRef& record) const;
  // What a caller who is no party is told.
  static absl::Status NotFound(const RecordRef& record);

 private:
  MysqlReferralStore& referrals_;
  MysqlAdviceStore& advice_;
};

}  // namespace yilian::referral
