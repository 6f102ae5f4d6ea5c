// The journal of records that are durable and not linked yet: table audit_pending. It is what makes
// a record cheap while the caller waits: one row a commit, one index, no later change of the row.
//
// A row packs the records of one commit, those of a write or of many reads. Its bytes begin with 1,
// one byte that names this layout; then for each record, in this order and without separators:
//   - occurred_at in microseconds since 1970: 8 bytes, big-endian, two's complement;
//   - audit_id, user_id, organization_id, subject_id, data_subject_id: 16 bytes each, no id is the
//     nil UUID;
//   - action: 1 byte, R read, W write, X refused;
//   - method, peer, subject_type, outcome, trace_id: length in 1 byte, then the bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/audit/record.h"
#include "common/mysql/session.h"

namespace yilian::audit {

// Records of one row; more take several rows, and so a transaction.
inline constexpr size_t kMostInRow = 256;

// The record as the columns of audit_entry hold it: what is too long for a column is cut.
Record Fitted(Record record);

// Fits the records and packs them.
std::string Pack(const Record* records, size_t count);
// DATA_LOSS (AUDIT_PENDING_UNREADABLE) when the bytes are not a whole number of records.
absl::StatusOr<std::vector<Record>> Unpack(std::string_view bytes);

// One row of the journal, unpacked.
struct PendingRow {
  base::Uuid id;
  std::vector<Record> records;
};

// At most kMostInRow records under an id of the caller's: a second try after a lost answer finds
// the id taken (ALREADY_EXISTS), unless the row has been linked in between (see LinkPending).
absl::Status InsertPending(mysql::Session& session, const base::Uuid& id,
                           const std::vector<Record>& records);
// Committed rows behind `after`, in order of their ids. DATA_LOSS names the row that does not
// unpack to as many records as it says.
absl::StatusOr<std::vector<PendingRow>> ReadPending(mysql::Session& session,
                                                    const base::Uuid& after, int limit);
// All rows in one statement; how many were there.
absl::StatusOr<int64_t> DeletePending(mysql::Session& session, const std::vector<base::Uuid>& ids);

}  // namespace yilian::audit
