// absl::CivilDay in a DATE column.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"

namespace yilian::directory {

inline std::string ToSqlDate(absl::CivilDay day) { return absl::FormatCivilTime(day); }
// NULL without a day.
inline std::optional<std::string> ToSqlDate(const std::optional<absl::CivilDay>& day) {
  if (!day) return std::nullopt;
  return ToSqlDate(*day);
}

inline absl::StatusOr<absl::CivilDay> FromSqlDate(const std::string& text) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(text, &day)) return absl::InternalError("a stored date does not parse");
  return day;
}

}  // namespace yilian::directory
