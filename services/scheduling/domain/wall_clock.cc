#include "services/scheduling/domain/wall_clock.h"

#include <fmt/format.h>

#include <array>

#include "absl/strings/numbers.h"

namespace yilian::scheduling {
namespace {

constexpr std::array<std::string_view, 7> kWeekdays = {
    "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"};

}  // namespace

TimeOfDay TimeOfDay::Parse(std::string_view text) {
  if (text.size() != 5) return {};
  int hour = 0;
  int minute = 0;
  if (!absl::SimpleAtoi(absl::string_view(text.data(), 2), &hour) ||
      !absl::SimpleAtoi(absl::string_view(text.data() + 3, 2), &minute)) {
    return {};
  }
  return {hour * 60 + minute};
}

std::string TimeOfDay::ToString() const {
  return fmt::format("{:02}:{:02}", minutes / 60, minutes % 60);
}

int WallHours::length() const {
  const int minutes = end.minutes - start.minutes;
  return minutes > 0 ? minutes : minutes + kMinutesADay;
}

std::string WallHours::ToString() const {
  return fmt::format("{}-{}", start.ToString(), end.ToString());
}

std::string_view Name(absl::Weekday day) { return kWeekdays.at(static_cast<size_t>(day)); }

ClockSpan OnClock(const WallHours& hours, absl::CivilDay date, const absl::TimeZone& zone) {
  const absl::CivilMinute start = absl::CivilMinute(date) + hours.start.minutes;
  ClockSpan span;
  const auto read = [&](absl::CivilMinute minute) {
    const absl::TimeZone::TimeInfo info = zone.At(absl::CivilSecond(minute));
    if (info.kind == absl::TimeZone::TimeInfo::SKIPPED && !span.skipped) span.skipped = minute;
    return info.pre;
  };
  span.time.start = read(start);
  span.time.end = read(start + hours.length());
  return span;
}

}  // namespace yilian::scheduling
