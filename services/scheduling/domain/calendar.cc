#include "services/scheduling/domain/calendar.h"

#include <fmt/format.h>

#include "services/scheduling/domain/errors.h"

namespace yilian::scheduling {
namespace {

constexpr int kDaysBack = 30;

}  // namespace

absl::StatusOr<CalendarView> ViewFor(const CalendarReader& by, PractitionerId practitioner,
                                     OrganizationId site) {
  if (practitioner.is_nil() == site.is_nil()) {
    return errors::FieldInvalid({{"practitioner_id", "give either an expert or a site"},
                                 {"site_id", "give either a site or an expert"}});
  }
  if (!site.is_nil()) {
    if (site != by.organization) return errors::ForeignOrganization();
    return CalendarView{.site = site};
  }
  CalendarView view{.practitioner = practitioner};
  if (practitioner != by.practitioner) view.seen_by = by.organization;
  return view;
}

Span DefaultCalendarPeriod(absl::Time now, int horizon_days) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  const absl::CivilDay today = absl::ToCivilDay(now, utc);
  return {absl::FromCivil(today - kDaysBack, utc), absl::FromCivil(today + horizon_days + 2, utc)};
}

absl::Status CheckCalendarPeriod(const Span& time) {
  if (time.end > time.start && time.end - time.start <= kLongestCalendar) return absl::OkStatus();
  return errors::FieldInvalid({{"time", fmt::format("must end after its start and be at most {} "
                                                    "days long",
                                                    kLongestCalendar / absl::Hours(24))}});
}

bool CalendarLink::IsKeptBy(const CalendarReader& by) const {
  if (by.organization != organization) return false;
  return by.scheduler || by.user == user;
}

absl::StatusOr<CalendarLink> MakeCalendarLink(const CalendarReader& by, const CalendarView& view,
                                              const CalendarRules& rules, absl::Time now) {
  const bool own = !view.practitioner.is_nil() && view.practitioner == by.practitioner;
  if (!own && !by.scheduler) return errors::ForeignOrganization();
  return CalendarLink{.id = CalendarLinkId::New(now),
                      .organization = by.organization,
                      .user = by.user,
                      .view = view,
                      .created_at = now,
                      .expires_at = now + rules.link_life};
}

CalendarLink RevokeCalendarLink(const CalendarLink& link, absl::Time now) {
  CalendarLink after = link;
  if (after.revoked_at) return after;
  after.revoked_at = now;
  ++after.version;
  return after;
}

}  // namespace yilian::scheduling
