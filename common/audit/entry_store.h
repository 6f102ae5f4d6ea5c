// The rows of the audit trail: records, their links and the chain's head.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/audit/record.h"
#include "common/mysql/session.h"

namespace yilian::audit {

// Rows of one INSERT statement; inserting more takes several, and so a transaction.
inline constexpr size_t kMaxRows = 500;

// The record as the columns hold it: what is too long for a column is cut.
Record Fitted(Record record);

// A linked record.
struct Linked {
  int64_t position = 0;
  std::string hash;  // 32 bytes
  Record record;
};

// The chain's head, and who links at the moment.
struct Head {
  int64_t next_position = 1;
  std::string hash;  // 32 bytes: of the record at next_position - 1
  int64_t epoch = 0;
  base::Uuid holder;
  bool lease_live = false;  // by the database's clock
};

// The head; makes the row for a schema that has none yet.
absl::StatusOr<Head> ReadHead(mysql::Session& session);
// Committed records without a link, oldest first.
absl::StatusOr<std::vector<Record>> ReadUnlinked(mysql::Session& session, int limit);
// Links `records` in this order after `head` and takes the lease, in one statement that commits by
// itself. False, and nothing changed, when somebody else has linked since `head` was read.
absl::StatusOr<bool> Link(mysql::Session& session, const Head& head,
                          const std::vector<Record>& records, const base::Uuid& holder,
                          absl::Duration lease);
// Linked records from `position` on, in order.
absl::StatusOr<std::vector<Linked>> ReadLinked(mysql::Session& session, int64_t position,
                                               int limit);

// One consistent look at the end of the chain.
struct End {
  int64_t next_position = 1;  // by the head
  std::string head_hash;
  int64_t last_row = 0;  // greatest position of any record
  int64_t unlinked = 0;
};
absl::StatusOr<End> ReadEnd(mysql::Session& session);

}  // namespace yilian::audit
