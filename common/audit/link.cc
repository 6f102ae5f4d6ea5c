#include "common/audit/link.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/clock.h"
#include "common/audit/chain.h"
#include "common/audit/entry_store.h"
#include "common/audit/metrics.h"
#include "common/audit/pending.h"
#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "common/status/error.h"

namespace yilian::audit {
namespace {

using mysql::Session;

// Pending rows of one look, and records of one transaction: at 100 ms a step that is more than one
// replica can serve, in a transaction that takes some tens of milliseconds.
constexpr int kRows = 256;
constexpr size_t kRecords = 1024;
constexpr int kUnnumbered = 256;

// What one look has found.
struct Found {
  Head head;
  std::vector<base::Uuid> rows;
  std::vector<Record> records;
  std::vector<Record> unnumbered;
  bool more = false;
  bool left_to_another = false;
};

absl::StatusOr<Found> Look(mysql::Pool& pool, const LinkOptions& options, absl::Time deadline) {
  Found found;
  const absl::Status status = mysql::RunRead(pool, deadline, [&](Session& session) -> absl::Status {
    found = Found{};
    ASSIGN_OR_RETURN(found.head, ReadHead(session));
    found.left_to_another =
        options.heed_lease && found.head.lease_live && found.head.holder != options.holder;
    if (found.left_to_another) return absl::OkStatus();
    if (found.head.unnumbered) {
      ASSIGN_OR_RETURN(found.unnumbered, ReadUnnumbered(session, kUnnumbered));
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(std::vector<PendingRow> rows, ReadPending(session, options.after, kRows));
    found.more = rows.size() == kRows;
    for (PendingRow& row : rows) {
      if (!found.rows.empty() && found.records.size() + row.records.size() > kRecords) {
        found.more = true;
        break;
      }
      found.rows.push_back(row.id);
      std::move(row.records.begin(), row.records.end(), std::back_inserter(found.records));
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return found;
}

// False: somebody else has linked since the head was read.
absl::StatusOr<bool> Move(mysql::Pool& pool, const LinkOptions& options, absl::Time deadline,
                          const Found& found) {
  const Head next = After(found.head, found.records, options.holder);
  bool mine = false;
  const absl::Status status = mysql::RunTransaction(
      pool, {.name = "audit.Link", .deadline = deadline}, [&](Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(mine, MoveHead(session, found.head, next, options.lease));
        // The keys of audit_entry would refuse the same records as well, but as an error: being
        // overtaken is none.
        if (!mine) return absl::OkStatus();
        RETURN_IF_ERROR(InsertLinked(session, found.head, found.records));
        ASSIGN_OR_RETURN(const int64_t deleted, DeletePending(session, found.rows));
        if (deleted == static_cast<int64_t>(found.rows.size())) return absl::OkStatus();
        return status::Error(absl::StatusCode::kDataLoss, "yilian", "AUDIT_ROWS_VANISHED")
            .Message("audit records disappeared before they were linked")
            .Meta("expected", fmt::to_string(found.rows.size()))
            .Meta("found", fmt::to_string(deleted));
      });
  if (!status.ok()) return status;
  return mine;
}

// An id of `records` is taken. The same record: its row was stored twice, because the answer of the
// first try was lost and the row linked before the second; it is left out. Another record: it gets
// an id of its own, so that neither is lost nor holds up the chain.
absl::StatusOr<std::vector<Record>> Distinct(mysql::Pool& pool, absl::Time deadline,
                                             const std::vector<Record>& records) {
  std::vector<Record> distinct;
  const absl::Status status = mysql::RunRead(pool, deadline, [&](Session& session) -> absl::Status {
    distinct.clear();
    absl::flat_hash_map<base::Uuid, Record> seen;
    for (const Record& record : records) {
      ASSIGN_OR_RETURN(std::optional<Record> other, FindRecord(session, record.audit_id));
      if (!other) {
        const auto [at, fresh] = seen.emplace(record.audit_id, record);
        if (!fresh) other = at->second;
      }
      if (other && CanonicalBytes(*other, 0) == CanonicalBytes(record, 0)) continue;
      distinct.push_back(record);
      if (other) distinct.back().audit_id = base::Uuid::V7();
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return distinct;
}

absl::StatusOr<bool> LinkOld(mysql::Pool& pool, const LinkOptions& options, absl::Time deadline,
                             const Found& found) {
  bool mine = false;
  // RunRead, though it writes: one statement that commits by itself and, run again after a lost
  // connection, changes nothing unless the head is still the one that was read.
  const absl::Status status = mysql::RunRead(pool, deadline, [&](Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(
        mine, LinkUnnumbered(session, found.head, found.unnumbered, options.holder, options.lease));
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return mine;
}

void ShowLag(const Found& found) {
  if (found.left_to_another) return;
  const std::vector<Record>& waiting = found.unnumbered.empty() ? found.records : found.unnumbered;
  SetChainLag(waiting.empty() ? 0
                              : absl::ToDoubleSeconds(absl::Now() - waiting.front().occurred_at));
}

}  // namespace

base::Uuid FirstIdAt(absl::Time time) {
  const auto milliseconds = static_cast<uint64_t>(absl::ToUnixMillis(time));
  std::string bytes(16, '\0');
  for (int i = 0; i < 6; ++i) bytes[i] = static_cast<char>(milliseconds >> (40 - 8 * i) & 0xff);
  return base::Uuid::FromBytes(bytes).value_or(base::Uuid());
}

absl::StatusOr<LinkStep> LinkPending(mysql::Pool& pool, const LinkOptions& options) {
  const absl::Time deadline = absl::Now() + options.patience;
  ASSIGN_OR_RETURN(Found found, Look(pool, options, deadline));
  ShowLag(found);
  LinkStep step;
  if (!found.unnumbered.empty()) {
    ASSIGN_OR_RETURN(const bool mine, LinkOld(pool, options, deadline, found));
    if (mine) step.linked = static_cast<int>(found.unnumbered.size());
    step.more = true;
  } else if (!found.rows.empty()) {
    absl::StatusOr<bool> mine = Move(pool, options, deadline, found);
    if (absl::IsAlreadyExists(mine.status())) {
      ASSIGN_OR_RETURN(found.records, Distinct(pool, deadline, found.records));
      mine = Move(pool, options, deadline, found);
    }
    if (!mine.ok()) return mine.status();
    if (*mine) step.linked = static_cast<int>(found.records.size());
    step.more = found.more || !*mine;
  }
  CountLinked(step.linked);
  return step;
}

}  // namespace yilian::audit
