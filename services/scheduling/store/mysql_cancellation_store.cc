#include "services/scheduling/store/mysql_cancellation_store.h"

#include <optional>
#include <string>

#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "common/saga/timer.h"
#include "services/scheduling/domain/errors.h"
#include "services/scheduling/store/cancellation_rows.h"
#include "services/scheduling/store/events.h"
#include "services/scheduling/store/rebooking.h"
#include "services/scheduling/store/seat_rows.h"
#include "services/scheduling/store/session_rows.h"

namespace yilian::scheduling {

absl::StatusOr<v1::SessionCancellation> MysqlCancellationStore::Cancel(
    const unit::WriteContext& context, SessionId id, const Actor& by, std::string_view reason) {
  return unit_of_work_.Run<v1::SessionCancellation>(
      context, [&](unit::Scope& scope) -> absl::StatusOr<v1::SessionCancellation> {
        mysql::Session& sql = scope.sql();
        ASSIGN_OR_RETURN(std::optional<SessionRow> row, LockSession(sql, id));
        if (!row) return errors::SessionNotFound();
        Session& session = row->session;
        ASSIGN_OR_RETURN(const std::optional<SessionCancellation> before,
                         LoadCancellation(sql, id));
        const bool own = by.service || by.organization == session.organization;
        if (before && own) return encode_(*before);
        RETURN_IF_ERROR(CheckCancel(session, by, scope.now()));
        // Who is about to take a seat is waited for and counted; who comes later finds it closed.
        RETURN_IF_ERROR(LockSeats(sql, id).status());
        RETURN_IF_ERROR(CloseSession(sql, session));
        RETURN_IF_ERROR(CloseSeats(sql, id));
        RETURN_IF_ERROR(saga::CancelTimer(sql, kReleaseTimer, id.uuid(), ""));
        SessionCancellation cancellation{.session = id,
                                         .organization = session.organization,
                                         .reason = std::string(reason),
                                         .cancelled_at = scope.now()};
        ASSIGN_OR_RETURN(cancellation.bookings, NoteBookings(sql, id));
        cancellation.pending = cancellation.bookings;
        RETURN_IF_ERROR(InsertCancellation(sql, cancellation));
        RETURN_IF_ERROR(saga::SetTimer(sql, {.kind = std::string(kRebookingTimer),
                                             .aggregate_id = id.uuid(),
                                             .due_at = scope.now()}));
        scope.Append(events::SessionCancelled(session, cancellation, scope.now()));
        scope.Subject("session", id.uuid(), base::Uuid());
        return encode_(cancellation);
      });
}

absl::StatusOr<SessionCancellation> MysqlCancellationStore::Get(SessionId id, const Actor& by,
                                                                absl::Time deadline) {
  std::optional<SessionCancellation> found;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& sql) -> absl::Status {
        ASSIGN_OR_RETURN(found, LoadCancellation(sql, id));
        return absl::OkStatus();
      }));
  if (!found || (!by.service && by.organization != found->organization)) {
    return errors::SessionNotFound();
  }
  return *std::move(found);
}

}  // namespace yilian::scheduling
