// The rows of the audit trail: linked records and the chain's head.
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
  bool unnumbered = false;  // audit_entry has rows without a position: a release without the
                            // journal of pending records has written here, or still does
};

// The head; makes the row for a schema that has none yet.
absl::StatusOr<Head> ReadHead(mysql::Session& session);
// The head once `records` are linked after it.
Head After(const Head& head, const std::vector<Record>& records, const base::Uuid& holder);
// Sets the head to `next` and takes the lease, where the head still is `head`. False, and nothing
// changed, when somebody else has linked since. Inside a transaction it keeps others from linking
// until the end, so it comes first.
absl::StatusOr<bool> MoveHead(mysql::Session& session, const Head& head, const Head& next,
                              absl::Duration lease);
// Inserts `records` with their links, in this order after `head`. ALREADY_EXISTS when one of their
// ids is in the chain.
absl::Status InsertLinked(mysql::Session& session, const Head& head,
                          const std::vector<Record>& records);
// The record with this id, linked or not.
absl::StatusOr<std::optional<Record>> FindRecord(mysql::Session& session, const base::Uuid& id);

// Rows that a release without the journal wrote: without a position, oldest first.
absl::StatusOr<std::vector<Record>> ReadUnnumbered(mysql::Session& session, int limit);
// Links them, in one statement that commits by itself; else as MoveHead.
absl::StatusOr<bool> LinkUnnumbered(mysql::Session& session, const Head& head,
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
