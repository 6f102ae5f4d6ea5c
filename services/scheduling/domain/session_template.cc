#include "services/scheduling/domain/session_template.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "common/base/etag.h"

namespace yilian::scheduling {

std::string SessionTemplate::etag() const { return base::EtagOf(version); }

const TemplateException* TemplatePlan::ExceptionOn(absl::CivilDay date) const {
  const auto found = std::lower_bound(
      exceptions.begin(), exceptions.end(), date,
      [](const TemplateException& exception, absl::CivilDay day) { return exception.date < day; });
  return found == exceptions.end() || found->date != date ? nullptr : &*found;
}

std::optional<Occurrence> OccurrenceOn(const TemplatePlan& plan, const PlanGround& ground,
                                       absl::CivilDay date) {
  if (date < plan.effective_from) return std::nullopt;
  if (plan.effective_until && *plan.effective_until < date) return std::nullopt;
  std::optional<WallHours> hours;
  if (const TemplateException* exception = plan.ExceptionOn(date)) {
    hours = exception->hours;
  } else if (plan.weekdays.Contains(absl::GetWeekday(date)) &&
             (plan.on_holidays || !ground.holidays.IsHoliday(date))) {
    hours = plan.hours;
  }
  if (!hours) return std::nullopt;
  const ClockSpan clock = OnClock(*hours, date, ground.site.zone);
  const bool absent =
      std::any_of(ground.absences.begin(), ground.absences.end(),
                  [&](const Span& absence) { return absence.Overlaps(clock.time); });
  if (absent) return std::nullopt;
  return Occurrence{date, *hours, clock.time, clock.skipped};
}

std::vector<Occurrence> OccurrencesIn(const TemplatePlan& plan, const PlanGround& ground,
                                      absl::CivilDay first, absl::CivilDay last) {
  std::vector<Occurrence> occurrences;
  for (absl::CivilDay date = std::max(first, plan.effective_from); date <= last; ++date) {
    if (plan.effective_until && *plan.effective_until < date) break;
    if (std::optional<Occurrence> occurrence = OccurrenceOn(plan, ground, date)) {
      occurrences.push_back(*occurrence);
    }
  }
  return occurrences;
}

std::optional<Clash> FirstClash(const std::vector<Occurrence>& ones,
                                const std::vector<Occurrence>& others) {
  // At most a day long, so that only the dates beside it can reach into an occurrence; two days, as
  // the two sites' clocks may differ by one.
  auto from = others.begin();
  for (const Occurrence& one : ones) {
    while (from != others.end() && from->date < one.date - 2) ++from;
    for (auto other = from; other != others.end() && other->date <= one.date + 2; ++other) {
      if (one.time.Overlaps(other->time)) return Clash{one, *other};
    }
  }
  return std::nullopt;
}

std::optional<Clash> FirstClash(const std::vector<Occurrence>& within) {
  for (size_t i = 1; i < within.size(); ++i) {
    if (within[i - 1].time.Overlaps(within[i].time)) return Clash{within[i - 1], within[i]};
  }
  return std::nullopt;
}

NewSession OfferOf(const SessionTemplate& made_from, const Occurrence& occurrence) {
  const TemplatePlan& plan = made_from.plan;
  return {.organization = made_from.organization,
          .department = plan.department,
          .specialty = plan.specialty,
          .practitioner = plan.practitioner,
          .site = plan.site,
          .kind = plan.kind,
          .time = occurrence.time,
          .seats = plan.seats,
          .quotas = plan.quotas,
          .made_from = made_from.id,
          .resource = plan.resource,
          .rule = plan.rule,
          .date = occurrence.date};
}

base::Uuid ShapeOf(const SessionTemplate& made_from, const Occurrence& occurrence) {
  const TemplatePlan& plan = made_from.plan;
  std::string text = fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}|{}", plan.department.ToString(),
                                 plan.specialty, plan.practitioner.ToString(), plan.site.ToString(),
                                 Name(plan.kind), Name(plan.resource.kind), plan.resource.code,
                                 absl::ToUnixMicros(occurrence.time.start),
                                 absl::ToUnixMicros(occurrence.time.end), plan.seats);
  // Without quotas it is the region's default of the day on which the session was made: new
  // configuration does not move what was offered.
  std::vector<Quota> quotas = plan.quotas;
  std::sort(quotas.begin(), quotas.end(), [](const Quota& a, const Quota& b) {
    return std::tie(a.kind, a.organization) < std::tie(b.kind, b.organization);
  });
  for (const Quota& quota : quotas) {
    text += fmt::format("|{} {} {}", Name(quota.kind), quota.organization.ToString(), quota.seats);
  }
  // Without one it is the shape of the time before there were rules.
  if (!plan.rule.none()) text += "|" + plan.rule.ToString();
  return base::Uuid::V5(made_from.id.uuid(), text);
}

}  // namespace yilian::scheduling
