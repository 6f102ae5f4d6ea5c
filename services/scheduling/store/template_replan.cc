#include "services/scheduling/store/template_replan.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/base/status_macros.h"
#include "services/scheduling/store/availability_rows.h"
#include "services/scheduling/store/new_session.h"
#include "services/scheduling/store/session_rows.h"
#include "services/scheduling/store/template_events.h"
#include "services/scheduling/store/travel_rows.h"
#include "yilian/scheduling/v1/session_template.pb.h"

namespace yilian::scheduling {

absl::Status TemplateReplan::Retract() {
  ASSIGN_OR_RETURN(const std::vector<StandingSession> all, StandingSessions(sql_, made_.id, now_));
  for (const StandingSession& standing : all) {
    standing_.emplace(standing.date, standing.id);
    RETURN_IF_ERROR(Look(standing));
  }
  return absl::OkStatus();
}

absl::Status TemplateReplan::Look(const StandingSession& standing) {
  std::optional<base::Uuid> planned;
  const std::optional<Occurrence> occurrence = OccurrenceOn(made_.plan, ground_, standing.date);
  if (occurrence && !occurrence->skipped) planned = ShapeOf(made_, *occurrence);
  // First without locks: most sessions are as they should be.
  if (Judge(planned, standing.shape, true).fate == Fate::kStays) return absl::OkStatus();
  ASSIGN_OR_RETURN(const bool withdrawn, Withdraw(standing));
  if (withdrawn) {
    standing_.erase(standing.date);
  } else {
    Note(standing.date, Judge(planned, standing.shape, true).conflict, standing.id, SessionId());
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> TemplateReplan::Withdraw(const StandingSession& standing) {
  ASSIGN_OR_RETURN(std::optional<outbox::NewEvent> withdrawn,
                   WithdrawIfFree(sql_, standing.id, standing.date, now_));
  if (!withdrawn) return false;
  events_.push_back(*std::move(withdrawn));
  return true;
}

absl::Status TemplateReplan::LoadBusy(const Span& window) {
  const TemplatePlan& plan = made_.plan;
  // The template's own count as well: one that stayed for its booking is as much in the way.
  if (!plan.practitioner.is_nil()) {
    ASSIGN_OR_RETURN(expert_busy_, BusySpansOf(sql_, plan.practitioner, window, TemplateId()));
    ASSIGN_OR_RETURN(travel_, LoadTravelTimes(sql_, place_, expert_busy_, parts_.rules.travel));
  }
  if (!plan.resource.none()) {
    ASSIGN_OR_RETURN(resource_busy_,
                     BusySpansOf(sql_, plan.site, plan.resource, window, TemplateId()));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> TemplateReplan::Fill(int limit) {
  const absl::CivilDay today = absl::ToCivilDay(now_, ground_.site.zone);
  const absl::CivilDay last = today + parts_.template_rules.horizon_days;
  // A session of yesterday's date may begin after midnight on no clock; today's may have begun.
  std::vector<Occurrence> missing = OccurrencesIn(made_.plan, ground_, today, last);
  missing.erase(std::remove_if(missing.begin(), missing.end(),
                               [&](const Occurrence& one) {
                                 return one.time.start <= now_ || standing_.contains(one.date);
                               }),
                missing.end());
  if (!missing.empty()) {
    RETURN_IF_ERROR(LoadBusy({missing.front().time.start, missing.back().time.end}));
  }
  int made = 0;
  for (const Occurrence& occurrence : missing) {
    if (made == limit) {
      filled_before_ = occurrence.date;
      return true;
    }
    if (occurrence.skipped) {
      Note(occurrence.date, TemplateConflictKind::kTimeNotOnClock, {}, {});
    } else if (const auto expert =
                   FirstTravelClash(expert_busy_, occurrence.time, place_, travel_)) {
      Note(occurrence.date, TemplateConflictKind::kExpertBusy, {}, expert->blocking);
    } else if (const auto resource =
                   FirstTravelClash(resource_busy_, occurrence.time, OrganizationId(), travel_)) {
      Note(occurrence.date, TemplateConflictKind::kResourceBusy, {}, resource->blocking);
    } else {
      RETURN_IF_ERROR(Make(occurrence));
      ++made;
    }
  }
  filled_before_ = absl::CivilDay::max();
  return false;
}

absl::Status TemplateReplan::Make(const Occurrence& occurrence) {
  Rules rules = parts_.rules;
  rules.longest_session = kLongestStanding;
  ASSIGN_OR_RETURN(const PlannedSession planned,
                   PlanSession(SessionId::New(now_), OfferOf(made_, occurrence), rules, now_));
  const TemplatePlace place{occurrence.date, ShapeOf(made_, occurrence)};
  ASSIGN_OR_RETURN(outbox::NewEvent created,
                   AddSession(sql_, planned, place, parts_.encoding, now_));
  standing_.emplace(occurrence.date, planned.session.id);
  expert_busy_.push_back({planned.session.id, planned.session.time, place_});
  resource_busy_.push_back({planned.session.id, planned.session.time, OrganizationId()});
  events_.push_back(std::move(created));
  return absl::OkStatus();
}

void TemplateReplan::Note(absl::CivilDay date, TemplateConflictKind kind, SessionId session,
                          SessionId blocking) {
  conflicts_.emplace(date, TemplateConflict{.made_from = made_.id,
                                            .organization = made_.organization,
                                            .date = date,
                                            .kind = kind,
                                            .session = session,
                                            .blocking = blocking,
                                            .found_at = now_});
}

bool TemplateReplan::Unknown(absl::CivilDay date) const {
  if (date < filled_before_ || standing_.contains(date)) return false;
  const std::optional<Occurrence> occurrence = OccurrenceOn(made_.plan, ground_, date);
  return occurrence && occurrence->time.start > now_;
}

absl::StatusOr<int> TemplateReplan::Finish() {
  ASSIGN_OR_RETURN(const std::vector<TemplateConflict> before, ConflictsOf(sql_, made_.id));
  int count = static_cast<int>(conflicts_.size());
  for (const TemplateConflict& old : before) {
    const auto still = conflicts_.find(old.date);
    if (still != conflicts_.end() && still->second.SameAs(old)) {
      conflicts_.erase(still);  // as it was
    } else if (still == conflicts_.end() && Unknown(old.date)) {
      ++count;
    } else {
      RETURN_IF_ERROR(RemoveConflict(sql_, old));
      events_.push_back(
          events::ConflictChanged(events::kConflictResolved, made_, old, parts_.templates, now_));
    }
  }
  for (const auto& [date, conflict] : conflicts_) {
    RETURN_IF_ERROR(SaveConflict(sql_, conflict));
    events_.push_back(
        events::ConflictChanged(events::kConflictFound, made_, conflict, parts_.templates, now_));
  }
  return count;
}

}  // namespace yilian::scheduling
