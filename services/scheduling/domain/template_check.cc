#include "services/scheduling/domain/template_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "common/base/status_macros.h"
#include "services/scheduling/domain/template_errors.h"

namespace yilian::scheduling {
namespace {

constexpr std::array<absl::Weekday, 7> kWeek = {absl::Weekday::monday,    absl::Weekday::tuesday,
                                                absl::Weekday::wednesday, absl::Weekday::thursday,
                                                absl::Weekday::friday,    absl::Weekday::saturday,
                                                absl::Weekday::sunday};

std::string Text(absl::CivilDay day) { return absl::FormatCivilTime(day); }

void CheckDates(const TemplatePlan& plan, absl::CivilDay today, errors::Violations& violations) {
  if (!plan.effective_until) return;
  if (*plan.effective_until < plan.effective_from) {
    violations.emplace_back("plan.effective_until",
                            fmt::format("is before effective_from; allowed: {} or later, or empty",
                                        Text(plan.effective_from)));
  } else if (*plan.effective_until < today) {
    violations.emplace_back("plan.effective_until",
                            fmt::format("has passed; allowed: {} or later, or empty", Text(today)));
  }
}

void CheckExceptions(const TemplatePlan& plan, errors::Violations& violations) {
  for (size_t i = 0; i < plan.exceptions.size(); ++i) {
    const TemplateException& exception = plan.exceptions[i];
    const std::string field = fmt::format("plan.exceptions[{}].date", i);
    if (i > 0 && plan.exceptions[i - 1].date == exception.date) {
      violations.emplace_back(
          field, fmt::format("{} is listed twice; allowed: once a date", Text(exception.date)));
    }
    if (exception.date < plan.effective_from ||
        (plan.effective_until && *plan.effective_until < exception.date)) {
      violations.emplace_back(
          field,
          fmt::format("{} is not between effective_from and effective_until; allowed: {} to "
                      "{}",
                      Text(exception.date), Text(plan.effective_from),
                      plan.effective_until ? Text(*plan.effective_until) : "any later date"));
    }
    if (!exception.hours && !plan.weekdays.Contains(absl::GetWeekday(exception.date))) {
      violations.emplace_back(
          field, fmt::format("{} is a {}, on which the template has no session to leave out; "
                             "allowed: a date of its weekdays, or hours for a session more",
                             Text(exception.date), Name(absl::GetWeekday(exception.date))));
    }
  }
}

void CheckFields(const TemplatePlan& plan, errors::Violations& violations) {
  CheckQuotas(plan.quotas, plan.seats, "plan.quotas", violations);
  if (plan.kind == SessionKind::kOutreach && plan.practitioner.is_nil()) {
    violations.emplace_back("plan.practitioner_id", "is required with SESSION_KIND_OUTREACH");
  }
  if (plan.resource.none() != plan.resource.code.empty()) {
    violations.emplace_back("plan.resource_code", "goes with resource_kind; allowed: both or none");
  }
  const bool extra =
      std::any_of(plan.exceptions.begin(), plan.exceptions.end(),
                  [](const TemplateException& one) { return one.hours.has_value(); });
  if (plan.weekdays.empty() && !extra) {
    violations.emplace_back(
        "plan.weekdays", "are required unless an exception has hours; allowed: MONDAY to SUNDAY");
  }
}

absl::Status CheckHours(const TemplatePlan& plan, const Site& site) {
  for (const absl::Weekday weekday : kWeek) {
    if (plan.weekdays.Contains(weekday) && !site.IsOpen(weekday, plan.hours)) {
      return errors::OutsideSiteHours("plan.hours", site, weekday, plan.hours);
    }
  }
  for (size_t i = 0; i < plan.exceptions.size(); ++i) {
    const TemplateException& exception = plan.exceptions[i];
    const absl::Weekday weekday = absl::GetWeekday(exception.date);
    if (exception.hours && !site.IsOpen(weekday, *exception.hours)) {
      return errors::OutsideSiteHours(fmt::format("plan.exceptions[{}].hours", i), site, weekday,
                                      *exception.hours);
    }
  }
  return absl::OkStatus();
}

// Whether the two plans want one thing: nothing, or what.
std::optional<errors::OverlapSubject> SharedBy(const TemplatePlan& one, const TemplatePlan& other) {
  if (!one.practitioner.is_nil() && one.practitioner == other.practitioner) {
    return errors::OverlapSubject::kExpert;
  }
  if (!one.resource.none() && one.site == other.site && one.resource == other.resource) {
    return errors::OverlapSubject::kResource;
  }
  return std::nullopt;
}

}  // namespace

absl::Status CheckPlan(const TemplatePlan& plan, const PlanGround& ground, absl::CivilDay today) {
  errors::Violations violations;
  CheckDates(plan, today, violations);
  CheckExceptions(plan, violations);
  CheckFields(plan, violations);
  CheckClinicRule(plan.rule, "plan.clinic_rule", violations);
  if (!violations.empty()) return errors::FieldInvalid(violations);

  const absl::CivilDay first = std::max(today, plan.effective_from);
  const std::vector<Occurrence> planned =
      OccurrencesIn(plan, ground, first, first + kDaysLookedThrough);
  if (planned.empty()) {
    return errors::FieldInvalid(
        {{"plan.weekdays", fmt::format("none of them is a date from {} on; allowed: "
                                       "weekdays of the time in which it is effective",
                                       Text(first))}});
  }
  if (const std::optional<Clash> clash = FirstClash(planned)) {
    return errors::FieldInvalid(
        {{"plan.exceptions",
          fmt::format("the session of {} {} overlaps the one of {} {}; allowed: hours that do not",
                      Text(clash->other.date), clash->other.hours.ToString(), Text(clash->one.date),
                      clash->one.hours.ToString())}});
  }
  RETURN_IF_ERROR(CheckHours(plan, ground.site));
  for (const Occurrence& occurrence : planned) {
    if (occurrence.skipped) return errors::TimeNotOnClock(ground.site, occurrence);
  }
  return absl::OkStatus();
}

absl::Status CheckReserves(const std::vector<Quota>& quotas, std::string_view field,
                           const Organization& offering,
                           const std::vector<Organization>& reserved) {
  for (size_t i = 0; i < quotas.size(); ++i) {
    if (quotas[i].kind != PoolKind::kOrganization || quotas[i].organization == offering.id) {
      continue;
    }
    const auto member =
        std::find_if(reserved.begin(), reserved.end(),
                     [&](const Organization& one) { return one.id == quotas[i].organization; });
    const bool inside = member != reserved.end() && !offering.consortium.is_nil() &&
                        member->consortium == offering.consortium;
    if (!inside) {
      return errors::OutsideConsortium(fmt::format("{}[{}].organization_id", field, i),
                                       quotas[i].organization, offering.consortium);
    }
  }
  return absl::OkStatus();
}

absl::Status CheckOverlap(const TemplatePlan& plan, const PlanGround& ground,
                          const SessionTemplate& other, const PlanGround& other_ground,
                          const TravelTimes& travel, absl::CivilDay today) {
  const std::optional<errors::OverlapSubject> shared = SharedBy(plan, other.plan);
  if (!shared) return absl::OkStatus();
  // A day earlier: a session of yesterday's date may still run.
  const absl::CivilDay first =
      std::max({today, plan.effective_from, other.plan.effective_from}) - 1;
  const absl::CivilDay last = first + kDaysLookedThrough;
  const bool expert = *shared == errors::OverlapSubject::kExpert;
  const OrganizationId here = expert ? PlaceOf(plan.kind, plan.site) : OrganizationId();
  const OrganizationId there = expert ? PlaceOf(other.plan.kind, other.plan.site) : here;
  const std::vector<Occurrence> theirs = OccurrencesIn(other.plan, other_ground, first, last);
  std::vector<Occurrence> kept_free = theirs;
  for (Occurrence& one : kept_free) one.time = WithWays(one.time, there, here, travel);
  std::optional<Clash> clash = FirstClash(OccurrencesIn(plan, ground, first, last), kept_free);
  if (!clash) return absl::OkStatus();
  const auto met = std::find_if(theirs.begin(), theirs.end(), [&](const Occurrence& one) {
    return one.date == clash->other.date;
  });
  const std::vector<BusySpan> busy = {{SessionId(), met->time, there}};
  const auto way = FirstTravelClash(busy, clash->one.time, here, travel);
  return errors::TemplateOverlap(*shared, *clash, way.value_or(TravelClash()), other);
}

absl::Status CheckSiteHours(const Site& site, const SessionTemplate& there, absl::CivilDay today) {
  if (there.plan.effective_until && *there.plan.effective_until < today) return absl::OkStatus();
  // Exceptions of the past bind nobody.
  TemplatePlan plan = there.plan;
  plan.exceptions.erase(std::remove_if(plan.exceptions.begin(), plan.exceptions.end(),
                                       [&](const auto& one) { return one.date < today; }),
                        plan.exceptions.end());
  const absl::Status open = CheckHours(plan, site);
  return open.ok() ? open : errors::TemplateOutsideHours(open, there.id);
}

absl::StatusOr<SessionTemplate> EndTemplate(const SessionTemplate& before, absl::CivilDay last,
                                            absl::CivilDay today, absl::Time now) {
  if (before.ended_at) return errors::Ended(*before.ended_at);
  if (last < today) {
    return errors::FieldInvalid(
        {{"last_date", fmt::format("has passed; allowed: {} or later", Text(today))}});
  }
  if (before.plan.effective_until && *before.plan.effective_until < last) {
    return errors::FieldInvalid(
        {{"last_date", fmt::format("is after effective_until; allowed: {} to {}", Text(today),
                                   Text(*before.plan.effective_until))}});
  }
  SessionTemplate after = before;
  after.plan.effective_until = last;
  after.ended_at = now;
  ++after.version;
  return after;
}

}  // namespace yilian::scheduling
