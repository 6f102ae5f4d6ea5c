#include "services/consultation/domain/duty_hours.h"

#include <algorithm>
#include <utility>

namespace yilian::consultation {
namespace {

constexpr int kMinutesAWeek = 7 * kMinutesADay;
// Opinions take a day at most, and hours have a minute a week at least; three years are beyond all
// that is meant.
constexpr int kFarthestWeeks = 156;

struct Stretch {
  absl::Time start;
  absl::Time end;
};

// The stretches that begin on `first` and the `days` - 1 days after it, joined where they touch.
std::vector<Stretch> StretchesOf(const std::vector<DutyHours>& hours, const absl::TimeZone& zone,
                                 absl::CivilDay first, int days) {
  std::vector<Stretch> all;
  for (int i = 0; i < days; ++i) {
    const absl::CivilDay day = first + i;
    for (const DutyHours& one : hours) {
      if (one.weekday != absl::GetWeekday(day)) continue;
      const absl::CivilMinute start = absl::CivilMinute(day) + one.start_minute;
      all.push_back({zone.At(absl::CivilSecond(start)).pre,
                     zone.At(absl::CivilSecond(start + one.length())).pre});
    }
  }
  std::sort(all.begin(), all.end(),
            [](const Stretch& a, const Stretch& b) { return a.start < b.start; });
  std::vector<Stretch> joined;
  for (const Stretch& one : all) {
    if (!joined.empty() && one.start <= joined.back().end) {
      joined.back().end = std::max(joined.back().end, one.end);
    } else {
      joined.push_back(one);
    }
  }
  return joined;
}

}  // namespace

int DutyHours::length() const {
  const int minutes = end_minute - start_minute;
  return minutes > 0 ? minutes : minutes + kMinutesADay;
}

std::vector<std::pair<size_t, size_t>> Overlaps(const std::vector<DutyHours>& hours) {
  std::vector<std::pair<size_t, size_t>> found;
  const auto start_of = [](const DutyHours& one) {
    return static_cast<int>(one.weekday) * kMinutesADay + one.start_minute;
  };
  for (size_t i = 0; i < hours.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      const int i_start = start_of(hours[i]);
      const int j_start = start_of(hours[j]);
      // Sunday's night reaches into Monday.
      for (const int week : {-kMinutesAWeek, 0, kMinutesAWeek}) {
        if (i_start < j_start + week + hours[j].length() &&
            j_start + week < i_start + hours[i].length()) {
          found.emplace_back(i, j);
        }
      }
    }
  }
  return found;
}

std::optional<absl::Time> EndOfHours(const std::vector<DutyHours>& hours,
                                     const absl::TimeZone& zone, absl::Time at) {
  for (const Stretch& one : StretchesOf(hours, zone, absl::ToCivilDay(at, zone) - 1, 4)) {
    if (one.start <= at && at < one.end) return one.end;
  }
  return std::nullopt;
}

absl::Time AfterHours(const std::vector<DutyHours>& hours, const absl::TimeZone& zone,
                      absl::Time from, absl::Duration duration) {
  if (hours.empty()) return from + duration;
  absl::Duration left = duration;
  absl::Time counted = from;  // what lies before it has been counted
  absl::CivilDay day = absl::ToCivilDay(from, zone) - 1;
  for (int week = 0; week < kFarthestWeeks; ++week, day += 7) {
    for (const Stretch& one : StretchesOf(hours, zone, day, 7)) {
      const absl::Time start = std::max(one.start, counted);
      if (start >= one.end) continue;
      if (one.end - start >= left) return start + left;
      left -= one.end - start;
      counted = one.end;
    }
  }
  return from + duration;
}

}  // namespace yilian::consultation
