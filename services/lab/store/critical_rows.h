// Between critical values and their rows.
#pragma once

#include "absl/status/statusor.h"
#include "common/mysql/session.h"
#include "services/lab/domain/critical_value.h"

namespace yilian::lab::rows {

// Of a YILIAN_CRITICAL_SELECT.
absl::StatusOr<CriticalValue> CriticalFromRow(const mysql::Row& row);
absl::StatusOr<NotificationAttempt> AttemptFromRow(const mysql::Row& row);

mysql::Values InsertCriticalValues(const CriticalValue& value);
mysql::Values UpdateCriticalValues(const CriticalValue& value, int64_t version_before);

}  // namespace yilian::lab::rows
