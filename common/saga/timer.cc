#include "common/saga/timer.h"

#include <fmt/format.h>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "common/saga/timer_store.h"

namespace yilian::saga {
namespace {

using mysql::Blob;
using mysql::Query;
using mysql::Row;
using mysql::Session;
using mysql::Values;

// Index: PRIMARY, but for the due ones.
constexpr Query kSet{
    "timer.Set",
    "INSERT INTO timer (kind, aggregate_id, name, due_at, try_at, attempt, payload, last_error) "
    "VALUES (?, ?, ?, ?, ?, 0, ?, '') ON DUPLICATE KEY UPDATE due_at = ?, try_at = ?, attempt = 0, "
    "payload = ?, last_error = ''"};
constexpr Query kCancelOne{"timer.CancelOne",
                           "DELETE FROM timer WHERE kind = ? AND aggregate_id = ? AND name = ?"};
constexpr Query kCancelAll{"timer.CancelAll",
                           "DELETE FROM timer WHERE kind = ? AND aggregate_id = ?"};
constexpr Query kPostpone{"timer.Postpone",
                          "UPDATE timer SET try_at = ?, attempt = attempt + 1, last_error = ? "
                          "WHERE kind = ? AND aggregate_id = ? AND name = ? AND due_at = ?"};

// Index: ix_timer__try_at.
constexpr Query kAnyDue{"timer.AnyDue", "SELECT 1 FROM timer WHERE try_at <= ? LIMIT 1"};

// Index, these two: ix_timer__try_at, forced: the primary key would lock every timer of the kinds.
#define YILIAN_DUE                                                                    \
  "SELECT kind, aggregate_id, name, due_at, payload, attempt FROM timer FORCE INDEX " \
  "(ix_timer__try_at) WHERE try_at <= ? AND "
constexpr Query kLockDueOfKind{
    "timer.LockDueOfKind", YILIAN_DUE "kind = ? ORDER BY try_at LIMIT ? FOR UPDATE SKIP LOCKED"};

DueTimer MakeDueTimer(const Row& row) {
  return {Timer{row.Text(0), row.Id(1), row.Text(2), row.Time(3), row.Bytes(4)},
          static_cast<int>(row.Int(5))};
}

}  // namespace

absl::StatusOr<bool> AnyTimerDue(Session& session, absl::Time now) {
  ASSIGN_OR_RETURN(const std::optional<int64_t> any,
                   session.SelectOne<int64_t>(
                       kAnyDue, [](const Row& row) { return row.Int(0); }, now));
  return any.has_value();
}

absl::Status SetTimer(Session& session, const Timer& timer) {
  return session
      .Execute(kSet, timer.kind, timer.aggregate_id, timer.name, timer.due_at, timer.due_at,
               Blob{timer.payload}, timer.due_at, timer.due_at, Blob{timer.payload})
      .status();
}

absl::Status CancelTimer(Session& session, std::string_view kind, const base::Uuid& aggregate_id,
                         std::string_view name) {
  if (name.empty()) return session.Execute(kCancelAll, kind, aggregate_id).status();
  return session.Execute(kCancelOne, kind, aggregate_id, name).status();
}

absl::StatusOr<std::optional<DueTimer>> LockDueTimer(Session& session,
                                                     const std::vector<std::string>& kinds,
                                                     absl::Time now) {
  std::optional<DueTimer> due;
  if (kinds.empty()) return due;
  Values values{now};
  std::string placeholders;
  for (const std::string& kind : kinds) {
    placeholders += placeholders.empty() ? "?" : ", ?";
    values.emplace_back(kind);
  }
  const std::string sql = fmt::format(
      YILIAN_DUE "kind IN ({}) ORDER BY try_at LIMIT 1 FOR UPDATE SKIP LOCKED", placeholders);
  RETURN_IF_ERROR(session.SelectValues({"timer.LockDue", sql}, values, [&](const Row& row) {
    due = MakeDueTimer(row);
    return absl::OkStatus();
  }));
  return due;
}

absl::StatusOr<std::vector<DueTimer>> LockDueTimers(Session& session, const std::string& kind,
                                                    absl::Time now, size_t at_most) {
  return session.SelectAll<DueTimer>(kLockDueOfKind, MakeDueTimer, now, kind,
                                     static_cast<int64_t>(at_most));
}

absl::Status RemoveTimers(Session& session, const std::vector<DueTimer>& due) {
  if (due.empty()) return absl::OkStatus();
  // Index: PRIMARY, a range for each. As lists of columns (`(a, b) IN (...)`) MariaDB would read
  // the whole kind.
  std::string sql = "DELETE FROM timer WHERE kind = ? AND (";
  Values values{due.front().timer.kind};
  for (const DueTimer& one : due) {
    sql += values.size() == 1 ? "" : " OR ";
    sql += "(aggregate_id = ? AND name = ? AND due_at = ?)";
    values.emplace_back(one.timer.aggregate_id);
    values.emplace_back(one.timer.name);
    values.emplace_back(one.timer.due_at);
  }
  return session.ExecuteComposed("timer.Remove", sql + ")", values).status();
}

absl::Status PostponeTimer(Session& session, const Timer& timer, absl::Time try_at,
                           std::string_view error) {
  return session
      .Execute(kPostpone, try_at, error, timer.kind, timer.aggregate_id, timer.name, timer.due_at)
      .status();
}

}  // namespace yilian::saga
