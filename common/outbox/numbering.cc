#include "common/outbox/numbering.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/status_macros.h"
#include "common/mysql/shaped.h"
#include "common/status/error.h"

namespace yilian::outbox {
namespace {

using mysql::Query;
using mysql::Row;
using mysql::Shaped;
using mysql::Values;

// Index: uq_outbox__position, whose NULL entries lie together in order of outbox_id. Forced: with
// few rows the optimizer would walk the primary key, which grows for ever.
constexpr Query kReadUnnumbered{
    "outbox.ReadUnnumbered",
    "SELECT s.next_position, s.epoch, s.holder, s.lease_until > UTC_TIMESTAMP(6), o.outbox_id "
    "FROM outbox_sequencer s LEFT JOIN (SELECT outbox_id FROM outbox FORCE INDEX "
    "(uq_outbox__position) WHERE position IS NULL ORDER BY outbox_id LIMIT ?) o ON TRUE "
    "WHERE s.sequencer_id = 1 ORDER BY o.outbox_id"};

// Nobody's lease ended long ago. Were it to end now, a read that began before this statement and
// sees its row (UTC_TIMESTAMP is the time at which a statement begins) would take it for live.
constexpr Query kEnsureRow{
    "outbox.EnsureSequencerRow",
    "INSERT INTO outbox_sequencer (sequencer_id, next_position, epoch, holder, lease_until) "
    "VALUES (1, 1, 0, ?, UTC_TIMESTAMP(6) - INTERVAL 1 DAY) ON DUPLICATE KEY UPDATE sequencer_id = "
    "sequencer_id"};

// An id that comes again finds the same row, and FIELD() its first place. FORCE INDEX (PRIMARY): a
// table scan would wait for the rows that other writers have not committed yet.
const Shaped& NumberStatement() {
  static const auto* statement =
      new Shaped("outbox.Number", {1, 8, 64, kMostNumbered}, [](size_t n) {
        return fmt::format(
            "UPDATE outbox_sequencer s JOIN outbox o FORCE INDEX (PRIMARY) ON o.outbox_id IN ({0}) "
            "SET s.next_position = ?, s.epoch = ?, s.holder = ?, "
            "s.lease_until = UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND, "
            "o.position = ? + FIELD(o.outbox_id, {0}) "
            "WHERE s.sequencer_id = 1 AND s.epoch = ? AND s.next_position = ?",
            mysql::Places(n));
      });
  return *statement;
}

}  // namespace

absl::StatusOr<Unnumbered> ReadUnnumbered(mysql::Session& session, int limit) {
  Unnumbered read;
  bool found = false;
  RETURN_IF_ERROR(
      session.SelectValues(kReadUnnumbered, {std::min(limit, kMostNumbered)}, [&](const Row& row) {
        found = true;
        read.next_position = row.Int(0);
        read.epoch = row.Int(1);
        read.holder = row.Id(2);
        read.lease_live = row.Bool(3);
        if (!row.IsNull(4)) read.outbox_ids.push_back(row.Int(4));
        return absl::OkStatus();
      }));
  if (!found) {
    RETURN_IF_ERROR(EnsureSequencerRow(session));
    return ReadUnnumbered(session, limit);
  }
  return read;
}

absl::StatusOr<bool> Number(mysql::Session& session, const Unnumbered& read,
                            const base::Uuid& holder, absl::Duration lease) {
  if (read.outbox_ids.empty()) return true;
  const Shaped::Shape& statement = NumberStatement().AtLeast(read.outbox_ids.size());
  const int64_t count = static_cast<int64_t>(read.outbox_ids.size());
  Values ids(read.outbox_ids.begin(), read.outbox_ids.end());
  ids.resize(statement.length, ids.back());
  Values values = ids;
  values.insert(values.end(),
                {read.next_position + count, read.holder == holder ? read.epoch : read.epoch + 1,
                 holder, absl::ToInt64Microseconds(lease), read.next_position - 1});
  values.insert(values.end(), ids.begin(), ids.end());
  values.insert(values.end(), {read.epoch, read.next_position});
  ASSIGN_OR_RETURN(const int64_t matched, session.ExecuteValues(statement.query(), values));
  if (matched == 0) return false;
  if (matched != count + 1) {
    // Somebody deleted events before they had a position: the stream has a gap where they were.
    return status::Error(absl::StatusCode::kDataLoss, "yilian", "OUTBOX_ROWS_VANISHED")
        .Message("events disappeared from the outbox before they were numbered")
        .Meta("expected", fmt::to_string(count))
        .Meta("numbered", fmt::to_string(matched - 1));
  }
  return true;
}

absl::Status EnsureSequencerRow(mysql::Session& session) {
  return session.Execute(kEnsureRow, base::Uuid()).status();
}

}  // namespace yilian::outbox
