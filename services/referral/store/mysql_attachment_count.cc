#include "services/referral/store/mysql_attachment_count.h"

#include <optional>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "common/mysql/transaction.h"

namespace yilian::referral {
namespace {

// Index: ix_attachment__referral.
constexpr mysql::Query kCount{"referral.CountAttachments",
                              "SELECT COUNT(*) FROM attachment WHERE referral_id = ?"};

}  // namespace

absl::StatusOr<int> MysqlAttachmentCount::Of(ReferralId referral, absl::Time deadline) {
  std::optional<int64_t> count;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](mysql::Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(count,
                     session.SelectOne<int64_t>(
                         kCount, [](const mysql::Row& row) { return row.Int(0); }, referral));
    return absl::OkStatus();
  }));
  return static_cast<int>(count.value_or(0));
}

}  // namespace yilian::referral
