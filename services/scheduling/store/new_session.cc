#include "services/scheduling/store/new_session.h"

#include <algorithm>
#include <vector>

#include "common/base/status_macros.h"
#include "common/saga/timer.h"
#include "services/scheduling/store/events.h"
#include "services/scheduling/store/seat_rows.h"
#include "services/scheduling/store/template_events.h"
#include "services/scheduling/store/template_rows.h"
#include "services/scheduling/store/upkeep.h"

namespace yilian::scheduling {
namespace {

// As everybody sees it: what is kept for whom.
SessionView ViewOf(const PlannedSession& planned) {
  SessionView view{.session = planned.session, .free_seats = planned.session.seats};
  for (const SeatPool& pool : planned.pools) {
    if (pool.kind == PoolKind::kOpen) continue;
    const auto same = std::find_if(view.quotas.begin(), view.quotas.end(), [&](const Quota& one) {
      return one.kind == pool.kind && one.organization == pool.organization;
    });
    if (same != view.quotas.end()) {
      ++same->seats;
    } else {
      view.quotas.push_back({pool.kind, pool.organization, 1});
    }
  }
  return view;
}

}  // namespace

absl::StatusOr<outbox::NewEvent> AddSession(mysql::Session& sql, const PlannedSession& planned,
                                            const std::optional<TemplatePlace>& place,
                                            const Encoding& encoding, absl::Time now) {
  RETURN_IF_ERROR(StoreSession(sql, planned, place, now));
  return events::SessionCreated(ViewOf(planned), planned.pools, encoding, now);
}

absl::StatusOr<std::optional<outbox::NewEvent>> WithdrawIfFree(mysql::Session& sql, SessionId id,
                                                               absl::CivilDay date,
                                                               absl::Time now) {
  ASSIGN_OR_RETURN(std::optional<SessionRow> row, LockSession(sql, id));
  if (!row) return absl::InternalError("a session that is to be withdrawn is gone");
  ASSIGN_OR_RETURN(const bool taken, LockSeats(sql, id));
  if (taken) return std::optional<outbox::NewEvent>();
  RETURN_IF_ERROR(RemoveSeats(sql, id));
  RETURN_IF_ERROR(WithdrawSession(sql, row->session));
  RETURN_IF_ERROR(saga::CancelTimer(sql, kReleaseTimer, id.uuid(), ""));
  return std::optional(events::SessionWithdrawn(row->session, date, now));
}

}  // namespace yilian::scheduling
