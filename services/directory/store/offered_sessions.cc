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
constexpr Query kHeld{"directory.LockOfferedSeat",
                      "SELECT session_id, taken FROM offered_seat WHERE booking_id = ? FOR UPDATE"};
constexpr Query kMove{"directory.MoveOfferedSeat",
                      "INSERT INTO offered_seat (booking_id, session_id, taken) VALUES (?, ?, ?) "
                      "ON DUPLICATE KEY UPDATE session_id = VALUES(session_id), "
                      "taken = VALUES(taken)"};
constexpr Query kCount{"directory.CountOfferedSeat",
                       "UPDATE offered_session SET taken = taken + ? WHERE session_id = ?"};
constexpr Query kOpen{
    "directory.OpenReservedSeats",
    "UPDATE offered_session SET reserved = GREATEST(reserved - ?, 0) WHERE session_id = ?"};

using Held = std::pair<base::Uuid, bool>;

}  // namespace

absl::Status Add(mysql::Session& sql, const Session& session) {
  return sql
      .Execute(kAdd, session.id, session.department, session.kind, session.starts_at, session.seats,
               session.reserved)
      .status();
}

absl::Status Move(mysql::Session& sql, const base::Uuid& booking, const base::Uuid& session,
                  bool taken) {
  ASSIGN_OR_RETURN(
      const std::optional<Held> before,
      sql.SelectOne<Held>(
          kHeld, [](const Row& row) { return Held(row.Id(0), row.Bool(1)); }, booking));
  if (before && *before == Held(session, taken)) return absl::OkStatus();
  if (before && before->second) {
    RETURN_IF_ERROR(sql.Execute(kCount, -1, before->first).status());
  }
  if (taken) RETURN_IF_ERROR(sql.Execute(kCount, 1, session).status());
  return sql.Execute(kMove, booking, session, taken).status();
}

absl::Status Open(mysql::Session& sql, const base::Uuid& session, int64_t seats) {
  return sql.Execute(kOpen, seats, session).status();
}

}  // namespace yilian::directory::offered
