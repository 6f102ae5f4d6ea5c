// Calendar::Load: see README.md for the file and for what is refused.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/calendar/calendar.h"
#include "common/config/json.h"

namespace yilian::calendar {
namespace {

using config::Json;

// The longest so far: Spring Festival 2020, which was extended to ten days.
constexpr int kLongestHoliday = 16;
// New Year's notice may begin in the year before: 2022-12-31 belongs to 2023's.
constexpr int kDaysOfDecember = 10;

struct Faults {
  std::string path;
  std::vector<std::string> lines;
  void Add(int line, std::string_view field, std::string_view what) {
    lines.push_back(fmt::format("{}:{}: {}: {}", path, line, field, what));
  }
};

struct Holiday {
  std::string name;
  DayRange days;
  int line = 0;
  std::string field;
};

struct ShiftedDay {
  absl::CivilDay day;
  std::string holiday;
  int line = 0;
  std::string field;
};

struct Year {
  std::string region;
  int year = 0;
  int line = 1;
  std::vector<Holiday> holidays;
  std::vector<ShiftedDay> shifted;
};

// An object's members by name; those that are not `known` are faults, as are absent `required`.
class Members {
 public:
  Members(const Json& object, std::string field, Faults& faults)
      : object_(object), field_(std::move(field)), faults_(faults) {
    if (object.type != Json::Type::kObject) faults.Add(object.line, field_, "allowed: an object");
  }
  std::string Name(std::string_view name) const {
    return field_.empty() ? std::string(name) : fmt::format("{}.{}", field_, name);
  }
  const Json* Get(std::string_view name, Json::Type type) {
    known_.emplace_back(name);
    const Json* found = object_.type == Json::Type::kObject ? object_.Find(name) : nullptr;
    if (found == nullptr) {
      faults_.Add(object_.line, Name(name), fmt::format("is missing; allowed: {}", NameOf(type)));
    } else if (found->type != type) {
      faults_.Add(found->line, Name(name), fmt::format("allowed: {}", NameOf(type)));
    } else {
      return found;
    }
    return nullptr;
  }
  std::string Text(std::string_view name) {
    const Json* found = Get(name, Json::Type::kString);
    if (found == nullptr) return "";
    if (found->text.empty()) faults_.Add(found->line, Name(name), "is empty; allowed: a text");
    return found->text;
  }
  std::optional<absl::CivilDay> Date(std::string_view name) {
    const Json* found = Get(name, Json::Type::kString);
    if (found == nullptr) return std::nullopt;
    absl::CivilDay day;
    if (absl::ParseCivilTime(found->text, &day) && absl::FormatCivilTime(day) == found->text) {
      return day;
    }
    faults_.Add(found->line, Name(name),
                fmt::format("\"{}\" is no date; allowed: YYYY-MM-DD", found->text));
    return std::nullopt;
  }
  void MayHave(std::string_view name) { known_.emplace_back(name); }
  void RefuseOthers() {
    for (const auto& [name, value] : object_.members) {
      if (std::find(known_.begin(), known_.end(), name) == known_.end()) {
        faults_.Add(value.line, Name(name),
                    fmt::format("is unknown; allowed: {}", absl::StrJoin(known_, ", ")));
      }
    }
  }

