#include "common/audit/pending.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/audit/log.h"
#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "common/mysql/shaped.h"
#include "common/status/error.h"

namespace yilian::audit {
namespace {

using mysql::Blob;
using mysql::Query;
using mysql::Row;
using mysql::Session;

constexpr char kLayout = 1;

constexpr Query kInsert{
    "audit.InsertPending",
    "INSERT INTO audit_pending (pending_id, record_count, records) VALUES (?, ?, ?)"};
// Index: PRIMARY. The oldest first; rows are few, because the chainer takes them away.
constexpr Query kRead{"audit.Pending",
                      "SELECT pending_id, record_count, records FROM audit_pending "
                      "WHERE pending_id > ? ORDER BY pending_id LIMIT ?"};

// Printable ASCII of at most `size` bytes: what the column takes, whatever the peer sent.
void FitText(std::string& text, size_t size) {
  if (text.size() > size) text.resize(size);
  for (char& byte : text) {
    if (byte < 0x20 || byte > 0x7e) byte = '?';
  }
}

char ActionByte(Action action) {
  return action == Action::kRead ? 'R' : action == Action::kWrite ? 'W' : 'X';
}

void PutText(std::string& out, std::string_view text) {
  out.push_back(static_cast<char>(text.size()));
  out += text;
}

void PutRecord(std::string& out, const Record& record) {
  const auto micros = static_cast<uint64_t>(absl::ToUnixMicros(record.occurred_at));
  for (int shift = 56; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(micros >> shift & 0xff));
  }
  out += record.audit_id.view();
  out += record.user_id.view();
  out += record.organization_id.view();
  out += record.subject_id.view();
  out += record.data_subject_id.view();
  out.push_back(ActionByte(record.action));
  PutText(out, record.method);
  PutText(out, record.peer);
  PutText(out, record.subject_type);
  PutText(out, record.outcome);
  PutText(out, record.trace_id);
}

// Takes fields off the front; once something is missing it stays broken.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : bytes_(bytes) {}
  bool broken() const { return broken_; }
  bool at_end() const { return bytes_.empty(); }

  std::string_view Take(size_t size) {
    if (bytes_.size() < size) {
      broken_ = true;
      bytes_ = {};
    }
    const std::string_view taken = bytes_.substr(0, std::min(size, bytes_.size()));
    bytes_.remove_prefix(taken.size());
    return taken;
  }
  absl::Time Time() {
    uint64_t micros = 0;
    for (const char byte : Take(8)) micros = micros << 8 | static_cast<unsigned char>(byte);
    return absl::FromUnixMicros(static_cast<int64_t>(micros));
  }
  base::Uuid Id() { return base::Uuid::FromBytes(Take(16)).value_or(base::Uuid()); }
  std::string Text() {
    const std::string_view size = Take(1);
    return std::string(size.empty() ? size : Take(static_cast<unsigned char>(size[0])));
  }
  Action OneAction() {
    const std::string_view byte = Take(1);
    if (byte == "R") return Action::kRead;
    if (byte == "W") return Action::kWrite;
    if (byte != "X") broken_ = true;
    return Action::kRefused;
  }

 private:
  std::string_view bytes_;
  bool broken_ = false;
};

status::Error Unreadable() {
  return status::Error(absl::StatusCode::kDataLoss, "yilian", "AUDIT_PENDING_UNREADABLE")
      .Message("audit records that wait to be linked cannot be read");
}

// FORCE INDEX: with few rows the optimizer would scan the table, and wait for the rows that writers
// have not committed yet.
const mysql::Shaped& DeleteStatement() {
  static const auto* statement =
      new mysql::Shaped("audit.DeletePending", {1, 8, 64}, [](size_t ids) {
        return "DELETE p FROM audit_pending p FORCE INDEX (PRIMARY) WHERE p.pending_id IN (" +
               mysql::Places(ids) + ")";
      });
  return *statement;
}

}  // namespace

Record Fitted(Record record) {
  FitText(record.method, 190);
  if (record.peer.size() > 255) record.peer.resize(255);
  FitText(record.subject_type, 64);
  FitText(record.outcome, 64);
  FitText(record.trace_id, 32);
  return record;
}

std::string Pack(const Record* records, size_t count) {
  constexpr size_t kUsual = 256;  // of a record with everything in it
  std::string out;
  out.reserve(1 + count * kUsual);
  out.push_back(kLayout);
  for (size_t i = 0; i < count; ++i) PutRecord(out, Fitted(records[i]));
  return out;
}

absl::StatusOr<std::vector<Record>> Unpack(std::string_view bytes) {
  Cursor cursor(bytes);
  if (cursor.Take(1) != std::string_view(&kLayout, 1)) return Unreadable();
  std::vector<Record> records;
  while (!cursor.at_end()) {
    Record& record = records.emplace_back();
    record.occurred_at = cursor.Time();
    record.audit_id = cursor.Id();
    record.user_id = cursor.Id();
    record.organization_id = cursor.Id();
    record.subject_id = cursor.Id();
    record.data_subject_id = cursor.Id();
    record.action = cursor.OneAction();
    record.method = cursor.Text();
    record.peer = cursor.Text();
    record.subject_type = cursor.Text();
    record.outcome = cursor.Text();
    record.trace_id = cursor.Text();
  }
  if (cursor.broken()) return Unreadable();
  return records;
}

absl::Status InsertPending(Session& session, const base::Uuid& id,
                           const std::vector<Record>& records) {
  return session
      .Execute(kInsert, id, static_cast<int64_t>(records.size()),
               Blob{Pack(records.data(), records.size())})
      .status();
}

absl::Status InsertRecords(Session& session, const std::vector<Record>& records) {
  for (size_t at = 0; at < records.size(); at += kMostInRow) {
    const size_t count = std::min(kMostInRow, records.size() - at);
    RETURN_IF_ERROR(session
                        .Execute(kInsert, base::Uuid::V7(), static_cast<int64_t>(count),
                                 Blob{Pack(&records[at], count)})
                        .status());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<PendingRow>> ReadPending(Session& session, const base::Uuid& after,
                                                    int limit) {
  return session.SelectAll<PendingRow>(
      kRead,
      [](const Row& row) -> absl::StatusOr<PendingRow> {
        PendingRow pending{row.Id(0), {}};
        absl::StatusOr<std::vector<Record>> records = Unpack(row.Bytes(2));
        if (!records.ok() || static_cast<int64_t>(records->size()) != row.Int(1)) {
          return Unreadable().Meta("pending_id", pending.id.ToString());
        }
        pending.records = *std::move(records);
        return pending;
      },
      after, limit);
}

absl::StatusOr<int64_t> DeletePending(Session& session, const std::vector<base::Uuid>& ids) {
  int64_t deleted = 0;
  for (size_t at = 0; at < ids.size();) {
    const mysql::Shaped::Shape& statement = DeleteStatement().AtMost(ids.size() - at);
    const size_t count = statement.length;
    const mysql::Values values(ids.begin() + static_cast<long>(at),
                               ids.begin() + static_cast<long>(at + count));
    ASSIGN_OR_RETURN(const int64_t matched, session.ExecuteValues(statement.query(), values));
    deleted += matched;
    at += count;
  }
  return deleted;
}

}  // namespace yilian::audit
