// What a session that no template makes has to pass, beside what PlanSession looks at: the same as
// a template's. Pure.
#pragma once

#include "absl/status/status.h"
#include "common/calendar/calendar.h"
#include "services/scheduling/domain/absence.h"
#include "services/scheduling/domain/session.h"
#include "services/scheduling/domain/site.h"

namespace yilian::scheduling {

// A span by a site's wall clock; a day where it is that long or longer.
struct HoursAtSite {
  absl::CivilDay date;  // on which it starts
  WallHours hours;
};
HoursAtSite HoursOf(const Span& time, const Site& site);

// OUTSIDE_SITE_HOURS; PUBLIC_HOLIDAY unless it is said to be meant.
absl::Status CheckAtSite(const NewSession& offer, const Site& site,
                         const calendar::Calendar& holidays);

namespace errors {
absl::Status ExpertAbsent(const Absence& blocking);
// The room or device has another session.
absl::Status ResourceOverlap(SessionId blocking, absl::CivilDay date);
}  // namespace errors

}  // namespace yilian::scheduling