 private:
  const Json& object_;
  const std::string field_;
  Faults& faults_;
  std::vector<std::string> known_;
};

bool IsOfYear(absl::CivilDay day, int year) {
  return day >= absl::CivilDay(year, 1, 1) - kDaysOfDecember && day <= absl::CivilDay(year, 12, 31);
}

std::optional<absl::CivilDay> DateOf(Members& members, std::string_view name, int line, int year,
                                     Faults& faults) {
  const std::optional<absl::CivilDay> day = members.Date(name);
  if (!day || year == 0 || IsOfYear(*day, year)) return day;
  faults.Add(
      line, members.Name(name),
      fmt::format("{} is not of this year; allowed: {} to {}-12-31", absl::FormatCivilTime(*day),
                  absl::FormatCivilTime(absl::CivilDay(year, 1, 1) - kDaysOfDecember), year));
  return std::nullopt;
}

void ReadHoliday(const Json& item, std::string field, Faults& faults, Year& year) {
  Members members(item, field, faults);
  Holiday holiday{.name = members.Text("name"), .line = item.line, .field = std::move(field)};
  const auto from = DateOf(members, "from", item.line, year.year, faults);
  const auto to = DateOf(members, "to", item.line, year.year, faults);
  members.RefuseOthers();
  if (!from || !to) return;
  if (*to < *from || *to - *from >= kLongestHoliday) {
    faults.Add(item.line, members.Name("to"),
               fmt::format("{}; allowed: from {} to {}", absl::FormatCivilTime(*to),
                           absl::FormatCivilTime(*from),
                           absl::FormatCivilTime(*from + (kLongestHoliday - 1))));
    return;
  }
  holiday.days = {*from, *to};
  year.holidays.push_back(std::move(holiday));
}

void ReadShiftedDay(const Json& item, std::string field, Faults& faults, Year& year) {
  Members members(item, field, faults);
  const auto day = DateOf(members, "date", item.line, year.year, faults);
  ShiftedDay shifted{
      .holiday = members.Text("for"), .line = item.line, .field = members.Name("date")};
  members.RefuseOthers();
  if (!day) return;
  shifted.day = *day;
  year.shifted.push_back(std::move(shifted));
}

Year ReadYear(const Json& root, Faults& faults) {
  Year year;
  Members members(root, "", faults);
  year.region = members.Text("region");
  if (const Json* number = members.Get("year", Json::Type::kNumber)) {
    year.line = number->line;
    const bool is_year = number->text.size() == 4 && number->text >= "1990" &&
                         number->text.find_first_not_of("0123456789") == std::string::npos;
    if (is_year) year.year = std::stoi(number->text);
    if (!is_year) faults.Add(number->line, "year", "allowed: a year from 1990");
  }
  if (const Json* notice = members.Get("notice", Json::Type::kObject)) {
    Members source(*notice, "notice", faults);
    source.Text("title");
    source.Date("date");
    source.MayHave("number");
    source.RefuseOthers();
  }
  const auto read_all = [&](std::string_view name, auto read) {
    const Json* list = members.Get(name, Json::Type::kArray);
    if (list == nullptr) return;
    for (size_t i = 0; i < list->items.size(); ++i) {
      read(list->items[i], fmt::format("{}[{}]", name, i), faults, year);
    }
  };
  read_all("holidays", ReadHoliday);
  read_all("shifted_working_days", ReadShiftedDay);
  members.RefuseOthers();
  return year;
}

// What no law moves. A file without one of them is not finished.
void CheckLawfulHolidays(const Year& year, Faults& faults) {
  if (!year.region.starts_with("CN") || year.year == 0) return;
  static constexpr std::array<std::pair<int, const char*>, 3> kLawful{
      {{1, "元旦"}, {5, "劳动节"}, {10, "国庆节"}}};
  for (const auto& [month, name] : kLawful) {
    const absl::CivilDay day(year.year, month, 1);
    const bool there =
        std::any_of(year.holidays.begin(), year.holidays.end(),
                    [&](const auto& one) { return one.days.first <= day && day <= one.days.last; });
    if (!there) {
      faults.Add(year.line, "holidays",
                 fmt::format("{} ({}) is missing; required: every holiday of the year",
                             absl::FormatCivilTime(day), name));
    }
  }
}

// Adds what the years say, each day once.
class Assembly {
 public:
  void Add(const Year& year, Faults& faults) {
    for (const Holiday& holiday : year.holidays) AddHoliday(holiday, faults);
    for (const ShiftedDay& shifted : year.shifted) AddShifted(year, shifted, faults);
  }
  // After all of them: a shifted day may be a holiday of the next year's file.
  void CheckShifted(Faults& faults) const {
    for (const auto& [day, shifted] : shifted_) {
      const auto holiday = off_.find(day);
      if (holiday == off_.end()) continue;
      faults.lines.push_back(fmt::format("{}: {} is a day of {} too; allowed: one of the two",
                                         shifted, absl::FormatCivilTime(day), holiday->second));
    }
  }
  Calendar Build(const DayRange& covered, Calendar::Options options) const {
    CalendarBuilder builder;
    for (const auto& [day, name] : off_) builder.AddDayOff(day);
    for (const auto& [day, name] : shifted_) builder.AddWorkedDay(day);
    return std::move(builder).Build(covered, std::move(options));
  }

