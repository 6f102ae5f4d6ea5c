#include "common/outbox/outbox.h"

#include <fmt/format.h>
#include <google/protobuf/any.pb.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "common/status/error.h"

namespace yilian::outbox {
namespace {

using mysql::Blob;
using mysql::Query;
using mysql::Row;
using mysql::Session;
using mysql::Values;

constexpr size_t kIdBytes = 16;
// What the audience column holds.
constexpr size_t kMaxAudience = 8192 / kIdBytes;
// Rows of one INSERT; ten columns each stay far below the 65,535 placeholders of a prepared
// statement.
constexpr size_t kMaxRows = 500;

constexpr std::string_view kInsert =
    "INSERT INTO outbox (event_id, aggregate_type, aggregate_id, aggregate_version, type, payload, "
    "occurred_at, traceparent, audience) VALUES ";
constexpr std::string_view kRow = "(?, ?, ?, ?, ?, ?, ?, ?, ?)";

// Index: uq_outbox__position.
constexpr Query kReadAfter{
    "outbox.ReadAfter",
    "SELECT position, event_id, aggregate_type, aggregate_id, aggregate_version, type, payload, "
    "occurred_at, traceparent, audience FROM outbox WHERE position > ? ORDER BY position LIMIT ?"};

constexpr Query kLastPosition{
    "outbox.LastPosition", "SELECT next_position - 1 FROM outbox_sequencer WHERE sequencer_id = 1"};

std::string InsertOf(size_t rows) {
  std::string sql(kInsert);
  for (size_t i = 0; i < rows; ++i) {
    if (i > 0) sql += ", ";
    sql += kRow;
  }
  return sql;
}

// Writes mostly append one to four events: those texts keep their prepared statement.
struct FixedInsert {
  std::string name;
  std::string sql;
};
const std::array<FixedInsert, 4>& FixedInserts() {
  static const auto* inserts = [] {
    auto* all = new std::array<FixedInsert, 4>;
    for (size_t i = 0; i < all->size(); ++i) {
      (*all)[i] = {fmt::format("outbox.Append{}", i + 1), InsertOf(i + 1)};
    }
    return all;
  }();
  return *inserts;
}

std::string AudienceBytes(const std::vector<base::Uuid>& audience) {
  std::string bytes;
  bytes.reserve(audience.size() * kIdBytes);
  for (const base::Uuid& id : audience) bytes += id.view();
  return bytes;
}

absl::StatusOr<StoredEvent> ToStoredEvent(const Row& row) {
  StoredEvent event;
  event.position = row.Int(0);
  event.event_id = row.Id(1);
  event.aggregate_type = row.Text(2);
  event.aggregate_id = row.Id(3);
  event.aggregate_version = row.Int(4);
  event.type = row.Text(5);
  event.payload = row.Bytes(6);
  event.occurred_at = row.Time(7);
  event.traceparent = row.Text(8);
  const std::string audience = row.Bytes(9);
  for (size_t at = 0; at + kIdBytes <= audience.size(); at += kIdBytes) {
    ASSIGN_OR_RETURN(const base::Uuid id,
                     base::Uuid::FromBytes(std::string_view(audience).substr(at, kIdBytes)));
    event.audience.push_back(id);
  }
  return event;
}

absl::Status Insert(Session& session, const NewEvent* first, size_t rows) {
  Values values;
  values.reserve(rows * 9);
  for (const NewEvent* event = first; event != first + rows; ++event) {
    if (event->audience.size() > kMaxAudience) {
      return status::Error(absl::StatusCode::kInternal, "yilian", "AUDIENCE_TOO_LARGE")
          .Message(fmt::format("an event's audience holds at most {} organizations", kMaxAudience))
          .Meta("type", event->type);
    }
    values.emplace_back(base::Uuid::V7(event->occurred_at));
    values.emplace_back(event->aggregate_type);
    values.emplace_back(event->aggregate_id);
    values.emplace_back(event->aggregate_version);
    values.emplace_back(event->type);
    values.emplace_back(Blob{event->payload});
    values.emplace_back(event->occurred_at);
    values.emplace_back(event->traceparent);
    values.emplace_back(Blob{AudienceBytes(event->audience)});
  }
  if (rows <= FixedInserts().size()) {
    const FixedInsert& insert = FixedInserts()[rows - 1];
    return session.ExecuteValues(Query{insert.name, insert.sql}, values).status();
  }
  return session.ExecuteComposed("outbox.AppendMany", InsertOf(rows), values).status();
}

}  // namespace

NewEvent NewEvent::Of(std::string aggregate_type, const base::Uuid& aggregate_id,
                      int64_t aggregate_version, const google::protobuf::Message& message,
                      absl::Time occurred_at, std::vector<base::Uuid> audience) {
  google::protobuf::Any any;
  any.PackFrom(message);
  NewEvent event;
  event.aggregate_type = std::move(aggregate_type);
  event.aggregate_id = aggregate_id;
  event.aggregate_version = aggregate_version;
  event.type = message.GetDescriptor()->name();
  event.payload = any.SerializeAsString();
  event.occurred_at = occurred_at;
  event.audience = std::move(audience);
  return event;
}

absl::Status Append(Session& session, const std::vector<NewEvent>& events) {
  for (size_t at = 0; at < events.size(); at += kMaxRows) {
    RETURN_IF_ERROR(Insert(session, &events[at], std::min(kMaxRows, events.size() - at)));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<StoredEvent>> ReadAfter(Session& session, int64_t cursor, int limit) {
  return session.SelectAll<StoredEvent>(kReadAfter, ToStoredEvent, cursor, limit);
}

absl::StatusOr<int64_t> LastPosition(Session& session) {
  ASSIGN_OR_RETURN(
      const std::optional<int64_t> last,
      session.SelectOne<int64_t>(kLastPosition, [](const Row& row) { return row.Int(0); }));
  return last.value_or(0);
}

}  // namespace yilian::outbox
