#include "common/saga/saga_store.h"

#include <fmt/format.h>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "common/status/error.h"

namespace yilian::saga {
namespace {

using mysql::Blob;
using mysql::Query;
using mysql::Row;
using mysql::Session;
using mysql::Value;
using mysql::Values;

constexpr Query kStart{"saga.Start",
                       "INSERT INTO saga (saga_id, kind, aggregate_id, step, state, attempt, "
                       "epoch, settled_epoch, due_at, "
                       "lease_until, last_error, started_at, updated_at) VALUES (?, ?, ?, ?, ?, 0, "
                       "0, 0, ?, NULL, '', ?, ?)"};
constexpr Query kTake{"saga.Take",
                      "UPDATE saga SET epoch = epoch + 1, "
                      "lease_until = UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND WHERE saga_id = ?"};
// Index of the rest: PRIMARY.
constexpr Query kAdvance{
    "saga.Advance",
    "UPDATE saga SET step = ?, state = ?, attempt = 0, due_at = ?, lease_until = NULL, "
    "settled_epoch = epoch, "
    "last_error = '', updated_at = ? WHERE saga_id = ? AND epoch = ? AND settled_epoch < epoch"};
constexpr Query kPostpone{
    "saga.Postpone",
    "UPDATE saga SET attempt = attempt + 1, due_at = ?, lease_until = NULL, settled_epoch = epoch, "
    "last_error = ?, "
    "updated_at = ? WHERE saga_id = ? AND epoch = ? AND settled_epoch < epoch"};
constexpr Query kRenew{"saga.Renew",
                       "UPDATE saga SET lease_until = UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND "
                       "WHERE saga_id = ? AND epoch = ? AND settled_epoch < epoch"};
constexpr Query kSettled{"saga.Settled", "SELECT settled_epoch FROM saga WHERE saga_id = ?"};

// Index: ix_saga__due_at; ended sagas have no due_at. Composed for the number of kinds.
std::string DueSql(std::string_view columns, const ClaimFilter& filter, std::string_view tail) {
  std::string kinds;
  for (size_t i = 0; i < filter.kinds.size(); ++i) kinds += i == 0 ? "?" : ", ?";
  return fmt::format(
      "SELECT {} FROM saga WHERE due_at <= ? AND (lease_until IS NULL OR lease_until <= "
      "UTC_TIMESTAMP(6)) "
      "AND kind IN ({}){} ORDER BY due_at {}",
      columns, kinds, filter.only ? " AND saga_id = ?" : "", tail);
}

Values DueValues(const ClaimFilter& filter, absl::Time now) {
  Values values{now};
  for (const std::string& kind : filter.kinds) values.emplace_back(kind);
  if (filter.only) values.emplace_back(*filter.only);
  return values;
}

absl::Status Fenced(const Saga& claimed) {
  return status::Error(absl::StatusCode::kAborted, "yilian", "SAGA_FENCED")
      .Message("the lease on this saga ran out and another runner has taken it")
      .Meta("saga_id", claimed.saga_id.ToString())
      .Meta("epoch", fmt::to_string(claimed.epoch));
}

absl::Status Written(const absl::StatusOr<int64_t>& matched, const Saga& claimed) {
  if (!matched.ok()) return matched.status();
  return *matched == 1 ? absl::OkStatus() : Fenced(claimed);
}

}  // namespace

absl::Status Start(Session& session, const base::Uuid& saga_id, std::string_view kind,
                   const base::Uuid& aggregate_id, std::string_view first_step,
                   const std::string& state, absl::Time now) {
  return session
      .Execute(kStart, saga_id, kind, aggregate_id, first_step, Blob{state}, now, now, now)
      .status();
}

absl::StatusOr<std::vector<base::Uuid>> ReadDue(Session& session, const ClaimFilter& filter,
                                                absl::Time now, int limit) {
  std::vector<base::Uuid> ids;
  if (filter.kinds.empty()) return ids;
  const std::string sql = DueSql("saga_id", filter, "LIMIT ?");
  Values values = DueValues(filter, now);
  values.emplace_back(limit);
  RETURN_IF_ERROR(session.SelectValues({"saga.ReadDue", sql}, values, [&](const Row& row) {
    ids.push_back(row.Id(0));
    return absl::OkStatus();
  }));
  return ids;
}

absl::StatusOr<std::optional<Saga>> Claim(Session& session, const ClaimFilter& filter,
                                          absl::Time now, absl::Duration lease) {
  std::optional<Saga> saga;
  if (filter.kinds.empty()) return saga;
  const std::string sql = DueSql("saga_id, kind, aggregate_id, step, state, attempt, epoch", filter,
                                 "LIMIT 1 FOR UPDATE SKIP LOCKED");
  RETURN_IF_ERROR(
      session.SelectValues({"saga.Claim", sql}, DueValues(filter, now), [&](const Row& row) {
        saga = Saga{row.Id(0),     row.Text(1),  row.Id(2),
                    row.Text(3),   row.Bytes(4), static_cast<int>(row.Int(5)),
                    row.Int(6) + 1};
        return absl::OkStatus();
      }));
  if (!saga) return saga;
  RETURN_IF_ERROR(session.Execute(kTake, absl::ToInt64Microseconds(lease), saga->saga_id).status());
  return saga;
}

absl::StatusOr<bool> Renew(Session& session, const Saga& claimed, absl::Duration lease) {
  ASSIGN_OR_RETURN(const int64_t matched, session.Execute(kRenew, absl::ToInt64Microseconds(lease),
                                                          claimed.saga_id, claimed.epoch));
  return matched == 1;
}

absl::Status Advance(Session& session, const Saga& claimed, const Next& next, absl::Time now) {
  std::optional<absl::Time> due_at;
  if (!next.step.empty()) due_at = now + next.delay;
  return Written(session.Execute(kAdvance, next.step, Blob{next.state}, due_at, now,
                                 claimed.saga_id, claimed.epoch),
                 claimed);
}

absl::Status Postpone(Session& session, const Saga& claimed, absl::Time due_at,
                      std::string_view error, absl::Time now) {
  return Written(session.Execute(kPostpone, due_at, error, now, claimed.saga_id, claimed.epoch),
                 claimed);
}

absl::StatusOr<bool> IsSettled(Session& session, const Saga& claimed) {
  ASSIGN_OR_RETURN(const std::optional<int64_t> settled,
                   session.SelectOne<int64_t>(
                       kSettled, [](const Row& row) { return row.Int(0); }, claimed.saga_id));
  return settled.value_or(0) == claimed.epoch;
}

}  // namespace yilian::saga