 private:
  void AddHoliday(const Holiday& holiday, Faults& faults) {
    for (absl::CivilDay day = holiday.days.first; day <= holiday.days.last; ++day) {
      const auto [there, added] = off_.emplace(day, holiday.name);
      if (added) continue;
      faults.Add(holiday.line, holiday.field,
                 fmt::format("{} is a day of {} already; allowed: holidays that do not overlap",
                             absl::FormatCivilTime(day), there->second));
      return;
    }
  }
  void AddShifted(const Year& year, const ShiftedDay& shifted, Faults& faults) {
    const absl::Weekday weekday = absl::GetWeekday(shifted.day);
    if (weekday != absl::Weekday::saturday && weekday != absl::Weekday::sunday) {
      faults.Add(shifted.line, shifted.field,
                 fmt::format("{} is worked anyway; allowed: a Saturday or a Sunday",
                             absl::FormatCivilTime(shifted.day)));
      return;
    }
    const bool known =
        std::any_of(year.holidays.begin(), year.holidays.end(),
                    [&](const Holiday& holiday) { return holiday.name == shifted.holiday; });
    if (!known) {
      faults.Add(shifted.line, shifted.field,
                 fmt::format("is worked for \"{}\"; allowed: the name of a holiday of this file",
                             shifted.holiday));
    }
    const std::string where = fmt::format("{}:{}: {}", faults.path, shifted.line, shifted.field);
    if (!shifted_.emplace(shifted.day, where).second) {
      faults.Add(
          shifted.line, shifted.field,
          fmt::format("{} is given twice; allowed: once", absl::FormatCivilTime(shifted.day)));
    }
  }

  std::map<absl::CivilDay, std::string> off_;
  std::map<absl::CivilDay, std::string> shifted_;  // with the place in the file
};

absl::StatusOr<Json> ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) return absl::NotFoundError(fmt::format("{}: cannot be read", path));
  absl::StatusOr<Json> root = config::ParseJson(text.str());
  if (root.ok()) return root;
  return absl::InvalidArgumentError(
      fmt::format("{}: {}", path, std::string(root.status().message())));
}

}  // namespace

absl::StatusOr<Calendar> Calendar::Load(const std::vector<std::string>& paths, Options options) {
  if (paths.empty()) return absl::InvalidArgumentError("no file of a calendar is named");
  if (options.hours.from < absl::ZeroDuration() || options.hours.to > absl::Hours(24) ||
      options.hours.to <= options.hours.from) {
    return absl::InvalidArgumentError("working hours begin before they end, within one day");
  }
  Faults faults;
  std::map<int, std::pair<std::string, Year>> years;  // with the file
  for (const std::string& path : paths) {
    faults.path = path;
    ASSIGN_OR_RETURN(const Json root, ReadFile(path));
    Year year = ReadYear(root, faults);
    CheckLawfulHolidays(year, faults);
    if (year.year == 0) continue;
    if (!years.empty() && year.region != years.begin()->second.second.region) {
      faults.Add(1, "region",
                 fmt::format("is \"{}\"; allowed: \"{}\", that of {}", year.region,
                             years.begin()->second.second.region, years.begin()->second.first));
    }
    const auto [there, added] = years.try_emplace(year.year, path, std::move(year));
    if (!added) {
      faults.Add(there->second.second.line, "year",
                 fmt::format("{} is that of {} too; allowed: one file a year", there->first,
                             there->second.first));
    }
  }
  Assembly assembly;
  int last = 0;
  for (const auto& [number, from] : years) {
    faults.path = from.first;
    if (last != 0 && number != last + 1) {
      faults.Add(from.second.line, "year",
                 fmt::format("follows {}; required: a file of {}, allowed: consecutive years", last,
                             last + 1));
    }
    last = number;
    assembly.Add(from.second, faults);
  }
  assembly.CheckShifted(faults);
  if (!faults.lines.empty()) return absl::InvalidArgumentError(absl::StrJoin(faults.lines, "\n"));
  return assembly.Build({absl::CivilDay(years.begin()->first, 1, 1), absl::CivilDay(last, 12, 31)},
                        std::move(options));
}

absl::StatusOr<Calendar> Calendar::Load(const std::string& path) {
  return Load(std::vector<std::string>{path}, Options());
}

}  // namespace yilian::calendar
