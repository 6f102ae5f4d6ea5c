#include "services/directory/store/offered_sessions.h"

#include <optional>
#include <utility>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"

namespace yilian::directory::offered {
namespace {

using mysql::Query;
using mysql::Row;

// What was taken before the session was told of stays.
constexpr Query kAdd{
    "directory.AddOfferedSession",
    "INSERT INTO offered_session (session_id, department_id, kind, starts_at, seats, reserved, "
    "taken) VALUES (?, ?, ?, ?, ?, ?, 0) ON DUPLICATE KEY UPDATE session_id = session_id"};
constexpr Query kAddPool{
    "directory.AddOfferedPool",
    "INSERT INTO offered_pool (session_id, first_seat, last_seat, kind, organization_id, taken) "
    "VALUES (?, ?, ?, ?, ?, 0) ON DUPLICATE KEY UPDATE session_id = session_id"};
// Index, both: primary key, or its prefix.
constexpr Query kRemove{"directory.RemoveOfferedSession",
                        "DELETE FROM offered_session WHERE session_id = ?"};
constexpr Query kRemovePools{"directory.RemoveOfferedPools",
                             "DELETE FROM offered_pool WHERE session_id = ?"};
constexpr Query kHeld{"directory.LockOfferedSeat",
                      "SELECT session_id, COALESCE(seat_number, 0), taken FROM offered_seat WHERE "
                      "booking_id = ? FOR UPDATE"};
constexpr Query kMove{"directory.MoveOfferedSeat",
                      "INSERT INTO offered_seat (booking_id, session_id, seat_number, taken) "
                      "VALUES (?, ?, ?, ?) ON DUPLICATE KEY UPDATE session_id = "
                      "VALUES(session_id), seat_number = VALUES(seat_number), "
                      "taken = VALUES(taken)"};
constexpr Query kCount{"directory.CountOfferedSeat",
                       "UPDATE offered_session SET taken = taken + ? WHERE session_id = ?"};
// Index: primary key prefix, a handful of rows.
constexpr Query kCountInPool{
    "directory.CountOfferedSeatInPool",
    "UPDATE offered_pool SET taken = taken + ? WHERE session_id = ? AND ? BETWEEN first_seat AND "
    "last_seat"};
// Index: primary key prefix.
constexpr Query kWiden{"directory.WidenOfferedPool",
                       "UPDATE offered_pool SET kind = ?, organization_id = ? WHERE session_id = ? "
                       "AND kind = ?"};
constexpr Query kOpen{
    "directory.OpenReservedSeats",
    "UPDATE offered_session SET reserved = GREATEST(reserved - ?, 0) WHERE session_id = ?"};

using Held = std::pair<Seat, bool>;

absl::Status Count(mysql::Session& sql, const Seat& seat, int more) {
  RETURN_IF_ERROR(sql.Execute(kCount, more, seat.session).status());
  return sql.Execute(kCountInPool, more, seat.session, seat.number).status();
}

}  // namespace

absl::Status Add(mysql::Session& sql, const Session& session, const std::vector<Pool>& pools) {
  RETURN_IF_ERROR(sql.Execute(kAdd, session.id, session.department, session.kind, session.starts_at,
                              session.seats, session.reserved)
                      .status());
  for (const Pool& pool : pools) {
    RETURN_IF_ERROR(sql.Execute(kAddPool, session.id, pool.first_seat, pool.last_seat, pool.kind,
                                pool.organization)
                        .status());
  }
  return absl::OkStatus();
}

absl::Status Remove(mysql::Session& sql, const base::Uuid& session) {
  RETURN_IF_ERROR(sql.Execute(kRemove, session).status());
  return sql.Execute(kRemovePools, session).status();
}

absl::Status Move(mysql::Session& sql, const base::Uuid& booking, const Seat& seat, bool taken) {
  ASSIGN_OR_RETURN(const std::optional<Held> before,
                   sql.SelectOne<Held>(
                       kHeld,
                       [](const Row& row) {
                         return Held(Seat{row.Id(0), static_cast<int>(row.Int(1))}, row.Bool(2));
                       },
                       booking));
  if (before && *before == Held(seat, taken)) return absl::OkStatus();
  if (before && before->second) RETURN_IF_ERROR(Count(sql, before->first, -1));
  if (taken) RETURN_IF_ERROR(Count(sql, seat, 1));
  return sql.Execute(kMove, booking, seat.session, seat.number, taken).status();
}

absl::Status Widen(mysql::Session& sql, const Release& release) {
  RETURN_IF_ERROR(
      sql.Execute(kWiden, release.to, base::Uuid(), release.session, release.from).status());
  if (!release.to_everybody) return absl::OkStatus();
  return sql.Execute(kOpen, release.seats, release.session).status();
}

}  // namespace yilian::directory::offered
