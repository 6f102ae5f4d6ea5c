#include "common/outbox/cursor_store.h"

#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "common/mysql/query.h"

namespace yilian::outbox {
namespace {

using mysql::Blob;
using mysql::Query;
using mysql::Row;
using mysql::Session;

// The primary key serves every statement here.
constexpr Query kRead{"outbox.ReadCursor",
                      "SELECT position FROM consumer_cursor WHERE consumer = ?"};
constexpr Query kMake{
    "outbox.MakeCursor",
    "INSERT INTO consumer_cursor (consumer, source, position, updated_at) "
    "VALUES (?, ?, 0, UTC_TIMESTAMP(6)) ON DUPLICATE KEY UPDATE consumer = consumer"};
constexpr Query kLock{"outbox.LockCursor",
                      "SELECT position FROM consumer_cursor WHERE consumer = ? FOR UPDATE"};
constexpr Query kMove{"outbox.MoveCursor",
                      "UPDATE consumer_cursor SET position = ?, updated_at = UTC_TIMESTAMP(6) "
                      "WHERE consumer = ? AND position < ?"};
constexpr Query kPutLetter{
    "outbox.PutDeadLetter",
    "INSERT INTO dead_letter (consumer, position, source, event_id, type, event, reason, attempts, "
    "requeued, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, UTC_TIMESTAMP(6)) "
    "ON DUPLICATE KEY UPDATE reason = ?, attempts = attempts + ?, requeued = 0"};
constexpr Query kRequeued{"outbox.RequeuedLetters",
                          "SELECT position FROM dead_letter WHERE consumer = ? AND requeued = 1 "
                          "ORDER BY position LIMIT ?"};
constexpr Query kLockRequeued{"outbox.LockRequeuedLetter",
                              "SELECT event FROM dead_letter WHERE consumer = ? AND position = ? "
                              "AND requeued = 1 FOR UPDATE SKIP LOCKED"};
constexpr Query kDeleteLetter{"outbox.DeleteDeadLetter",
                              "DELETE FROM dead_letter WHERE consumer = ? AND position = ?"};

absl::StatusOr<std::optional<int64_t>> ReadPosition(Session& session, const Query& query,
                                                    std::string_view consumer) {
  return session.SelectOne<int64_t>(
      query, [](const Row& row) { return row.Int(0); }, consumer);
}

}  // namespace

absl::StatusOr<int64_t> ReadCursor(Session& session, std::string_view consumer,
                                   std::string_view source) {
  ASSIGN_OR_RETURN(const std::optional<int64_t> position, ReadPosition(session, kRead, consumer));
  if (position) return *position;
  RETURN_IF_ERROR(session.Execute(kMake, consumer, source).status());
  ASSIGN_OR_RETURN(const std::optional<int64_t> made, ReadPosition(session, kRead, consumer));
  return made.value_or(0);
}

absl::StatusOr<int64_t> LockCursor(Session& session, std::string_view consumer) {
  ASSIGN_OR_RETURN(const std::optional<int64_t> position, ReadPosition(session, kLock, consumer));
  if (!position) return absl::FailedPreconditionError("the consumer has no cursor row");
  return *position;
}

absl::Status MoveCursor(Session& session, std::string_view consumer, int64_t position) {
  return session.Execute(kMove, position, consumer, position).status();
}

absl::Status PutDeadLetter(Session& session, std::string_view consumer, std::string_view source,
                           const event::v1::Event& event, std::string_view reason, int attempts) {
  const base::Uuid event_id = base::Uuid::Parse(event.event_id()).value_or(base::Uuid());
  return session
      .Execute(kPutLetter, consumer, event.position(), source, event_id, event.type(),
               Blob{event.SerializeAsString()}, reason, attempts, reason, attempts)
      .status();
}

absl::StatusOr<std::vector<int64_t>> RequeuedLetters(Session& session, std::string_view consumer,
                                                     int limit) {
  return session.SelectAll<int64_t>(
      kRequeued, [](const Row& row) { return row.Int(0); }, consumer, limit);
}

absl::StatusOr<std::optional<event::v1::Event>> LockRequeuedLetter(Session& session,
                                                                   std::string_view consumer,
                                                                   int64_t position) {
  return session.SelectOne<event::v1::Event>(
      kLockRequeued,
      [](const Row& row) -> absl::StatusOr<event::v1::Event> {
        event::v1::Event event;
        if (!event.ParseFromString(row.Bytes(0))) {
          return absl::DataLossError("a dead letter does not parse as an event");
        }
        return event;
      },
      consumer, position);
}

absl::Status DeleteDeadLetter(Session& session, std::string_view consumer, int64_t position) {
  return session.Execute(kDeleteLetter, consumer, position).status();
}

}  // namespace yilian::outbox
