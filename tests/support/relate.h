// Who treats whom, in a service's own copy of it: for tests that have no directory to tell them.
#pragma once

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "common/base/uuid.h"
#include "common/mysql/transaction.h"

namespace yilian::test_support {

// The organization treats the person from `since` on, without an end.
inline absl::Status Relate(mysql::Pool& pool, const base::Uuid& data_subject,
                           const base::Uuid& organization, absl::Time since) {
  return mysql::RunTransaction(
      pool, {.name = "test.Relate", .deadline = absl::Now() + absl::Seconds(30)},
      [&](mysql::Session& session) {
        return session
            .Execute({"test.Relate",
                      "INSERT INTO relationship (data_subject_id, organization_id, source, "
                      "source_id, started_at) VALUES (?, ?, 'CONTRACT', ?, ?)"},
                     data_subject, organization, base::Uuid::V7(), since)
            .status();
      });
}

}  // namespace yilian::test_support
