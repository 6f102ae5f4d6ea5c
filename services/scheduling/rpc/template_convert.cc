#include "services/scheduling/rpc/template_convert.h"

#include <algorithm>

#include "common/base/status_macros.h"
#include "common/wire/timestamp.h"
#include "services/scheduling/rpc/convert.h"

namespace yilian::scheduling::convert {
namespace {

using wire::OptionalId;
using wire::SetTime;
using wire::TextOrEmpty;

// absl::Weekday counts from Monday as 0, the proto as 1.
v1::Weekday ToProto(absl::Weekday day) {
  return static_cast<v1::Weekday>(static_cast<int>(day) + 1);
}
absl::Weekday ToWeekday(int day) { return static_cast<absl::Weekday>(day - 1); }

void Set(v1::WallClockHours* out, const WallHours& hours) {
  out->set_start(hours.start.ToString());
  out->set_end(hours.end.ToString());
}

WallHours ToHours(const v1::WallClockHours& hours) {
  return {TimeOfDay::Parse(hours.start()), TimeOfDay::Parse(hours.end())};
}

// The frame checked that there is such a date.
absl::CivilDay ToDay(const std::string& text) {
  absl::CivilDay day;
  absl::ParseCivilTime(text, &day);
  return day;
}

void SetPlan(v1::TemplatePlan& out, const TemplatePlan& plan) {
  out.set_department_id(plan.department.ToString());
  out.set_specialty(plan.specialty);
  out.set_practitioner_id(TextOrEmpty(plan.practitioner));
  out.set_site_id(plan.site.ToString());
  out.set_kind(static_cast<v1::SessionKind>(plan.kind));
  out.set_resource_kind(static_cast<v1::ResourceKind>(plan.resource.kind));
  out.set_resource_code(plan.resource.code);
  for (int day = v1::WEEKDAY_MONDAY; day <= v1::WEEKDAY_SUNDAY; ++day) {
    if (plan.weekdays.Contains(ToWeekday(day))) out.add_weekdays(static_cast<v1::Weekday>(day));
  }
  Set(out.mutable_hours(), plan.hours);
  out.set_seats(plan.seats);
  for (const Quota& quota : plan.quotas) {
    v1::PoolQuota& shown = *out.add_quotas();
    shown.set_kind(static_cast<v1::PoolKind>(quota.kind));
    shown.set_organization_id(TextOrEmpty(quota.organization));
    shown.set_seats(quota.seats);
  }
  out.set_effective_from(absl::FormatCivilTime(plan.effective_from));
  if (plan.effective_until) out.set_effective_until(absl::FormatCivilTime(*plan.effective_until));
  out.set_runs_on_public_holidays(plan.on_holidays);
  for (const TemplateException& exception : plan.exceptions) {
    v1::TemplateException& shown = *out.add_exceptions();
    shown.set_date(absl::FormatCivilTime(exception.date));
    if (exception.hours) Set(shown.mutable_hours(), *exception.hours);
  }
  if (!plan.rule.none()) *out.mutable_clinic_rule() = convert::ToProto(plan.rule);
}

}  // namespace

v1::SessionTemplate ToProto(const TemplateView& view) {
  v1::SessionTemplate proto;
  proto.set_template_id(view.made.id.ToString());
  proto.set_organization_id(view.made.organization.ToString());
  SetPlan(*proto.mutable_plan(), view.made.plan);
  proto.set_time_zone(view.zone_name);
  if (view.made.ended_at) SetTime(proto.mutable_ended_at(), *view.made.ended_at);
  proto.set_conflicts(static_cast<int32_t>(view.conflicts));
  proto.set_etag(view.made.etag());
  return proto;
}

v1::TemplateConflict ToProto(const TemplateConflict& conflict) {
  v1::TemplateConflict proto;
  proto.set_template_id(conflict.made_from.ToString());
  proto.set_date(absl::FormatCivilTime(conflict.date));
  proto.set_kind(static_cast<v1::TemplateConflictKind>(conflict.kind));
  proto.set_session_id(TextOrEmpty(conflict.session));
  proto.set_blocking_session_id(TextOrEmpty(conflict.blocking));
  SetTime(proto.mutable_found_at(), conflict.found_at);
  return proto;
}

v1::Absence ToProto(const Absence& absence) {
  v1::Absence proto;
  proto.set_absence_id(absence.id.ToString());
  proto.set_organization_id(absence.organization.ToString());
  proto.set_practitioner_id(absence.practitioner.ToString());
  SetTime(proto.mutable_time()->mutable_start(), absence.time.start);
  SetTime(proto.mutable_time()->mutable_end(), absence.time.end);
  if (absence.ended_at) SetTime(proto.mutable_ended_at(), *absence.ended_at);
  proto.set_etag(absence.etag());
  return proto;
}

v1::Site ToProto(const Site& site) {
  v1::Site proto;
  proto.set_organization_id(site.id.ToString());
  proto.set_time_zone(site.zone_name);
  for (const OpeningHours& open : site.opening_hours) {
    v1::OpeningHours& shown = *proto.add_opening_hours();
    shown.set_weekday(ToProto(open.weekday));
    Set(shown.mutable_hours(), open.hours);
  }
  proto.set_etag(site.etag());
  return proto;
}

TemplateEncoding TemplateStoreEncoding() {
  return {.made = [](const TemplateView& view) { return ToProto(view); },
          .conflict = [](const TemplateConflict& conflict) { return ToProto(conflict); },
          .absence = [](const Absence& absence) { return ToProto(absence); },
          .site = [](const Site& site) { return ToProto(site); }};
}

std::optional<absl::CivilDay> ToOptionalDay(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return ToDay(text);
}

absl::StatusOr<TemplatePlan> ToDomain(const v1::TemplatePlan& asked) {
  TemplatePlan plan;
  ASSIGN_OR_RETURN(plan.department, DepartmentId::Parse(asked.department_id()));
  ASSIGN_OR_RETURN(plan.practitioner, OptionalId<PractitionerId>(asked.practitioner_id()));
  ASSIGN_OR_RETURN(plan.site, OptionalId<OrganizationId>(asked.site_id()));
  plan.specialty = asked.specialty();
  plan.kind = static_cast<SessionKind>(asked.kind());
  plan.resource = {static_cast<ResourceKind>(asked.resource_kind()), asked.resource_code()};
  for (const int day : asked.weekdays()) plan.weekdays.Add(ToWeekday(day));
  plan.hours = ToHours(asked.hours());
  plan.seats = asked.seats();
  ASSIGN_OR_RETURN(plan.quotas, ToQuotas(asked.quotas()));
  plan.effective_from = ToDay(asked.effective_from());
  plan.effective_until = ToOptionalDay(asked.effective_until());
  plan.on_holidays = asked.runs_on_public_holidays();
  plan.rule = ToDomain(asked.clinic_rule());
  for (const v1::TemplateException& one : asked.exceptions()) {
    TemplateException exception{.date = ToDay(one.date())};
    if (one.has_hours()) exception.hours = ToHours(one.hours());
    plan.exceptions.push_back(exception);
  }
  std::stable_sort(plan.exceptions.begin(), plan.exceptions.end(),
                   [](const auto& a, const auto& b) { return a.date < b.date; });
  return plan;
}

absl::StatusOr<NewSite> ToDomain(const v1::DefineSiteRequest& request) {
  NewSite site{.zone_name = request.time_zone()};
  ASSIGN_OR_RETURN(site.id, OrganizationId::Parse(request.organization_id()));
  for (const v1::OpeningHours& open : request.opening_hours()) {
    site.opening_hours.push_back({ToWeekday(open.weekday()), ToHours(open.hours())});
  }
  return site;
}

}  // namespace yilian::scheduling::convert
