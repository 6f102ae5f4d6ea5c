#include "services/gateway/domain/hl7/datetime.h"

#include <fmt/format.h>

#include "absl/strings/ascii.h"
#include "absl/time/civil_time.h"

namespace yilian::gateway::hl7 {
namespace {

bool AllDigits(std::string_view text) {
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
  }
  return true;
}

int Number(std::string_view digits) {
  int value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

// Takes "+0800" or "-0500" off the end; false when there is a sign but no offset behind it.
bool TakeOffset(std::string_view* text, std::optional<int>* offset) {
  const size_t sign = text->find_first_of("+-");
  if (sign == std::string_view::npos) return true;
  const std::string_view digits = text->substr(sign + 1);
  if (digits.size() != 4 || !AllDigits(digits)) return false;
  const int hours = Number(digits.substr(0, 2));
  const int minutes = Number(digits.substr(2));
  if (hours > 14 || minutes > 59) return false;
  *offset = (hours * 60 + minutes) * ((*text)[sign] == '-' ? -1 : 1);
  *text = text->substr(0, sign);
  return true;
}

// Takes ".6789" off the end.
bool TakeFraction(std::string_view* text, std::string_view* fraction) {
  const size_t point = text->find('.');
  if (point == std::string_view::npos) return true;
  *fraction = text->substr(point + 1);
  *text = text->substr(0, point);
  return !fraction->empty() && fraction->size() <= 4 && AllDigits(*fraction);
}

bool TimeOfDayExists(const DateTime& time) {
  return time.hour <= 23 && time.minute <= 59 && time.second <= 59;
}

}  // namespace

std::optional<DateTime> ParseDateTime(std::string_view text) {
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  DateTime time;
  std::string_view fraction;
  if (!TakeOffset(&text, &time.offset_minutes) || !TakeFraction(&text, &fraction)) {
    return std::nullopt;
  }
  const size_t size = text.size();
  if (size < 4 || size > 14 || size % 2 != 0 || !AllDigits(text)) return std::nullopt;
  if (!fraction.empty() && size != 14) return std::nullopt;
  time.year = Number(text.substr(0, 4));
  if (size >= 6) time.month = Number(text.substr(4, 2));
  if (size >= 8) time.day = Number(text.substr(6, 2));
  if (size >= 10) time.hour = Number(text.substr(8, 2));
  if (size >= 12) time.minute = Number(text.substr(10, 2));
  if (size >= 14) time.second = Number(text.substr(12, 2));
  int unit = 100000;
  for (const char c : fraction) {
    time.microsecond += (c - '0') * unit;
    unit /= 10;
  }
  time.precision = static_cast<Precision>((size - 4) / 2 + fraction.size());
  const absl::CivilDay day(time.year, time.month, time.day);
  const bool exists =
      time.year >= 1 && day.month() == time.month && day.day() == time.day && TimeOfDayExists(time);
  if (!exists) return std::nullopt;
  return time;
}

bool IsTimeOfDay(std::string_view text) {
  std::optional<int> offset;
  std::string_view fraction;
  if (!TakeOffset(&text, &offset) || !TakeFraction(&text, &fraction)) return false;
  if (text.size() < 2 || text.size() > 6 || text.size() % 2 != 0 || !AllDigits(text)) return false;
  if (!fraction.empty() && text.size() != 6) return false;
  DateTime time;
  time.hour = Number(text.substr(0, 2));
  if (text.size() >= 4) time.minute = Number(text.substr(2, 2));
  if (text.size() >= 6) time.second = Number(text.substr(4, 2));
  return TimeOfDayExists(time);
}

absl::Time DateTime::Start(const absl::TimeZone& local) const {
  const absl::CivilSecond civil(year, month, day, hour, minute, second);
  const absl::TimeZone zone = offset_minutes ? absl::FixedTimeZone(*offset_minutes * 60) : local;
  return absl::FromCivil(civil, zone) + absl::Microseconds(microsecond);
}

std::string DateTime::ToIso() const {
  std::string text = fmt::format("{:04}", year);
  if (precision >= Precision::kMonth) text += fmt::format("-{:02}", month);
  if (precision >= Precision::kDay) text += fmt::format("-{:02}", day);
  if (precision >= Precision::kHour) text += fmt::format("T{:02}", hour);
  if (precision >= Precision::kMinute) text += fmt::format(":{:02}", minute);
  if (precision >= Precision::kSecond) text += fmt::format(":{:02}", second);
  if (precision > Precision::kSecond) {
    const int digits = static_cast<int>(precision) - static_cast<int>(Precision::kSecond);
    text += "." + fmt::format("{:06}", microsecond).substr(0, digits);
  }
  if (precision >= Precision::kHour && offset_minutes) {
    const int minutes = *offset_minutes < 0 ? -*offset_minutes : *offset_minutes;
    text +=
        fmt::format("{}{:02}:{:02}", *offset_minutes < 0 ? '-' : '+', minutes / 60, minutes % 60);
  }
  return text;
}

std::string FormatDateTime(absl::Time time) {
  return absl::FormatTime("%Y%m%d%H%M%E3S", time, absl::UTCTimeZone()) + "+0000";
}

}  // namespace yilian::gateway::hl7
