#include "services/scheduling/store/seat_rows.h"

#include <algorithm>
#include <string>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "common/status/error.h"
#include "services/scheduling/domain/errors.h"
#include "services/scheduling/store/session_list.h"

namespace yilian::scheduling {
namespace {

using mysql::Query;

// Index, all four: ix_seat__session_id_state_pool, named because a plan by the primary key would
// lock the seats it passes.
#define YILIAN_FREE_SEAT                                                             \
  "SELECT seat_number FROM seat FORCE INDEX (ix_seat__session_id_state_pool) WHERE " \
  "session_id = ? AND state = 'FREE' AND pool = ? AND pool_organization_id = ?"
#define YILIAN_NOT_BLOCKED \
  " AND seat_number NOT BETWEEN ? AND ? AND seat_number NOT BETWEEN ? AND ?"
#define YILIAN_NONE_BLOCKED \
  YILIAN_NOT_BLOCKED YILIAN_NOT_BLOCKED YILIAN_NOT_BLOCKED YILIAN_NOT_BLOCKED
#define YILIAN_FIRST_FOR_UPDATE " ORDER BY seat_number LIMIT 1 FOR UPDATE"

// SKIP LOCKED: callers take different free seats instead of queueing for the first.
constexpr Query kTakeFreeSeat{"scheduling.TakeFreeSeat",
                              YILIAN_FREE_SEAT YILIAN_FIRST_FOR_UPDATE " SKIP LOCKED"};
constexpr Query kTakeUnblockedSeat{"scheduling.TakeUnblockedSeat",
                                   YILIAN_FREE_SEAT YILIAN_NONE_BLOCKED YILIAN_FIRST_FOR_UPDATE
                                   " SKIP LOCKED"};
constexpr Query kAwaitFreeSeat{"scheduling.AwaitFreeSeat",
                               YILIAN_FREE_SEAT YILIAN_FIRST_FOR_UPDATE};
constexpr Query kAwaitUnblockedSeat{"scheduling.AwaitUnblockedSeat",
                                    YILIAN_FREE_SEAT YILIAN_NONE_BLOCKED YILIAN_FIRST_FOR_UPDATE};
// Index: ix_seat__session_id_state_pool; ends at the first seat. Fewer pools than four: the last
// one again.
#define YILIAN_POOL "(pool = ? AND pool_organization_id = ?)"
constexpr Query kAnyFreeIn{"scheduling.AnyFreeIn",
                           "SELECT 1 FROM seat WHERE session_id = ? AND state = 'FREE' AND "
                           "(" YILIAN_POOL " OR " YILIAN_POOL " OR " YILIAN_POOL " OR " YILIAN_POOL
                           ") LIMIT 1"};
constexpr size_t kPoolsOfOne = 4;

// Primary key.
constexpr Query kMarkTaken{"scheduling.MarkTaken",
                           "UPDATE seat SET state = 'TAKEN', booking_id = ? WHERE session_id = ? "
                           "AND seat_number = ? AND state IN ('FREE', 'ASIDE')"};
// Primary key, these three.
constexpr Query kMarkGivenBack{"scheduling.MarkGivenBack",
                               "UPDATE seat SET state = ?, booking_id = NULL WHERE session_id = ? "
                               "AND seat_number = ? AND booking_id = ?"};
constexpr Query kLockAside{"scheduling.LockAside",
                           "SELECT pool, pool_organization_id FROM seat WHERE session_id = ? AND "
                           "seat_number = ? AND state = 'ASIDE' FOR UPDATE"};
constexpr Query kOpenToAll{"scheduling.OpenToAll",
                           "UPDATE seat SET state = 'FREE' WHERE session_id = ? AND seat_number = "
                           "? AND state = 'ASIDE'"};
// Index: ix_seat__session_id_state_pool.
constexpr Query kAnyFree{"scheduling.AnyFree",
                         "SELECT 1 FROM seat WHERE session_id = ? AND state = 'FREE' LIMIT 1"};
// Indexes: ix_session__department_id_starts_at, ix_seat__session_id_state_pool.
constexpr Query kCountFreeInDepartment{
    "scheduling.CountFreeInDepartment",
    "SELECT COUNT(t.seat_number) FROM session s JOIN seat t ON t.session_id = s.session_id AND "
    "t.state = 'FREE' WHERE s.department_id = ? AND s.starts_at >= ? AND s.starts_at < ? AND "
    "s.cancelled = 0"};
// Primary key prefix; in seat order, as WidenPool locks them.
constexpr Query kLockSeats{"scheduling.LockSeats",
                           "SELECT state FROM seat FORCE INDEX (PRIMARY) WHERE session_id = ? "
                           "ORDER BY seat_number FOR UPDATE"};
constexpr Query kRemoveSeats{"scheduling.RemoveSeats", "DELETE FROM seat WHERE session_id = ?"};

#define YILIAN_POOL_COUNTS                                                                        \
  "SELECT session_id, pool, pool_organization_id, COUNT(*), COUNT(CASE WHEN state = 'FREE' THEN " \
  "1 END) "                                                                                       \
  "FROM seat WHERE "
#define YILIAN_BY_POOL " GROUP BY session_id, pool, pool_organization_id"
// Primary key prefix.
constexpr Query kCountPools{"scheduling.CountPools",
                            YILIAN_POOL_COUNTS "session_id = ?" YILIAN_BY_POOL};

PoolCount MakePoolCount(const mysql::Row& row) {
  return {
      .pool = {PoolKindFromName(row.Text(1)).value_or(PoolKind::kOpen), row.Id<OrganizationId>(2)},
      .seats = row.Int(3),
      .free = row.Int(4)};
}

// A seat's row was not as the transaction left it: a bug, never the caller's doing.
absl::Status SeatAstray(SessionId session, int seat_number) {
  return status::Error(absl::StatusCode::kInternal, errors::kDomain, "SEAT_ASTRAY")
      .Message("a seat is not in the state that its booking says")
      .Meta("session_id", session.ToString())
      .Meta("seat_number", std::to_string(seat_number));
}

SeatPool PoolOf(const mysql::Row& row) {
  return {PoolKindFromName(row.Text(0)).value_or(PoolKind::kOpen), row.Id<OrganizationId>(1)};
}

}  // namespace

absl::Status InsertSeats(mysql::Session& sql, SessionId session,
                         const std::vector<SeatPool>& pools) {
  std::string text =
      "INSERT INTO seat (session_id, seat_number, pool, pool_organization_id, state) VALUES ";
  mysql::Values values;
  for (size_t i = 0; i < pools.size(); ++i) {
    text += i == 0 ? "(?, ?, ?, ?, 'FREE')" : ", (?, ?, ?, ?, 'FREE')";
    values.emplace_back(session);
    values.emplace_back(static_cast<int64_t>(i + 1));
    values.emplace_back(Name(pools[i].kind));
    values.emplace_back(pools[i].organization);
  }
  return sql.ExecuteComposed("scheduling.InsertSeats", text, values).status();
}

absl::StatusOr<bool> LockSeats(mysql::Session& sql, SessionId session) {
  bool taken = false;
  RETURN_IF_ERROR(sql.SelectValues(kLockSeats, {session}, [&](const mysql::Row& row) {
    taken = taken || row.Text(0) == "TAKEN";
    return absl::OkStatus();
  }));
  return taken;
}

absl::Status RemoveSeats(mysql::Session& sql, SessionId session) {
  return sql.Execute(kRemoveSeats, session).status();
}

absl::StatusOr<std::optional<int>> LockFreeSeat(mysql::Session& sql, SessionId session,
                                                const SeatPool& pool,
                                                const std::vector<BlockedSeats>& blocked,
                                                Wait wait) {
  mysql::Values values{session, Name(pool.kind), pool.organization};
  if (!blocked.empty()) {
    for (size_t i = 0; i < kMaxBlockedRanges; ++i) {
      // Seats count from 1: the range 0 to 0 blocks nothing.
      values.emplace_back(i < blocked.size() ? blocked[i].first : 0);
      values.emplace_back(i < blocked.size() ? blocked[i].last : 0);
    }
  }
  const Query& query = wait == Wait::kNo ? (blocked.empty() ? kTakeFreeSeat : kTakeUnblockedSeat)
                                         : (blocked.empty() ? kAwaitFreeSeat : kAwaitUnblockedSeat);
  std::optional<int> number;
  RETURN_IF_ERROR(sql.SelectValues(query, values, [&](const mysql::Row& row) {
    number = static_cast<int>(row.Int(0));
    return absl::OkStatus();
  }));
  return number;
}

absl::Status MarkTaken(mysql::Session& sql, SessionId session, int seat_number, BookingId by) {
  ASSIGN_OR_RETURN(const int64_t rows, sql.Execute(kMarkTaken, by, session, seat_number));
  return rows == 1 ? absl::OkStatus() : SeatAstray(session, seat_number);
}

absl::Status MarkGivenBack(mysql::Session& sql, SessionId session, int seat_number, BookingId by,
                           GivenBack as) {
  const char* state = as == GivenBack::kFree    ? "FREE"
                      : as == GivenBack::kAside ? "ASIDE"
                                                : "CLOSED";
  ASSIGN_OR_RETURN(const int64_t rows,
                   sql.Execute(kMarkGivenBack, state, session, seat_number, by));
  return rows == 1 ? absl::OkStatus() : SeatAstray(session, seat_number);
}

absl::StatusOr<std::optional<SeatPool>> LockAside(mysql::Session& sql, SessionId session,
                                                  int seat_number) {
  return sql.SelectOne<SeatPool>(kLockAside, PoolOf, session, seat_number);
}

absl::Status OpenToAll(mysql::Session& sql, SessionId session, int seat_number) {
  return sql.Execute(kOpenToAll, session, seat_number).status();
}

absl::StatusOr<bool> AnyFree(mysql::Session& sql, SessionId session) {
  ASSIGN_OR_RETURN(const std::optional<int64_t> found,
                   sql.SelectOne<int64_t>(
                       kAnyFree, [](const mysql::Row& row) { return row.Int(0); }, session));
  return found.has_value();
}

absl::StatusOr<bool> AnyFreeIn(mysql::Session& sql, SessionId session,
                               const std::vector<SeatPool>& pools) {
  mysql::Values values{session};
  for (size_t i = 0; i < kPoolsOfOne; ++i) {
    const SeatPool& pool = pools[std::min(i, pools.size() - 1)];
    values.emplace_back(Name(pool.kind));
    values.emplace_back(pool.organization);
  }
  bool any = false;
  RETURN_IF_ERROR(sql.SelectValues(kAnyFreeIn, values, [&](const mysql::Row&) {
    any = true;
    return absl::OkStatus();
  }));
  return any;
}

absl::StatusOr<std::vector<PoolCount>> CountPools(mysql::Session& sql, SessionId session) {
  return sql.SelectAll<PoolCount>(kCountPools, MakePoolCount, session);
}

absl::StatusOr<std::map<SessionId, std::vector<PoolCount>>> CountPools(
    mysql::Session& sql, const std::vector<SessionId>& sessions) {
  // Primary key prefix.
  static const SessionListQuery& query = *new SessionListQuery(
      "scheduling.CountPoolsIn", YILIAN_POOL_COUNTS "session_id IN ", YILIAN_BY_POOL);
  constexpr size_t kStep = SessionListQuery::kSessionsInList;
  std::map<SessionId, std::vector<PoolCount>> counts;
  for (size_t first = 0; first < sessions.size(); first += kStep) {
    const std::vector<SessionId> some(
        sessions.begin() + static_cast<ptrdiff_t>(first),
        sessions.begin() + static_cast<ptrdiff_t>(std::min(first + kStep, sessions.size())));
    mysql::Values values;
    SessionListQuery::Append(some, values);
    RETURN_IF_ERROR(sql.SelectValues(query.For(some), values, [&](const mysql::Row& row) {
      counts[row.Id<SessionId>(0)].push_back(MakePoolCount(row));
      return absl::OkStatus();
    }));
  }
  return counts;
}

absl::StatusOr<int64_t> CountFreeInDepartment(mysql::Session& sql, DepartmentId department,
                                              const Span& time) {
  ASSIGN_OR_RETURN(const std::optional<int64_t> count,
                   sql.SelectOne<int64_t>(
                       kCountFreeInDepartment, [](const mysql::Row& row) { return row.Int(0); },
                       department, time.start, time.end));
  return count.value_or(0);
}

absl::StatusOr<std::map<SessionId, int64_t>> WidenPool(mysql::Session& sql,
                                                       const std::vector<SessionId>& sessions,
                                                       const Release& release) {
  // Primary key prefix, both; in seat order, as every release locks them.
  static const SessionListQuery& lock = *new SessionListQuery(
      "scheduling.LockPool",
      "SELECT session_id, state FROM seat FORCE INDEX (PRIMARY) WHERE pool = ? AND session_id IN ",
      " ORDER BY session_id, seat_number FOR UPDATE");
  static const SessionListQuery& widen = *new SessionListQuery(
      "scheduling.WidenPool",
      "UPDATE seat SET pool = ?, pool_organization_id = ? WHERE pool = ? AND session_id IN ", "");
  mysql::Values of_pool{Name(release.from)};
  SessionListQuery::Append(sessions, of_pool);
  std::map<SessionId, int64_t> free;
  int64_t seats = 0;
  RETURN_IF_ERROR(sql.SelectValues(lock.For(sessions), of_pool, [&](const mysql::Row& row) {
    ++seats;
    if (row.Text(1) == "FREE") ++free[row.Id<SessionId>(0)];
    return absl::OkStatus();
  }));
  if (seats == 0) return free;
  mysql::Values widened{Name(release.to), base::Uuid()};
  widened.insert(widened.end(), of_pool.begin(), of_pool.end());
  RETURN_IF_ERROR(sql.ExecuteValues(widen.For(sessions), widened).status());
  return free;
}

}  // namespace yilian::scheduling
