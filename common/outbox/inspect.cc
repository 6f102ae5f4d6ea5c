#include "common/outbox/inspect.h"

#include <fmt/format.h>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "common/status/error.h"

namespace yilian::outbox {
namespace {

using mysql::Query;
using mysql::Row;
using mysql::Session;

// Index: uq_outbox__position, whose NULL entries lie together; a backlog is short unless numbering
// stands still.
constexpr Query kBacklog{
    "outbox.Backlog",
    "SELECT (SELECT COUNT(*) FROM outbox WHERE position IS NULL), "
    "(SELECT occurred_at FROM outbox FORCE INDEX (uq_outbox__position) WHERE position IS NULL "
    "ORDER BY outbox_id LIMIT 1), (SELECT COUNT(*) FROM dead_letter)"};
constexpr Query kSequencer{
    "outbox.SequencerState",
    "SELECT next_position - 1, epoch, lease_until > UTC_TIMESTAMP(6) FROM outbox_sequencer "
    "WHERE sequencer_id = 1"};
constexpr Query kCursors{
    "outbox.Cursors",
    "SELECT consumer, source, position, updated_at FROM consumer_cursor ORDER BY consumer"};
// Index: PRIMARY.
constexpr Query kDeadLetters{
    "outbox.DeadLetters",
    "SELECT consumer, position, source, event_id, type, reason, attempts, requeued, created_at "
    "FROM dead_letter WHERE consumer > ? OR (consumer = ? AND position > ?) "
    "ORDER BY consumer, position LIMIT ?"};
constexpr Query kRequeue{"outbox.RequeueDeadLetter",
                         "UPDATE dead_letter SET requeued = 1 WHERE consumer = ? AND position = ?"};

}  // namespace

absl::StatusOr<Backlog> ReadBacklog(Session& session) {
  Backlog backlog;
  RETURN_IF_ERROR(session.SelectValues(kBacklog, {}, [&](const Row& row) {
    backlog.unnumbered = row.Int(0);
    backlog.oldest = row.OptionalTime(1);
    backlog.dead_letters = row.Int(2);
    return absl::OkStatus();
  }));
  RETURN_IF_ERROR(session.SelectValues(kSequencer, {}, [&](const Row& row) {
    backlog.last_position = row.Int(0);
    backlog.epoch = row.Int(1);
    backlog.lease_live = row.Bool(2);
    return absl::OkStatus();
  }));
  return backlog;
}

absl::StatusOr<std::vector<CursorState>> ListCursors(Session& session) {
  return session.SelectAll<CursorState>(kCursors, [](const Row& row) {
    return CursorState{row.Text(0), row.Text(1), row.Int(2), row.Time(3)};
  });
}

absl::StatusOr<std::vector<DeadLetter>> ListDeadLetters(Session& session, int limit,
                                                        std::string_view after_consumer,
                                                        int64_t after_position) {
  return session.SelectAll<DeadLetter>(
      kDeadLetters,
      [](const Row& row) {
        return DeadLetter{row.Text(0),
                          row.Int(1),
                          row.Text(2),
                          row.Id(3),
                          row.Text(4),
                          row.Text(5),
                          static_cast<int>(row.Int(6)),
                          row.Bool(7),
                          row.Time(8)};
      },
      after_consumer, after_consumer, after_position, limit);
}

absl::Status RequeueDeadLetter(Session& session, std::string_view consumer, int64_t position) {
  ASSIGN_OR_RETURN(const int64_t matched, session.Execute(kRequeue, consumer, position));
  if (matched > 0) return absl::OkStatus();
  return status::Error(absl::StatusCode::kNotFound, "yilian", "DEAD_LETTER_NOT_FOUND")
      .Message("no dead letter of this consumer at this position")
      .Meta("consumer", consumer)
      .Meta("position", fmt::to_string(position));
}

}  // namespace yilian::outbox
