// What a clock on a site's wall shows, and which instants that is. Pure.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/scheduling/domain/span.h"

namespace yilian::scheduling {

inline constexpr int kMinutesADay = 24 * 60;

// Minutes from midnight, as the wall clock counts them.
struct TimeOfDay {
  int minutes = 0;

  // From `HH:MM`; the frame checked the form.
  static TimeOfDay Parse(std::string_view text);
  std::string ToString() const;
  auto operator<=>(const TimeOfDay&) const = default;
};

// From when until when. An end at or before the start is of the next day.
struct WallHours {
  TimeOfDay start;
  TimeOfDay end;

  // Minutes by the wall clock, 1 to a day's.
  int length() const;
  // "08:00-12:00"
  std::string ToString() const;
  bool operator==(const WallHours&) const = default;
};

// Days of the week.
class Weekdays {
 public:
  Weekdays() = default;
  explicit Weekdays(int64_t bits) : bits_(static_cast<uint8_t>(bits)) {}  // as bits() gave them
  void Add(absl::Weekday day) { bits_ |= Bit(day); }
  bool Contains(absl::Weekday day) const { return (bits_ & Bit(day)) != 0; }
  bool empty() const { return bits_ == 0; }
  int64_t bits() const { return bits_; }  // Monday is 1
  bool operator==(const Weekdays&) const = default;

 private:
  static constexpr uint8_t Bit(absl::Weekday day) {
    return static_cast<uint8_t>(1u << static_cast<int>(day));
  }
  uint8_t bits_ = 0;
};

// "MONDAY"
std::string_view Name(absl::Weekday day);

// Hours of a date as instants.
struct ClockSpan {
  Span time;
  // The start or end that the clock skips on that day, e.g. 02:30 when daylight saving begins;
  // `time` then goes on as if the clock had not been changed.
  std::optional<absl::CivilMinute> skipped;
};

// A time that the clock shows twice is its first occurrence, as RFC 5545 has it (3.3.5).
ClockSpan OnClock(const WallHours& hours, absl::CivilDay date, const absl::TimeZone& zone);

}  // namespace yilian::scheduling
