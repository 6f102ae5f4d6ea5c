#include "common/audit/entry_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "common/audit/chain.h"
#include "common/audit/log.h"
#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "common/status/error.h"

namespace yilian::audit {
namespace {

using mysql::Blob;
using mysql::Query;
using mysql::Row;
using mysql::Session;
using mysql::Values;

constexpr std::string_view kColumns =
    "audit_id, occurred_at, method, action, peer, user_id, organization_id, subject_type, "
    "subject_id, "
    "data_subject_id, outcome, trace_id";
constexpr int kColumnCount = 12;

constexpr Query kHead{
    "audit.Head",
    "SELECT next_position, head_hash, epoch, holder, lease_until > UTC_TIMESTAMP(6) "
    "FROM audit_chain WHERE chain_id = 1"};
constexpr Query kMakeHead{
    "audit.MakeHead",
    "INSERT INTO audit_chain (chain_id, next_position, head_hash, epoch, holder, lease_until) "
    "VALUES (1, 1, ?, 0, ?, UTC_TIMESTAMP(6)) ON DUPLICATE KEY UPDATE chain_id = chain_id"};
// Index: uq_audit_entry__position, whose NULL entries lie together in order of audit_id. Forced:
// with few rows the optimizer would walk the primary key, which grows for ever.
constexpr Query kUnlinked{
    "audit.Unlinked",
    "SELECT audit_id, occurred_at, method, action, peer, user_id, organization_id, subject_type, "
    "subject_id, "
    "data_subject_id, outcome, trace_id FROM audit_entry FORCE INDEX (uq_audit_entry__position) "
    "WHERE position IS NULL ORDER BY audit_id LIMIT ?"};
// Index: uq_audit_entry__position.
constexpr Query kLinked{"audit.Linked",
                        "SELECT audit_id, occurred_at, method, action, peer, user_id, "
                        "organization_id, subject_type, subject_id, "
                        "data_subject_id, outcome, trace_id, position, chain_hash FROM audit_entry "
                        "WHERE position >= ? ORDER BY position LIMIT ?"};
constexpr Query kEnd{
    "audit.End",
    "SELECT c.next_position, c.head_hash, (SELECT MAX(position) FROM audit_entry), "
    "(SELECT COUNT(*) FROM audit_entry WHERE position IS NULL) "
    "FROM audit_chain c WHERE c.chain_id = 1"};

std::string InsertOf(size_t rows) {
  std::string sql = fmt::format("INSERT INTO audit_entry ({}) VALUES ", kColumns);
  for (size_t i = 0; i < rows; ++i) {
    sql +=
        i == 0 ? "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" : ", (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
  }
  return sql;
}

// One record a write, and the commit groups of a busy service: those texts keep their prepared
// statement.
constexpr size_t kFixed = 32;
struct FixedInsert {
  std::string name;
  std::string sql;
};
const std::array<FixedInsert, kFixed>& FixedInserts() {
  static const auto* inserts = [] {
    auto* all = new std::array<FixedInsert, kFixed>;
    for (size_t i = 0; i < kFixed; ++i) {
      (*all)[i] = {fmt::format("audit.Insert{}", i + 1), InsertOf(i + 1)};
    }
    return all;
  }();
  return *inserts;
}

mysql::Value OrNull(const base::Uuid& id) {
  return id.is_nil() ? mysql::Value(nullptr) : mysql::Value(id);
}

void AddValues(const Record& given, Values& values) {
  const Record record = Fitted(given);
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

// Printable ASCII of at most `size` bytes: what the column takes, whatever the peer sent.
void FitText(std::string& text, size_t size) {
  if (text.size() > size) text.resize(size);
  for (char& byte : text) {
    if (byte < 0x20 || byte > 0x7e) byte = '?';
  }
}

std::string Literal(std::string_view bytes) { return fmt::format("X'{}'", Hex(bytes)); }

}  // namespace

Record Fitted(Record record) {
  FitText(record.method, 190);
  if (record.peer.size() > 255) record.peer.resize(255);
  FitText(record.subject_type, 64);
  FitText(record.outcome, 64);
  FitText(record.trace_id, 32);
  return record;
}

absl::Status InsertRecords(Session& session, const std::vector<Record>& records) {
  for (size_t at = 0; at < records.size(); at += kMaxRows) {
    const size_t rows = std::min(kMaxRows, records.size() - at);
    Values values;
    values.reserve(rows * kColumnCount);
    for (size_t i = at; i < at + rows; ++i) AddValues(records[i], values);
    if (rows <= kFixed) {
      const FixedInsert& insert = FixedInserts()[rows - 1];
      RETURN_IF_ERROR(session.ExecuteValues(Query{insert.name, insert.sql}, values).status());
    } else {
      RETURN_IF_ERROR(session.ExecuteComposed("audit.InsertMany", InsertOf(rows), values).status());
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Head> ReadHead(Session& session) {
  const auto read = [](const Row& row) {
    return Head{row.Int(0), row.Bytes(1), row.Int(2), row.Id(3), row.Bool(4)};
  };
  ASSIGN_OR_RETURN(std::optional<Head> head, session.SelectOne<Head>(kHead, read));
  if (head) return *std::move(head);
  RETURN_IF_ERROR(session.Execute(kMakeHead, Blob{GenesisHash()}, base::Uuid()).status());
  ASSIGN_OR_RETURN(head, session.SelectOne<Head>(kHead, read));
  if (!head) return absl::InternalError("the head of the audit chain is not there");
  return *std::move(head);
}

absl::StatusOr<std::vector<Record>> ReadUnlinked(Session& session, int limit) {
  return session.SelectAll<Record>(kUnlinked, ToRecord, limit);
}

absl::StatusOr<bool> Link(Session& session, const Head& head, const std::vector<Record>& records,
                          const base::Uuid& holder, absl::Duration lease) {
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
  // FORCE INDEX (PRIMARY): a table scan would wait for the rows that other writers have not
  // committed yet. Hex literals, because they are binary strings on both servers.
  const std::string sql = fmt::format(
      "UPDATE audit_chain c JOIN audit_entry e FORCE INDEX (PRIMARY) ON e.audit_id IN ({0}) "
      "SET c.next_position = ?, c.head_hash = {2}, c.epoch = ?, c.holder = ?, "
      "c.lease_until = UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND, "
      "e.position = ? + FIELD(e.audit_id, {0}), e.chain_hash = ELT(FIELD(e.audit_id, {0}), {1}) "
      "WHERE c.chain_id = 1 AND c.next_position = ? AND c.head_hash = {3}",
      ids, hashes, Literal(previous), Literal(head.hash));
  ASSIGN_OR_RETURN(
      const int64_t matched,
      session.ExecuteComposed(
          "audit.Link", sql,
          {position, head.holder == holder ? head.epoch : head.epoch + 1, holder,
           absl::ToInt64Microseconds(lease), head.next_position - 1, head.next_position}));
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
    return End{row.Int(0), row.Bytes(1), row.Int(2), row.Int(3)};
  }));
  return end.value_or(End{});
}

}  // namespace yilian::audit
