// Stretches of time: how long somebody is something somewhere. And days, as the region counts them.
#pragma once

#include <optional>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace yilian::directory {

// From `start` on, until before `end`; open without one.
struct Period {
  absl::Time start;
  std::optional<absl::Time> end;

  bool Holds(absl::Time at) const { return start <= at && (!end || at < *end); }
  bool IsOver(absl::Time at) const { return end && *end <= at; }
};

bool Overlap(const Period& one, const Period& other);

// When a day of the region begins: China has one time zone without summer time.
absl::Time StartOf(absl::CivilDay day);
// The day it is in the region.
absl::CivilDay DayOf(absl::Time time);
// From the start of a day to the start of the next one.
Period PeriodOf(absl::CivilDay day);

}  // namespace yilian::directory
