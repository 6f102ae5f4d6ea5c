// Working days and working time: weekends, public holidays, and the weekend days that are worked in
// exchange for them (调休). Which days those are is data (README.md), never code.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace yilian::calendar {

using Days = absl::flat_hash_set<absl::CivilDay>;

// China has one time zone, without summer time since 1991.
absl::TimeZone ChinaStandardTime();

// The hours of a working day that count as working time, from midnight. By default the whole day: a
// deadline of two working days ends at the same time of day two working days later.
struct WorkingHours {
  absl::Duration from = absl::ZeroDuration();
  absl::Duration to = absl::Hours(24);
};

// First and last day of something, both included.
struct DayRange {
  absl::CivilDay first;
  absl::CivilDay last;
};

// Thread-safe: immutable after it is made; copies are cheap. Past its data a weekend rule answers
// (Saturday and Sunday are off), so that no deadline is ever left without an answer.
class Calendar {
 public:
  struct Options {
    absl::TimeZone zone = ChinaStandardTime();
    WorkingHours hours;
    // Called when a day outside the data is asked for, at most once for each year: the owner logs
    // it. May be called by any thread.
    std::function<void(absl::CivilDay day)> on_uncovered;
  };

  // A calendar of a caller who states every exception: it covers all days.
  Calendar(absl::TimeZone zone, Days days_off, Days worked_weekend_days);
  // Of files as README.md describes them, or of one. INVALID_ARGUMENT lists every fault, one a
  // line.
  static absl::StatusOr<Calendar> Load(const std::vector<std::string>& paths, Options options);
  static absl::StatusOr<Calendar> Load(const std::string& path);

  // The same with a region's own days: off beside those of the nation, or worked. INVALID_ARGUMENT
  // names each day that contradicts: one in both lists, one that is off or worked already.
  absl::StatusOr<Calendar> With(const Days& days_off, const Days& worked_days) const;

  bool IsWorkingDay(absl::CivilDay day) const;
  // Off by the notice or the region's own days, not for being a Saturday or Sunday.
  bool IsHoliday(absl::CivilDay day) const;
  // Whether the data says something about every day of it.
  bool Covers(const DayRange& range) const;
  // FAILED_PRECONDITION, naming the year to add, unless the `days` after today are covered.
  absl::Status CheckAhead(absl::Time now, int days) const;
  // First and last day of the data.
  const DayRange& covered() const;

  // The same time of day, `days` working days later. From a day off it is counted from the start of
  // the next working day; `days` below one add nothing.
  absl::Time AddWorkingDays(absl::Time from, int days) const;
  // The instant at which so much working time has passed; a negative amount counts as none. What
  // falls out of the hours or on a day off does not count.
  absl::Time AddWorkingTime(absl::Time from, absl::Duration working) const;

  absl::CivilDay DayOf(absl::Time at) const;
  // The first instant after a day.
  absl::Time EndOf(absl::CivilDay day) const;

 private:
  struct Data;
  explicit Calendar(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
  bool IsOff(absl::CivilDay day) const;
  void TellIfUncovered(absl::CivilDay day) const;
  absl::CivilDay NextWorkingDay(absl::CivilDay day) const;
  absl::Time StartOf(absl::CivilDay day) const;

  // Shared by copies.
  std::shared_ptr<const Data> data_;

  friend class CalendarBuilder;
};

// What load.cc makes a calendar of, after it has checked the files.
class CalendarBuilder {
 public:
  void AddDayOff(absl::CivilDay day) { days_off_.insert(day); }
  void AddWorkedDay(absl::CivilDay day) { worked_.insert(day); }
  Calendar Build(const DayRange& covered, Calendar::Options options) &&;

 private:
  Days days_off_;
  Days worked_;
};

}  // namespace yilian::calendar
