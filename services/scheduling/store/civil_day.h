// absl::CivilDay in a DATE column.
#pragma once

#include <optional>
#include <string>

#include "absl/time/civil_time.h"

namespace yilian::scheduling {

inline std::string ToSqlDate(absl::CivilDay day) { return absl::FormatCivilTime(day); }
// NULL without a day.
inline std::optional<std::string> ToSqlDate(const std::optional<absl::CivilDay>& day) {
  if (!day) return std::nullopt;
  return ToSqlDate(*day);
}

// A DATE column gives nothing else than a date.
inline absl::CivilDay FromSqlDate(const std::string& text) {
  absl::CivilDay day;
  absl::ParseCivilTime(text, &day);
  return day;
}

}  // namespace yilian::scheduling
