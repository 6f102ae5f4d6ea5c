#include "common/saga/inspect.h"

#include "common/mysql/query.h"

namespace yilian::saga {
namespace {

using mysql::Query;
using mysql::Row;

// Index: ix_saga__due_at; ended sagas have no due_at.
constexpr Query kOpen{
    "saga.ListOpen",
    "SELECT saga_id, kind, aggregate_id, step, attempt, epoch, due_at, "
    "COALESCE(lease_until > UTC_TIMESTAMP(6), 0), last_error, started_at FROM saga "
    "WHERE due_at IS NOT NULL ORDER BY due_at LIMIT ?"};
// Index: ix_timer__try_at; try_at is never before due_at.
constexpr Query kOverdue{
    "timer.ListOverdue",
    "SELECT kind, aggregate_id, name, due_at, try_at, attempt, last_error FROM timer "
    "WHERE due_at < ? ORDER BY try_at LIMIT ?"};

}  // namespace

absl::StatusOr<std::vector<OpenSaga>> ListOpenSagas(mysql::Session& session, int limit) {
  return session.SelectAll<OpenSaga>(
      kOpen,
      [](const Row& row) {
        return OpenSaga{
            row.Id(0),  row.Text(1), row.Id(2),   row.Text(3), static_cast<int>(row.Int(4)),
            row.Int(5), row.Time(6), row.Bool(7), row.Text(8), row.Time(9)};
      },
      limit);
}

absl::StatusOr<std::vector<OverdueTimer>> ListOverdueTimers(mysql::Session& session, absl::Time now,
                                                            int limit) {
  return session.SelectAll<OverdueTimer>(
      kOverdue,
      [](const Row& row) {
        return OverdueTimer{row.Text(0), row.Id(1),   row.Text(2),
                            row.Time(3), row.Time(4), static_cast<int>(row.Int(5)),
                            row.Text(6)};
      },
      now, limit);
}

}  // namespace yilian::saga
