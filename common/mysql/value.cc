#include "common/mysql/value.h"

#include <algorithm>

#include "absl/time/civil_time.h"

namespace yilian::mysql {
namespace {

void Digits(char* at, int width, int64_t number) {
  for (int i = width - 1; i >= 0; --i) {
    at[i] = static_cast<char>('0' + number % 10);
    number /= 10;
  }
}

// -1 when one of the characters is no digit.
int64_t Number(std::string_view text) {
  int64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return -1;
    number = number * 10 + (c - '0');
  }
  return number;
}

}  // namespace

Value::Value(absl::Time time) : value_(ToSqlTime(time)) {}

std::string ToSqlTime(absl::Time time) {
  // DATETIME's range; an infinite deadline becomes its last instant.
  static const absl::Time first =
      absl::FromCivil(absl::CivilSecond(1000, 1, 1), absl::UTCTimeZone());
  static const absl::Time last =
      absl::FromCivil(absl::CivilSecond(10000, 1, 1), absl::UTCTimeZone()) - absl::Microseconds(1);
  const absl::TimeZone::CivilInfo info = absl::UTCTimeZone().At(std::clamp(time, first, last));
  std::string text = "0000-00-00 00:00:00.000000";
  Digits(&text[0], 4, info.cs.year());
  Digits(&text[5], 2, info.cs.month());
  Digits(&text[8], 2, info.cs.day());
  Digits(&text[11], 2, info.cs.hour());
  Digits(&text[14], 2, info.cs.minute());
  Digits(&text[17], 2, info.cs.second());
  Digits(&text[20], 6, absl::ToInt64Microseconds(info.subsecond));
  return text;
}

absl::StatusOr<absl::Time> FromSqlTime(std::string_view text) {
  const auto bad = [] {
    return absl::InvalidArgumentError("not a DATETIME: want YYYY-MM-DD hh:mm:ss[.ffffff]");
  };
  if (text.size() < 19 || text.size() > 26 || text.size() == 20) return bad();
  if (text[4] != '-' || text[7] != '-' || text[10] != ' ' || text[13] != ':' || text[16] != ':')
    return bad();
  const int64_t year = Number(text.substr(0, 4));
  const int64_t month = Number(text.substr(5, 2));
  const int64_t day = Number(text.substr(8, 2));
  const int64_t hour = Number(text.substr(11, 2));
  const int64_t minute = Number(text.substr(14, 2));
  const int64_t second = Number(text.substr(17, 2));
  if (year < 0 || month < 1 || day < 1 || hour < 0 || minute < 0 || second < 0) return bad();
  const absl::CivilSecond civil(year, month, day, hour, minute, second);
  // A civil time normalizes the 31st of April to the 1st of May: not what was written.
  if (civil.month() != month || civil.day() != day || civil.hour() != hour ||
      civil.minute() != minute || civil.second() != second) {
    return bad();
  }
  int64_t micros = 0;
  if (text.size() > 20) {
    if (text[19] != '.') return bad();
    micros = Number(text.substr(20));
    if (micros < 0) return bad();
    for (size_t digits = text.size() - 20; digits < 6; ++digits) micros *= 10;
  }
  return absl::FromCivil(civil, absl::UTCTimeZone()) + absl::Microseconds(micros);
}

absl::Time Row::Time(int column) const {
  if (IsNull(column)) return absl::Time();
  return FromSqlTime(Text(column)).value_or(absl::Time());
}

base::Uuid Row::Id(int column) const {
  if (IsNull(column)) return base::Uuid();
  return base::Uuid::FromBytes(Bytes(column)).value_or(base::Uuid());
}

std::optional<absl::Time> Row::OptionalTime(int column) const {
  if (IsNull(column)) return std::nullopt;
  return Time(column);
}

std::optional<base::Uuid> Row::OptionalId(int column) const {
  if (IsNull(column)) return std::nullopt;
  return Id(column);
}

std::optional<std::string> Row::OptionalText(int column) const {
  if (IsNull(column)) return std::nullopt;
  return Text(column);
}

std::optional<int64_t> Row::OptionalInt(int column) const {
  if (IsNull(column)) return std::nullopt;
  return Int(column);
}

}  // namespace yilian::mysql
