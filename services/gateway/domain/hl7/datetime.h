// HL7 times (DTM, TS, DT) with the precision they were sent in: 1970 is not 1 January 1970.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace yilian::gateway::hl7 {

enum class Precision {
  kYear,
  kMonth,
  kDay,
  kHour,
  kMinute,
  kSecond,
  kTenth,
  kHundredth,
  kMillisecond,
  kTenthMillisecond
};

struct DateTime {
  int year = 0;  // 1 to 9999
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int microsecond = 0;
  Precision precision = Precision::kYear;
  std::optional<int>
      offset_minutes;  // east of Greenwich, as sent; nullopt: the sender's local time

  // The first instant of what was sent; `local` stands in for a missing offset.
  absl::Time Start(const absl::TimeZone& local) const;
  // "1970", "1970-10", "1970-10-31", and with a time of day "1970-10-31T03:04:05.678+08:00", as far
  // as it was sent.
  std::string ToIso() const;
  bool has_day() const { return precision >= Precision::kDay; }
  bool operator==(const DateTime&) const = default;
};

// YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+|-ZZZZ]; nullopt for anything else, also for a date that
// does not exist.
std::optional<DateTime> ParseDateTime(std::string_view text);
// HH[MM[SS[.S[S[S[S]]]]]][+|-ZZZZ] (TM).
bool IsTimeOfDay(std::string_view text);
// An instant as DTM with milliseconds in UTC, for answers.
std::string FormatDateTime(absl::Time time);

}  // namespace yilian::gateway::hl7
