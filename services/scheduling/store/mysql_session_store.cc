#include "services/scheduling/store/mysql_session_store.h"

#include <map>
#include <optional>
#include <utility>

#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "services/scheduling/domain/errors.h"
#include "services/scheduling/store/events.h"
#include "services/scheduling/store/party_rows.h"
#include "services/scheduling/store/seat_rows.h"
#include "services/scheduling/store/session_rows.h"
#include "services/scheduling/store/travel_rows.h"
#include "services/scheduling/store/upkeep.h"

namespace yilian::scheduling {
namespace {

absl::StatusOr<Booker> LoadBooker(mysql::Session& sql, OrganizationId organization, bool green) {
  Booker booker{.green = green};
  if (!organization.is_nil()) {
    ASSIGN_OR_RETURN(booker.organization, LoadOrganization(sql, organization));
  }
  return booker;
}

SessionView ViewFor(const Booker& booker, const SessionRow& row,
                    const std::vector<PoolCount>& pools, absl::Time now) {
  SessionView view{.session = row.session};
  for (const PoolCount& pool : pools) {
    if (pool.pool.kind == PoolKind::kOpen) continue;
    view.quotas.push_back({pool.pool.kind, pool.pool.organization, static_cast<int>(pool.seats)});
  }
  if (!row.session.ClosedAt(now)) view.free_seats = CountFree(booker, row.consortium, pools).mine;
  return view;
}

}  // namespace

absl::StatusOr<v1::Session> MysqlSessionStore::Create(const unit::WriteContext& context,
                                                      const NewSession& offer,
                                                      OrganizationId booking_organization) {
  return unit_of_work_.Run<v1::Session>(
      context, [&](unit::Scope& scope) -> absl::StatusOr<v1::Session> {
        mysql::Session& sql = scope.sql();
        ASSIGN_OR_RETURN(const PlannedSession planned,
                         PlanSession(SessionId::New(scope.now()), offer, rules_, scope.now()));
        const Session& session = planned.session;
        if (!session.practitioner.is_nil()) {
          RETURN_IF_ERROR(GuardExpert(sql, session.practitioner));
          RETURN_IF_ERROR(CheckExpertFree(sql, session, rules_.travel));
        }
        RETURN_IF_ERROR(StoreSession(sql, planned, std::nullopt, scope.now()));
        ASSIGN_OR_RETURN(const std::optional<SessionRow> row, LoadSession(sql, session.id));
        ASSIGN_OR_RETURN(const std::vector<PoolCount> pools, CountPools(sql, session.id));
        ASSIGN_OR_RETURN(const Booker booker, LoadBooker(sql, booking_organization, false));
        const SessionView view = ViewFor(booker, *row, pools, scope.now());
        scope.Append(events::SessionCreated(view, planned.pools, encoding_, scope.now()));
        return encoding_.session(view);
      });
}

absl::StatusOr<SessionView> MysqlSessionStore::Get(SessionId id,
                                                   OrganizationId booking_organization,
                                                   absl::Time deadline) {
  std::optional<SessionView> view;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& sql) -> absl::Status {
        ASSIGN_OR_RETURN(const std::optional<SessionRow> row, LoadSession(sql, id));
        if (!row) return errors::SessionNotFound();
        ASSIGN_OR_RETURN(const Booker booker, LoadBooker(sql, booking_organization, false));
        ASSIGN_OR_RETURN(const std::vector<PoolCount> pools, CountPools(sql, id));
        view = ViewFor(booker, *row, pools, unit_of_work_.clock().Now());
        return absl::OkStatus();
      }));
  return *std::move(view);
}

absl::StatusOr<SessionPage> MysqlSessionStore::Search(const SessionSearch& search,
                                                      absl::Time deadline) {
  SessionPage page;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& sql) -> absl::Status {
        page = SessionPage();
        const absl::Time now = unit_of_work_.clock().Now();
        ASSIGN_OR_RETURN(const Booker booker,
                         LoadBooker(sql, search.booking_organization, search.green));
        ASSIGN_OR_RETURN(
            std::vector<SessionRow> rows,
            FindSessions(sql, search.filter, booker, search.after, search.limit + 1, now));
        page.more = rows.size() > static_cast<size_t>(search.limit);
        if (page.more) rows.pop_back();
        std::vector<SessionId> ids;
        for (const SessionRow& row : rows) ids.push_back(row.session.id);
        ASSIGN_OR_RETURN(auto pools, CountPools(sql, ids));
        for (const SessionRow& row : rows) {
          SessionView view = ViewFor(booker, row, pools[row.session.id], now);
          // The last seat may have gone between the two reads; the page's end stays where it is.
          page.last = {row.session.time.start, row.session.id};
          if (view.free_seats > 0) page.sessions.push_back(std::move(view));
        }
        return absl::OkStatus();
      }));
  return page;
}

}  // namespace yilian::scheduling
