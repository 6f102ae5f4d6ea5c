#include "services/scheduling/domain/single_session.h"

#include <string>

#include "common/status/errors_of.h"
#include "services/scheduling/domain/template_errors.h"

namespace yilian::scheduling {
namespace {

using absl::StatusCode;

constexpr status::ErrorsOf kError(errors::kDomain);

std::string Instant(absl::Time at) {
  return absl::FormatTime(absl::RFC3339_full, at, absl::UTCTimeZone());
}

absl::Status PublicHoliday(absl::CivilDay date) {
  return kError(StatusCode::kFailedPrecondition, "PUBLIC_HOLIDAY")
      .Message("the session's date is a public holiday; take another day, or say that it is meant")
      .Chinese("该日为法定节假日；请另选日期，或注明节假日照常出诊")
      .Field("on_public_holiday", "is required for a session on a public holiday; allowed: true")
      .Meta("date", absl::FormatCivilTime(date));
}

int MinutesOf(absl::CivilMinute at) { return at.hour() * 60 + at.minute(); }

}  // namespace

HoursAtSite HoursOf(const Span& time, const Site& site) {
  const absl::CivilMinute start = absl::ToCivilMinute(time.start, site.zone);
  // A minute that has begun is spoken for.
  const absl::CivilMinute end =
      absl::ToCivilMinute(time.end - absl::Microseconds(1), site.zone) + 1;
  const bool whole_day = end - start >= kMinutesADay;
  return {.date = absl::CivilDay(start),
          .hours = {.start = {MinutesOf(start)},
                    .end = {whole_day ? MinutesOf(start) : MinutesOf(end)}}};
}

absl::Status CheckAtSite(const NewSession& offer, const Site& site,
                         const calendar::Calendar& holidays) {
  const HoursAtSite there = HoursOf(offer.time, site);
  const absl::Weekday weekday = absl::GetWeekday(there.date);
  if (!site.IsOpen(weekday, there.hours)) {
    return errors::OutsideSiteHours("time", site, weekday, there.hours);
  }
  if (holidays.IsHoliday(there.date) && !offer.on_holiday) return PublicHoliday(there.date);
  return absl::OkStatus();
}

namespace errors {

absl::Status ExpertAbsent(const Absence& blocking) {
  return kError(StatusCode::kFailedPrecondition, "EXPERT_ABSENT")
      .Message("the expert is away at that time; take another time, or end the absence first")
      .Chinese("该专家在此期间停诊；请另选时间，或先结束停诊")
      .Field("time", "overlaps an absence of the expert; allowed: before or after it")
      .Meta("blocking_absence_id", blocking.id.ToString())
      .Meta("absent_from", Instant(blocking.time.start))
      .Meta("absent_until", Instant(blocking.time.end));
}

absl::Status ResourceOverlap(SessionId blocking, absl::CivilDay date) {
  return kError(StatusCode::kFailedPrecondition, "RESOURCE_OVERLAP")
      .Message("the room or device has a session at that time; take another time, or another one")
      .Chinese("该诊室或设备在同一时段已有排班；请另选时间、诊室或设备")
      .Field("resource_code", "is in use at that time; allowed: another one, or another time")
      .Meta("blocking_session_id", blocking.ToString())
      .Meta("date", absl::FormatCivilTime(date));
}

}  // namespace errors

}  // namespace yilian::scheduling
