#include "services/scheduling/store/mysql_session_store.h"

#include <map>
#include <optional>
#include <utility>

#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "services/scheduling/domain/errors.h"
#include "services/scheduling/domain/single_session.h"
#include "services/scheduling/domain/template_check.h"
#include "services/scheduling/store/availability_rows.h"
#include "services/scheduling/store/events.h"
#include "services/scheduling/store/party_rows.h"
#include "services/scheduling/store/seat_rows.h"
#include "services/scheduling/store/session_rows.h"
#include "services/scheduling/store/template_rows.h"
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
        NewSession wanted = offer;
        if (wanted.site.is_nil()) wanted.site = wanted.organization;
        ASSIGN_OR_RETURN(const Site site, LoadSite(sql, wanted.site, template_rules_));
        wanted.date = HoursOf(wanted.time, site).date;
        ASSIGN_OR_RETURN(const PlannedSession planned,
                         PlanSession(SessionId::New(scope.now()), wanted, rules_, scope.now()));
        const Session& session = planned.session;
        RETURN_IF_ERROR(GuardAndCheck(sql, wanted, session));
        RETURN_IF_ERROR(StoreSession(sql, planned, std::nullopt, scope.now()));
        ASSIGN_OR_RETURN(const std::optional<SessionRow> row, LoadSession(sql, session.id));
        ASSIGN_OR_RETURN(const std::vector<PoolCount> pools, CountPools(sql, session.id));
        ASSIGN_OR_RETURN(const Booker booker, LoadBooker(sql, booking_organization, false));
        const SessionView view = ViewFor(booker, *row, pools, scope.now());
        scope.Append(events::SessionCreated(view, planned.pools, encoding_, scope.now()));
        return encoding_.session(view);
      });
}

absl::Status MysqlSessionStore::GuardAndCheck(mysql::Session& sql, const NewSession& offer,
                                              const Session& session) const {
  const bool expert = !session.practitioner.is_nil();
  if (expert) RETURN_IF_ERROR(GuardExpert(sql, session.practitioner));
  if (!session.resource.none()) {
    RETURN_IF_ERROR(GuardResource(sql, session.site, session.resource));
  }
  RETURN_IF_ERROR(GuardSite(sql, session.site));
  // Anew under its guard.
  ASSIGN_OR_RETURN(const Site site, LoadSite(sql, session.site, template_rules_));
  RETURN_IF_ERROR(CheckAtSite(offer, site, template_rules_.holidays));
  ASSIGN_OR_RETURN(const Organization offering, LoadOrganization(sql, session.organization));
  ASSIGN_OR_RETURN(const std::vector<Organization> reserved, LoadReserved(sql, offer.quotas));
  RETURN_IF_ERROR(CheckReserves(offer.quotas, "quotas", offering, reserved));
  if (expert) {
    ASSIGN_OR_RETURN(const std::optional<Absence> absence,
                     AbsenceDuring(sql, session.organization, session.practitioner, session.time));
    if (absence) return errors::ExpertAbsent(*absence);
    RETURN_IF_ERROR(CheckExpertFree(sql, session, rules_.travel));
  }
  if (session.resource.none()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<BusySpan> busy,
                   BusySpansOf(sql, session.site, session.resource, session.time, TemplateId()));
  if (busy.empty()) return absl::OkStatus();
  return errors::ResourceOverlap(busy.front().session, HoursOf(session.time, site).date);
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
  if (!search.patient.is_nil()) RETURN_IF_ERROR(KeepFit(search.patient, page.sessions, deadline));
  return page;
}

absl::Status MysqlSessionStore::KeepFit(PatientId patient, std::vector<SessionView>& sessions,
                                        absl::Time deadline) const {
  FitAnswers answers;
  FitLookup asked(answers);
  for (const SessionView& view : sessions) asked.Expect(patient, {view.session.fit_question()});
  RETURN_IF_ERROR(answers.Ask(patients_, asked.open(), deadline));
  const auto fit = [&](const SessionView& view) {
    return answers.Of(patient, view.session.fit_question()).value_or(Fit::kFits);
  };
  std::erase_if(sessions, [&](const auto& view) { return fit(view) == Fit::kDoesNotFit; });
  for (SessionView& view : sessions) view.fit_unknown = fit(view) == Fit::kNotKnown;
  return absl::OkStatus();
}

}  // namespace yilian::scheduling
