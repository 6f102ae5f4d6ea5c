#include "services/scheduling/store/template_upkeep.h"

#include <optional>
#include <string>
#include <utility>

#include "common/base/status_macros.h"
#include "common/saga/timer.h"
#include "services/scheduling/store/availability_rows.h"
#include "services/scheduling/store/party_rows.h"
#include "services/scheduling/store/template_rows.h"

namespace yilian::scheduling {
namespace {

// The template's row, locked, with its plan guarded before; nothing: there is none.
absl::StatusOr<std::optional<SessionTemplate>> GuardAndLock(mysql::Session& sql, TemplateId id) {
  for (;;) {
    ASSIGN_OR_RETURN(const std::optional<SessionTemplate> seen, LoadTemplate(sql, id));
    if (!seen) return seen;
    RETURN_IF_ERROR(GuardPlan(sql, seen->plan));
    ASSIGN_OR_RETURN(std::optional<SessionTemplate> locked, LockTemplate(sql, id));
    // Changed meanwhile: another expert may want another guard. The row is locked by now, so that
    // the next turn is the last.
    if (!locked || locked->version == seen->version) return locked;
  }
}

}  // namespace

absl::Status GuardPlan(mysql::Session& sql, const TemplatePlan& plan) {
  if (!plan.practitioner.is_nil()) RETURN_IF_ERROR(GuardExpert(sql, plan.practitioner));
  if (!plan.resource.none()) RETURN_IF_ERROR(GuardResource(sql, plan.site, plan.resource));
  return absl::OkStatus();
}

absl::Status SetTemplateTimer(mysql::Session& sql, TemplateId id, absl::Time at) {
  return saga::SetTimer(sql, {.kind = std::string(kTemplateTimer),
                              .aggregate_id = id.uuid(),
                              .name = "look",
                              .due_at = at});
}

absl::StatusOr<PlanGround> TemplateUpkeep::GroundOf(mysql::Session& sql,
                                                    const TemplatePlan& plan) const {
  ASSIGN_OR_RETURN(Site site, LoadSite(sql, plan.site, parts_.template_rules));
  return PlanGround{std::move(site), parts_.template_rules.holidays, {}};
}

absl::StatusOr<PlanGround> TemplateUpkeep::GroundNow(mysql::Session& sql,
                                                     const SessionTemplate& made,
                                                     absl::Time now) const {
  ASSIGN_OR_RETURN(PlanGround ground, GroundOf(sql, made.plan));
  ASSIGN_OR_RETURN(ground.absences,
                   AbsencesAfter(sql, made.organization, made.plan.practitioner, now));
  return ground;
}

absl::Status TemplateUpkeep::Run(mysql::Session& sql, TemplateId id, absl::Time now) const {
  ASSIGN_OR_RETURN(const std::optional<SessionTemplate> made, GuardAndLock(sql, id));
  if (!made) return absl::OkStatus();
  ASSIGN_OR_RETURN(PlanGround ground, GroundNow(sql, *made, now));
  const absl::TimeZone zone = ground.site.zone;
  TemplateReplan replan(sql, parts_, *made, std::move(ground), now);
  RETURN_IF_ERROR(replan.Retract());
  ASSIGN_OR_RETURN(const bool more, replan.Fill(kSessionsAtOnce));
  ASSIGN_OR_RETURN(const int conflicts, replan.Finish());
  if (!replan.events().empty()) RETURN_IF_ERROR(outbox::Append(sql, replan.events()));
  const std::optional<absl::Time> next =
      more ? now : NextLook(*made, zone, parts_.template_rules, conflicts > 0, now);
  return next ? SetTemplateTimer(sql, id, *next) : absl::OkStatus();
}

absl::StatusOr<int> TemplateUpkeep::Retract(mysql::Session& sql, const SessionTemplate& made,
                                            absl::Time now,
                                            std::vector<outbox::NewEvent>& events) const {
  ASSIGN_OR_RETURN(PlanGround ground, GroundNow(sql, made, now));
  TemplateReplan replan(sql, parts_, made, std::move(ground), now);
  RETURN_IF_ERROR(replan.Retract());
  ASSIGN_OR_RETURN(const int conflicts, replan.Finish());
  events.insert(events.end(), replan.events().begin(), replan.events().end());
  RETURN_IF_ERROR(SetTemplateTimer(sql, made.id, now));
  return conflicts;
}

}  // namespace yilian::scheduling
