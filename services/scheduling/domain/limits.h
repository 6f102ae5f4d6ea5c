// What a region allows one patient. Pure.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/scheduling/domain/span.h"

namespace yilian::scheduling {

// 0 for either: no limit. app/config.proto sets them.
struct Limits {
  // Bookings of one department on one day.
  int bookings_a_day = 0;
  // Visits to which the patient did not come within `no_show_period`, from which on a coordinator
  // or a scheduler has to book.
  int no_shows = 0;
  absl::Duration no_show_period = absl::Hours(24) * 90;
  // Whose day it is: the region's clock.
  absl::TimeZone zone = absl::UTCTimeZone();

  Span DayOf(absl::Time at) const;
  // `missed`: when the visits of the last period would have started, in order. NO_SHOW_LIMIT.
  absl::Status CheckNoShows(const std::vector<absl::Time>& missed) const;
};

}  // namespace yilian::scheduling
