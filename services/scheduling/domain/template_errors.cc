#include "services/scheduling/domain/template_errors.h"

#include <fmt/format.h>

#include <string>

#include "common/status/errors_of.h"

namespace yilian::scheduling::errors {
namespace {

using absl::StatusCode;

constexpr status::ErrorsOf kError(kDomain);

std::string Text(absl::CivilDay day) { return absl::FormatCivilTime(day); }

std::string_view FieldOf(OverlapSubject subject) {
  return subject == OverlapSubject::kExpert ? "plan.practitioner_id" : "plan.resource_code";
}
std::string_view NameOf(OverlapSubject subject) {
  return subject == OverlapSubject::kExpert ? "EXPERT" : "RESOURCE";
}
std::string_view WordFor(OverlapSubject subject) {
  return subject == OverlapSubject::kExpert ? "expert" : "room or device";
}
std::string_view ChineseFor(OverlapSubject subject) {
  return subject == OverlapSubject::kExpert ? "该专家" : "该诊室或设备";
}

std::string Minutes(absl::Duration time) { return std::to_string(absl::ToInt64Minutes(time)); }

// ", with 40 min for the way between the sites, of which there are 25"; "" where there is no way.
std::string OnTheWay(const TravelClash& clash) {
  if (clash.needed == absl::ZeroDuration()) return "";
  return fmt::format(", with {} min for the way between the sites, of which there are {}",
                     Minutes(clash.needed), Minutes(clash.available));
}

}  // namespace

absl::Status TemplateNotFound() {
  return kError(StatusCode::kNotFound, "NOT_FOUND")
      .Message("no such template, or none of your organization")
      .Chinese("没有该排班模板，或不属于您的机构");
}

absl::Status AbsenceNotFound() {
  return kError(StatusCode::kNotFound, "NOT_FOUND")
      .Message("no such absence, or none of your organization")
      .Chinese("没有该停诊记录，或不属于您的机构");
}

absl::Status EtagStale(std::string_view current_etag) {
  return kError(StatusCode::kAborted, "ETAG_STALE")
      .Message("the record changed since it was read; read it again")
      .Chinese("记录已被他人修改，请刷新后重试")
      .Meta("current_etag", current_etag);
}

absl::Status Ended(absl::Time at) {
  return kError(StatusCode::kFailedPrecondition, "ENDED")
      .Message("it was ended and stays as it is; make a new one")
      .Chinese("已终止，不能再修改，请新建")
      .Meta("ended_at", absl::FormatTime(absl::RFC3339_full, at, absl::UTCTimeZone()));
}

absl::Status TemplateOverlap(OverlapSubject subject, const Clash& clash, const TravelClash& way,
                             const SessionTemplate& blocking) {
  const std::string until = blocking.plan.effective_until
                                ? " or after " + Text(*blocking.plan.effective_until)
                                : std::string();
  return kError(StatusCode::kFailedPrecondition, "TEMPLATE_OVERLAP")
      .Message(fmt::format("another template has the {} at that time", WordFor(subject)))
      .Chinese(fmt::format("{}在同一时段已有其他排班模板", ChineseFor(subject)))
      .Field(
          FieldOf(subject),
          fmt::format("{} {} overlaps template {} of {} {}{}; allowed: other weekdays or hours, an "
                      "exception for the date, or dates before {}{}",
                      Text(clash.one.date), clash.one.hours.ToString(), blocking.id.ToString(),
                      Text(clash.other.date), clash.other.hours.ToString(), OnTheWay(way),
                      Text(blocking.plan.effective_from), until))
      .Meta("subject", NameOf(subject))
      .Meta("needed_minutes", Minutes(way.needed))
      .Meta("available_minutes", Minutes(way.available))
      .Meta("blocking_template_id", blocking.id.ToString())
      .Meta("date", Text(clash.one.date))
      .Meta("blocking_date", Text(clash.other.date));
}

absl::Status SessionInTheWay(OverlapSubject subject, const Occurrence& occurrence,
                             const TravelClash& clash) {
  const bool expert = subject == OverlapSubject::kExpert;
  return kError(StatusCode::kFailedPrecondition, expert ? "EXPERT_OVERLAP" : "RESOURCE_OVERLAP")
      .Message(fmt::format("the {} has a session at that time", WordFor(subject)))
      .Chinese(fmt::format("{}在同一时段已有排班", ChineseFor(subject)))
      .Field(FieldOf(subject),
             fmt::format("{} {} overlaps session {}{}; allowed: other hours, or an exception for "
                         "the date",
                         Text(occurrence.date), occurrence.hours.ToString(),
                         clash.blocking.ToString(), OnTheWay(clash)))
      .Meta("blocking_session_id", clash.blocking.ToString())
      .Meta("needed_minutes", Minutes(clash.needed))
      .Meta("available_minutes", Minutes(clash.available))
      .Meta("date", Text(occurrence.date));
}

absl::Status OutsideSiteHours(std::string_view field, const Site& site, absl::Weekday weekday,
                              const WallHours& hours) {
  const std::string allowed = site.HoursOf(weekday);
  return kError(StatusCode::kFailedPrecondition, "OUTSIDE_SITE_HOURS")
      .Message("the site is closed for a part of that time")
      .Chinese(fmt::format("超出出诊地点的开放时间；允许：{} {}", Name(weekday), allowed))
      .Field(field, fmt::format("{} on {} is outside the site's hours; allowed: {}",
                                hours.ToString(), Name(weekday), allowed))
      .Meta("site_id", site.id.ToString())
      .Meta("weekday", Name(weekday))
      .Meta("allowed", allowed);
}

absl::Status TemplateOutsideHours(const absl::Status& outside, TemplateId blocking) {
  status::Error error = kError(StatusCode::kFailedPrecondition, "OUTSIDE_SITE_HOURS");
  const auto info = status::InfoOf(outside);
  const auto of = [&](const char* key) {
    return info && info->metadata().contains(key) ? info->metadata().at(key) : std::string();
  };
  return error.Message("a template of the site would be outside these hours; change it first")
      .Chinese("已有排班模板超出该开放时间，请先修改模板")
      .Field("opening_hours",
             fmt::format("template {} would be outside on {}; allowed: hours that hold it",
                         blocking.ToString(), of("weekday")))
      .Meta("site_id", of("site_id"))
      .Meta("weekday", of("weekday"))
      .Meta("allowed", of("allowed"))
      .Meta("blocking_template_id", blocking.ToString());
}

absl::Status OutsideConsortium(std::string_view field, OrganizationId reserved,
                               OrganizationId consortium) {
  const std::string of = consortium.is_nil() ? std::string() : consortium.ToString();
  return kError(StatusCode::kFailedPrecondition, "OUTSIDE_CONSORTIUM")
      .Message("a reserve is for an organization outside the consortium")
      .Chinese("预留号源的机构不属于本医联体")
      .Field(field,
             fmt::format("{} is not a member of the consortium of the organization that offers the "
                         "sessions; allowed: members of {}",
                         reserved.ToString(), of.empty() ? "none, it is in no consortium" : of))
      .Meta("organization_id", reserved.ToString())
      .Meta("consortium_id", of);
}

absl::Status TimeNotOnClock(const Site& site, const Occurrence& occurrence) {
  const std::string minute = absl::FormatCivilTime(*occurrence.skipped);  // 2027-03-28T02:30
  const std::string date = minute.substr(0, 10);
  const std::string time = minute.substr(11);
  return kError(StatusCode::kInvalidArgument, "TIME_NOT_ON_CLOCK")
      .Message("the site's clock skips that time on that day")
      .Chinese(fmt::format("出诊地点的时钟在 {} 没有 {}（夏令时调整）", date, time))
      .Field("plan.hours", fmt::format("{} does not exist on {} in {}; allowed: other hours, or an "
                                       "exception for {}",
                                       time, date, site.zone_name, Text(occurrence.date)))
      .Meta("date", date)
      .Meta("time", time)
      .Meta("time_zone", site.zone_name);
}

absl::Status SiteInUse(TemplateId blocking) {
  return kError(StatusCode::kFailedPrecondition, "SITE_IN_USE")
      .Message("a template means the clock of this site; end it first")
      .Chinese("已有排班模板使用该地点的时区，请先终止模板")
      .Field("time_zone", fmt::format("template {} is in force; allowed: the time zone as it is",
                                      blocking.ToString()))
      .Meta("blocking_template_id", blocking.ToString());
}

}  // namespace yilian::scheduling::errors
