#include "services/scheduling/domain/site.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/base/etag.h"
#include "services/scheduling/domain/errors.h"

namespace yilian::scheduling {
namespace {

constexpr int kMinutesAWeek = 7 * kMinutesADay;

// Minutes of the week, Monday's midnight first; the end may lie in the week after.
using WeekSpan = std::pair<int, int>;

WeekSpan InWeek(absl::Weekday weekday, const WallHours& hours) {
  const int start = static_cast<int>(weekday) * kMinutesADay + hours.start.minutes;
  return {start, start + hours.length()};
}

// Hours without a gap between them are one; of two weeks, so that Sunday's reach into Monday's.
std::vector<WeekSpan> OpenSpans(const std::vector<OpeningHours>& opening_hours) {
  std::vector<WeekSpan> spans;
  for (const OpeningHours& open : opening_hours) {
    const WeekSpan span = InWeek(open.weekday, open.hours);
    for (const int week : {-kMinutesAWeek, 0, kMinutesAWeek}) {
      spans.emplace_back(span.first + week, span.second + week);
    }
  }
  std::sort(spans.begin(), spans.end());
  std::vector<WeekSpan> merged;
  for (const WeekSpan& span : spans) {
    if (!merged.empty() && span.first <= merged.back().second) {
      merged.back().second = std::max(merged.back().second, span.second);
    } else {
      merged.push_back(span);
    }
  }
  return merged;
}

void CheckHours(const std::vector<OpeningHours>& opening_hours, errors::Violations& violations) {
  for (size_t i = 0; i < opening_hours.size(); ++i) {
    const WeekSpan one = InWeek(opening_hours[i].weekday, opening_hours[i].hours);
    for (size_t j = 0; j < i; ++j) {
      const WeekSpan other = InWeek(opening_hours[j].weekday, opening_hours[j].hours);
      for (const int week : {-kMinutesAWeek, 0, kMinutesAWeek}) {
        if (one.first < other.second + week && other.first + week < one.second) {
          violations.emplace_back(
              fmt::format("opening_hours[{}].hours", i),
              fmt::format("overlap opening_hours[{}], {} {}; allowed: hours that do not", j,
                          Name(opening_hours[j].weekday), opening_hours[j].hours.ToString()));
        }
      }
    }
  }
}

}  // namespace

std::string Site::etag() const { return version == 0 ? "" : base::EtagOf(version); }

bool Site::IsOpen(absl::Weekday weekday, const WallHours& hours) const {
  if (opening_hours.empty()) return true;
  const WeekSpan asked = InWeek(weekday, hours);
  const std::vector<WeekSpan> open = OpenSpans(opening_hours);
  return std::any_of(open.begin(), open.end(), [&](const WeekSpan& span) {
    return span.first <= asked.first && asked.second <= span.second;
  });
}

std::string Site::HoursOf(absl::Weekday weekday) const {
  std::string text;
  for (const OpeningHours& open : opening_hours) {
    if (open.weekday != weekday) continue;
    if (!text.empty()) text += ", ";
    text += open.hours.ToString();
  }
  return text.empty() ? "closed" : text;
}

absl::StatusOr<Site> DefineSite(const Site& before, const NewSite& wanted) {
  errors::Violations violations;
  Site site{.id = wanted.id, .zone_name = wanted.zone_name};
  if (!absl::LoadTimeZone(wanted.zone_name, &site.zone)) {
    violations.emplace_back("time_zone", "is no IANA time zone; allowed: e.g. Asia/Shanghai");
  }
  CheckHours(wanted.opening_hours, violations);
  if (!violations.empty()) return errors::FieldInvalid(violations);
  site.opening_hours = wanted.opening_hours;
  site.version = before.version + 1;
  return site;
}

}  // namespace yilian::scheduling
