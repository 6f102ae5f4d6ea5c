// Hours by a reading centre's wall clock that come every week, and which instants those are. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace yilian::consultation {

inline constexpr int kMinutesADay = 24 * 60;

// Minutes count from midnight; an end at or before the start is of the next day.
struct DutyHours {
  absl::Weekday weekday = absl::Weekday::monday;
  int start_minute = 0;
  int end_minute = 0;

  int length() const;  // minutes, 1 to a day's
  auto operator<=>(const DutyHours&) const = default;
};

// Indexes of hours that overlap earlier ones of the list, with the one that they overlap.
std::vector<std::pair<size_t, size_t>> Overlaps(const std::vector<DutyHours>& hours);

// When the hours in which `at` lies end, those that follow without a gap included; nullopt outside
// all. Looks no further than two days ahead: hours that never end are as good as those.
std::optional<absl::Time> EndOfHours(const std::vector<DutyHours>& hours,
                                     const absl::TimeZone& zone, absl::Time at);

// When `duration` of the hours has passed since `from`. No hours: always on duty. A time that the
// clock skips or shows twice is read as absl's `pre`, so that no minute counts twice.
absl::Time AfterHours(const std::vector<DutyHours>& hours, const absl::TimeZone& zone,
                      absl::Time from, absl::Duration duration);

}  // namespace yilian::consultation
