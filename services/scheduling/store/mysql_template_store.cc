#include "services/scheduling/store/mysql_template_store.h"

#include <algorithm>
#include <map>
#include <utility>

#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "services/scheduling/domain/template_check.h"
#include "services/scheduling/domain/template_errors.h"
#include "services/scheduling/store/availability_rows.h"
#include "services/scheduling/store/party_rows.h"
#include "services/scheduling/store/template_events.h"
#include "services/scheduling/store/template_rows.h"
#include "services/scheduling/store/travel_rows.h"

namespace yilian::scheduling {
namespace {

absl::StatusOr<SessionTemplate> LockOwn(mysql::Session& sql, TemplateId id, const Actor& by,
                                        const std::string& etag) {
  ASSIGN_OR_RETURN(std::optional<SessionTemplate> found, LockTemplate(sql, id));
  if (!found || !found->IsOwn(by)) return errors::TemplateNotFound();
  if (found->etag() != etag) return errors::EtagStale(found->etag());
  if (found->ended_at) return errors::Ended(*found->ended_at);
  return *std::move(found);
}

// At the organization itself where the plan names no site.
TemplatePlan AtSite(TemplatePlan plan, OrganizationId organization) {
  if (plan.site.is_nil()) plan.site = organization;
  return plan;
}

// The first occurrence that a session keeps from its time.
absl::Status CheckFree(const std::vector<Occurrence>& planned, const std::vector<BusySpan>& busy,
                       OrganizationId place, const TravelTimes& travel,
                       errors::OverlapSubject subject) {
  for (const Occurrence& occurrence : planned) {
    const auto clash = FirstTravelClash(busy, occurrence.time, place, travel);
    if (clash) return errors::SessionInTheWay(subject, occurrence, *clash);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status MysqlTemplateStore::GuardAndCheck(mysql::Session& sql, const SessionTemplate& wanted,
                                               absl::Time now) const {
  const TemplatePlan& plan = wanted.plan;
  RETURN_IF_ERROR(GuardPlan(sql, plan));
  RETURN_IF_ERROR(GuardSite(sql, plan.site));
  ASSIGN_OR_RETURN(const PlanGround ground, upkeep_.GroundOf(sql, plan));
  const absl::CivilDay today = absl::ToCivilDay(now, ground.site.zone);
  RETURN_IF_ERROR(CheckPlan(plan, ground, today));
  ASSIGN_OR_RETURN(const Organization offering, LoadOrganization(sql, wanted.organization));
  ASSIGN_OR_RETURN(const std::vector<Organization> reserved, LoadReserved(sql, plan.quotas));
  RETURN_IF_ERROR(CheckReserves(plan.quotas, "plan.quotas", offering, reserved));
  RETURN_IF_ERROR(CheckOthers(sql, wanted, ground, today));
  return CheckSessions(sql, wanted, ground, now);
}

absl::Status MysqlTemplateStore::CheckOthers(mysql::Session& sql, const SessionTemplate& wanted,
                                             const PlanGround& ground, absl::CivilDay today) const {
  std::vector<SessionTemplate> others;
  // A day earlier, for the last date of a template whose site's clock is behind.
  if (!wanted.plan.practitioner.is_nil()) {
    ASSIGN_OR_RETURN(others, TemplatesOf(sql, wanted.plan.practitioner, today - 1));
  }
  if (!wanted.plan.resource.none()) {
    ASSIGN_OR_RETURN(std::vector<SessionTemplate> there,
                     TemplatesAt(sql, wanted.plan.site, today - 1));
    std::move(there.begin(), there.end(), std::back_inserter(others));
  }
  std::vector<BusySpan> elsewhere;
  for (const SessionTemplate& other : others) elsewhere.push_back({.site = other.plan.site});
  ASSIGN_OR_RETURN(const TravelTimes travel,
                   LoadTravelTimes(sql, wanted.plan.site, elsewhere, upkeep_.parts().rules.travel));
  for (const SessionTemplate& other : others) {
    if (other.id == wanted.id) continue;
    ASSIGN_OR_RETURN(const PlanGround other_ground, upkeep_.GroundOf(sql, other.plan));
    RETURN_IF_ERROR(CheckOverlap(wanted.plan, ground, other, other_ground, travel, today));
  }
  return absl::OkStatus();
}

absl::Status MysqlTemplateStore::CheckSessions(mysql::Session& sql, const SessionTemplate& wanted,
                                               const PlanGround& ground, absl::Time now) const {
  const TemplatePlan& plan = wanted.plan;
  const absl::CivilDay today = absl::ToCivilDay(now, ground.site.zone);
  std::vector<Occurrence> planned =
      OccurrencesIn(plan, ground, today, std::max(today, plan.effective_from) + kDaysLookedThrough);
  while (!planned.empty() && planned.front().time.start <= now) planned.erase(planned.begin());
  if (planned.empty()) return absl::OkStatus();
  const Span window{planned.front().time.start, planned.back().time.end};
  if (!plan.practitioner.is_nil()) {
    ASSIGN_OR_RETURN(const auto busy, BusySpansOf(sql, plan.practitioner, window, wanted.id));
    const OrganizationId place = PlaceOf(plan.kind, plan.site);
    ASSIGN_OR_RETURN(const TravelTimes travel,
                     LoadTravelTimes(sql, place, busy, upkeep_.parts().rules.travel));
    RETURN_IF_ERROR(CheckFree(planned, busy, place, travel, errors::OverlapSubject::kExpert));
  }
  if (plan.resource.none()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto busy, BusySpansOf(sql, plan.site, plan.resource, window, wanted.id));
  return CheckFree(planned, busy, OrganizationId(), TravelTimes({}),
                   errors::OverlapSubject::kResource);
}

absl::StatusOr<v1::SessionTemplate> MysqlTemplateStore::Answer(unit::Scope& scope,
                                                               const SessionTemplate& made,
                                                               int conflicts,
                                                               std::string_view event) const {
  ASSIGN_OR_RETURN(const Site site,
                   LoadSite(scope.sql(), made.plan.site, upkeep_.parts().template_rules));
  const TemplateView view{made, site.zone_name, conflicts};
  scope.Append(events::TemplateChanged(event, view, upkeep_.parts().templates, scope.now()));
  scope.Subject("session_template", made.id.uuid(), base::Uuid());
  return upkeep_.parts().templates.made(view);
}

absl::StatusOr<v1::SessionTemplate> MysqlTemplateStore::Apply(unit::Scope& scope,
                                                              const SessionTemplate& after,
                                                              std::string_view event) const {
  RETURN_IF_ERROR(SaveTemplate(scope.sql(), after, scope.now()));
  std::vector<outbox::NewEvent> follow;
  ASSIGN_OR_RETURN(const int conflicts, upkeep_.Retract(scope.sql(), after, scope.now(), follow));
  absl::StatusOr<v1::SessionTemplate> answer = Answer(scope, after, conflicts, event);
  for (outbox::NewEvent& one : follow) scope.Append(std::move(one));
  return answer;
}

absl::StatusOr<v1::SessionTemplate> MysqlTemplateStore::Create(const unit::WriteContext& context,
                                                               OrganizationId organization,
                                                               const TemplatePlan& plan) {
  return unit_of_work_.Run<v1::SessionTemplate>(
      context, [&](unit::Scope& scope) -> absl::StatusOr<v1::SessionTemplate> {
        const SessionTemplate made{.id = TemplateId::New(scope.now()),
                                   .organization = organization,
                                   .plan = AtSite(plan, organization)};
        RETURN_IF_ERROR(GuardAndCheck(scope.sql(), made, scope.now()));
        RETURN_IF_ERROR(InsertTemplate(scope.sql(), made, scope.now()));
        RETURN_IF_ERROR(SetTemplateTimer(scope.sql(), made.id, scope.now()));
        return Answer(scope, made, 0, events::kTemplateCreated);
      });
}

absl::StatusOr<v1::SessionTemplate> MysqlTemplateStore::Change(const unit::WriteContext& context,
                                                               TemplateId id, const Actor& by,
                                                               const std::string& etag,
                                                               const TemplatePlan& plan) {
  return unit_of_work_.Run<v1::SessionTemplate>(
      context, [&](unit::Scope& scope) -> absl::StatusOr<v1::SessionTemplate> {
        mysql::Session& sql = scope.sql();
        // For whose it is: what the new plan runs into is locked before the template, and nobody
        // learns of that from a template of others.
        ASSIGN_OR_RETURN(std::optional<SessionTemplate> seen, LoadTemplate(sql, id));
        if (!seen || !seen->IsOwn(by)) return errors::TemplateNotFound();
        if (seen->etag() != etag) return errors::EtagStale(seen->etag());
        SessionTemplate after = *std::move(seen);
        after.plan = AtSite(plan, after.organization);
        if (after.ended_at) return errors::Ended(*after.ended_at);
        RETURN_IF_ERROR(GuardAndCheck(sql, after, scope.now()));
        RETURN_IF_ERROR(LockOwn(sql, id, by, etag).status());
        ++after.version;
        return Apply(scope, after, events::kTemplateChanged);
      });
}

absl::StatusOr<v1::SessionTemplate> MysqlTemplateStore::End(const unit::WriteContext& context,
                                                            TemplateId id, const Actor& by,
                                                            const std::string& etag,
                                                            std::optional<absl::CivilDay> last) {
  return unit_of_work_.Run<v1::SessionTemplate>(
      context, [&](unit::Scope& scope) -> absl::StatusOr<v1::SessionTemplate> {
        mysql::Session& sql = scope.sql();
        ASSIGN_OR_RETURN(const SessionTemplate before, LockOwn(sql, id, by, etag));
        ASSIGN_OR_RETURN(const Site site,
                         LoadSite(sql, before.plan.site, upkeep_.parts().template_rules));
        const absl::CivilDay today = absl::ToCivilDay(scope.now(), site.zone);
        ASSIGN_OR_RETURN(const SessionTemplate after,
                         EndTemplate(before, last.value_or(today), today, scope.now()));
        return Apply(scope, after, events::kTemplateEnded);
      });
}

absl::StatusOr<TemplateView> MysqlTemplateStore::Get(TemplateId id, const Actor& by,
                                                     absl::Time deadline) {
  std::optional<TemplateView> view;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& sql) -> absl::Status {
        ASSIGN_OR_RETURN(std::optional<SessionTemplate> found, LoadTemplate(sql, id));
        if (!found || !found->IsOwn(by)) return errors::TemplateNotFound();
        ASSIGN_OR_RETURN(const Site site,
                         LoadSite(sql, found->plan.site, upkeep_.parts().template_rules));
        ASSIGN_OR_RETURN(auto conflicts, CountConflicts(sql, {id}));
        view = TemplateView{*std::move(found), site.zone_name, conflicts[id]};
        return absl::OkStatus();
      }));
  return *std::move(view);
}

absl::StatusOr<std::vector<TemplateView>> MysqlTemplateStore::List(const TemplateFilter& filter,
                                                                   TemplateId after, int limit,
                                                                   absl::Time deadline) {
  std::vector<TemplateView> views;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& sql) -> absl::Status {
        views.clear();
        ASSIGN_OR_RETURN(std::vector<SessionTemplate> found,
                         ListTemplates(sql, filter, after, limit));
        std::vector<TemplateId> ids;
        for (const SessionTemplate& made : found) ids.push_back(made.id);
        ASSIGN_OR_RETURN(auto conflicts, CountConflicts(sql, ids));
        std::map<OrganizationId, std::string> zones;
        for (SessionTemplate& made : found) {
          const auto [zone, fresh] = zones.try_emplace(made.plan.site);
          if (fresh) {
            ASSIGN_OR_RETURN(Site site,
                             LoadSite(sql, made.plan.site, upkeep_.parts().template_rules));
            zone->second = std::move(site.zone_name);
          }
          const TemplateId id = made.id;
          views.push_back({std::move(made), zone->second, conflicts[id]});
        }
        return absl::OkStatus();
      }));
  return views;
}

absl::StatusOr<std::vector<TemplateConflict>> MysqlTemplateStore::ListConflicts(
    const ConflictFilter& filter, const ConflictPosition& after, int limit, absl::Time deadline) {
  std::vector<TemplateConflict> conflicts;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& sql) -> absl::Status {
        ASSIGN_OR_RETURN(conflicts, scheduling::ListConflicts(sql, filter, after, limit));
        return absl::OkStatus();
      }));
  return conflicts;
}

}  // namespace yilian::scheduling
