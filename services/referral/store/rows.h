// Between a referral and its row.
#pragma once

#include "absl/status/statusor.h"
#include "common/mysql/session.h"
#include "services/referral/domain/referral.h"

namespace yilian::referral::rows {

// Of a SELECT of YILIAN_REFERRAL_COLUMNS. Follow-up tasks are read apart.
absl::StatusOr<Referral> FromRow(const mysql::Row& row);
absl::StatusOr<Redirection> RedirectionFromRow(const mysql::Row& row);
absl::StatusOr<FollowUpTask> TaskFromRow(const mysql::Row& row);

mysql::Values InsertValues(const Referral& referral);
mysql::Values UpdateValues(const Referral& referral, int64_t from_version);

// The column after YILIAN_REFERRAL_COLUMNS.
inline constexpr int kColumns = 66;

}  // namespace yilian::referral::rows
