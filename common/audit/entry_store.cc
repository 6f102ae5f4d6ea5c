#include "common/audit/entry_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/audit/chain.h"
#include "common/base/status_macros.h"
#include "common/mysql/or_null.h"
#include "common/mysql/query.h"
#include "common/mysql/shaped.h"
#include "common/status/error.h"

namespace yilian::audit {
namespace {

using mysql::OrNull;

using mysql::Blob;
using mysql::Query;
using mysql::Row;
using mysql::Session;
using mysql::Shaped;
using mysql::Values;

#define YILIAN_AUDIT_COLUMNS                                                              \
  "audit_id, occurred_at, method, action, peer, user_id, organization_id, subject_type, " \
  "subject_id, data_subject_id, outcome, trace_id"
constexpr int kColumnCount = 14;  // with position and chain_hash

constexpr Query kHead{
    "audit.Head",
    "SELECT next_position, head_hash, epoch, holder, lease_until > UTC_TIMESTAMP(6), "
    "EXISTS (SELECT 1 FROM audit_entry FORCE INDEX (uq_audit_entry__position) "
    "WHERE position IS NULL) FROM audit_chain WHERE chain_id = 1"};
constexpr Query kMakeHead{
    "audit.MakeHead",
    "INSERT INTO audit_chain (chain_id, next_position, head_hash, epoch, holder, lease_until) "
    "VALUES (1, 1, ?, 0, ?, UTC_TIMESTAMP(6)) ON DUPLICATE KEY UPDATE chain_id = chain_id"};
constexpr Query kMoveHead{
    "audit.MoveHead",
    "UPDATE audit_chain SET next_position = ?, head_hash = ?, epoch = ?, holder = ?, "
    "lease_until = UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND "
    "WHERE chain_id = 1 AND next_position = ? AND head_hash = ?"};
// Index: PRIMARY.
constexpr Query kFind{"audit.Find",
                      "SELECT " YILIAN_AUDIT_COLUMNS " FROM audit_entry WHERE audit_id = ?"};
// Index: uq_audit_entry__position, whose NULL entries lie together in order of audit_id. Forced:
// with few rows the optimizer would walk the primary key, which grows for ever.
constexpr Query kUnnumbered{"audit.Unnumbered",
                            "SELECT " YILIAN_AUDIT_COLUMNS
                            " FROM audit_entry FORCE INDEX (uq_audit_entry__position) "
                            "WHERE position IS NULL ORDER BY audit_id LIMIT ?"};
// Index: uq_audit_entry__position.
constexpr Query kLinked{"audit.Linked", "SELECT " YILIAN_AUDIT_COLUMNS
                                        ", position, chain_hash FROM audit_entry "
                                        "WHERE position >= ? ORDER BY position LIMIT ?"};
constexpr Query kEnd{
    "audit.End",
    "SELECT c.next_position, c.head_hash, (SELECT MAX(position) FROM audit_entry), "
    "(SELECT COUNT(*) FROM audit_entry WHERE position IS NULL), "
    "(SELECT CAST(COALESCE(SUM(record_count), 0) AS SIGNED) FROM audit_pending) "
    "FROM audit_chain c WHERE c.chain_id = 1"};

const Shaped& InsertStatement() {
  static const auto* statement = new Shaped("audit.Insert", {1, 4, 16, 64}, [](size_t rows) {
    return "INSERT INTO audit_entry (" YILIAN_AUDIT_COLUMNS ", position, chain_hash) VALUES " +
           mysql::PlaceRows(rows, kColumnCount);
  });
  return *statement;
}

void AddValues(const Record& record, int64_t position, const std::string& hash, Values& values) {
  values.emplace_back(record.audit_id);
  values.emplace_back(record.occurred_at);
  values.emplace_back(record.method);
  values.emplace_back(ActionName(record.action));
  values.emplace_back(Blob{record.peer});
  values.push_back(OrNull(record.user_id));
  values.push_back(OrNull(record.organization_id));
  values.emplace_back(record.subject_type);
  values.push_back(OrNull(record.subject_id));
  values.push_back(OrNull(record.data_subject_id));
  values.emplace_back(record.outcome);
  values.emplace_back(record.trace_id);
  values.emplace_back(position);
  values.emplace_back(Blob{hash});
}

Record ToRecord(const Row& row) {
  Record record;
  record.audit_id = row.Id(0);
  record.occurred_at = row.Time(1);
  record.method = row.Text(2);
  const std::string action = row.Text(3);
  record.action = action == "READ"    ? Action::kRead
                  : action == "WRITE" ? Action::kWrite
                                      : Action::kRefused;
  record.peer = row.Bytes(4);
  record.user_id = row.OptionalId(5).value_or(base::Uuid());
  record.organization_id = row.OptionalId(6).value_or(base::Uuid());
  record.subject_type = row.Text(7);
  record.subject_id = row.OptionalId(8).value_or(base::Uuid());
  record.data_subject_id = row.OptionalId(9).value_or(base::Uuid());
  record.outcome = row.Text(10);
  record.trace_id = row.Text(11);
  return record;
}

std::string Literal(std::string_view bytes) { return fmt::format("X'{}'", Hex(bytes)); }

}  // namespace

absl::StatusOr<Head> ReadHead(Session& session) {
  const auto read = [](const Row& row) {
    return Head{row.Int(0), row.Bytes(1), row.Int(2), row.Id(3), row.Bool(4), row.Bool(5)};
  };
  ASSIGN_OR_RETURN(std::optional<Head> head, session.SelectOne<Head>(kHead, read));
  if (head) return *std::move(head);
  RETURN_IF_ERROR(session.Execute(kMakeHead, Blob{GenesisHash()}, base::Uuid()).status());
  ASSIGN_OR_RETURN(head, session.SelectOne<Head>(kHead, read));
  if (!head) return absl::InternalError("the head of the audit chain is not there");
  return *std::move(head);
}

Head After(const Head& head, const std::vector<Record>& records, const base::Uuid& holder) {
  Head next = head;
  for (const Record& record : records) {
    next.hash = LinkHash(next.hash, record, next.next_position++);
  }
  if (head.holder != holder) ++next.epoch;
  next.holder = holder;
  return next;
}

absl::StatusOr<bool> MoveHead(Session& session, const Head& head, const Head& next,
                              absl::Duration lease) {
  ASSIGN_OR_RETURN(
      const int64_t matched,
      session.Execute(kMoveHead, next.next_position, Blob{next.hash}, next.epoch, next.holder,
                      absl::ToInt64Microseconds(lease), head.next_position, Blob{head.hash}));
  return matched == 1;
}

absl::Status InsertLinked(Session& session, const Head& head, const std::vector<Record>& records) {
  std::string hash = head.hash;
  int64_t position = head.next_position;
  for (size_t at = 0; at < records.size();) {
    const Shaped::Shape& insert = InsertStatement().AtMost(records.size() - at);
    Values values;
    values.reserve(insert.length * kColumnCount);
    for (const size_t end = at + insert.length; at < end; ++at) {
      hash = LinkHash(hash, records[at], position);
      AddValues(records[at], position++, hash, values);
    }
    RETURN_IF_ERROR(session.ExecuteValues(insert.query(), values).status());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Record>> FindRecord(Session& session, const base::Uuid& id) {
  return session.SelectOne<Record>(kFind, ToRecord, id);
}

absl::StatusOr<std::vector<Record>> ReadUnnumbered(Session& session, int limit) {
  return session.SelectAll<Record>(kUnnumbered, ToRecord, limit);
}

absl::StatusOr<bool> LinkUnnumbered(Session& session, const Head& head,
                                    const std::vector<Record>& records, const base::Uuid& holder,
                                    absl::Duration lease) {
  if (records.empty()) return true;
  std::string ids;
  std::string hashes;
  std::string previous = head.hash;
  int64_t position = head.next_position;
  for (const Record& record : records) {
    previous = LinkHash(previous, record, position++);
    if (!ids.empty()) {
      ids += ",";
      hashes += ",";
    }
    ids += Literal(record.audit_id.view());
    hashes += Literal(previous);
  }
  const Head next = After(head, records, holder);
  // FORCE INDEX (PRIMARY): a table scan would wait for the rows that other writers have not
  // committed yet. Hex literals, because they are binary strings on both servers.
  const std::string sql = fmt::format(
      "UPDATE audit_chain c JOIN audit_entry e FORCE INDEX (PRIMARY) ON e.audit_id IN ({0}) "
      "SET c.next_position = ?, c.head_hash = {2}, c.epoch = ?, c.holder = ?, "
      "c.lease_until = UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND, "
      "e.position = ? + FIELD(e.audit_id, {0}), e.chain_hash = ELT(FIELD(e.audit_id, {0}), {1}) "
      "WHERE c.chain_id = 1 AND c.next_position = ? AND c.head_hash = {3}",
      ids, hashes, Literal(next.hash), Literal(head.hash));
  ASSIGN_OR_RETURN(const int64_t matched,
                   session.ExecuteComposed("audit.LinkUnnumbered", sql,
                                           {next.next_position, next.epoch, next.holder,
                                            absl::ToInt64Microseconds(lease),
                                            head.next_position - 1, head.next_position}));
  if (matched == 0) return false;
  if (matched != static_cast<int64_t>(records.size()) + 1) {
    return status::Error(absl::StatusCode::kDataLoss, "yilian", "AUDIT_ROWS_VANISHED")
        .Message("audit records disappeared before they were linked")
        .Meta("expected", fmt::to_string(records.size()))
        .Meta("linked", fmt::to_string(matched - 1));
  }
  return true;
}

absl::StatusOr<std::vector<Linked>> ReadLinked(Session& session, int64_t position, int limit) {
  return session.SelectAll<Linked>(
      kLinked,
      [](const Row& row) {
        return Linked{row.Int(12), row.Bytes(13), ToRecord(row)};
      },
      position, limit);
}

absl::StatusOr<End> ReadEnd(Session& session) {
  RETURN_IF_ERROR(ReadHead(session).status());
  ASSIGN_OR_RETURN(std::optional<End> end, session.SelectOne<End>(kEnd, [](const Row& row) {
    return End{row.Int(0), row.Bytes(1), row.Int(2), row.Int(3) + row.Int(4)};
  }));
  return end.value_or(End{});
}

}  // namespace yilian::audit
