#include "common/calendar/calendar.h"

#include <algorithm>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "common/base/status_macros.h"

namespace yilian::calendar {
namespace {

bool IsWeekend(absl::CivilDay day) {
  const absl::Weekday weekday = absl::GetWeekday(day);
  return weekday == absl::Weekday::saturday || weekday == absl::Weekday::sunday;
}

constexpr DayRange kEverything{absl::CivilDay(1, 1, 1), absl::CivilDay(9999, 12, 31)};

// More days off in a row than any calendar has: a calendar that says nobody ever works again is not
// searched for ever.
constexpr int kLongestPause = 400;

}  // namespace

absl::TimeZone ChinaStandardTime() { return absl::FixedTimeZone(8 * 60 * 60); }

struct Calendar::Data {
  Options options;
  Days days_off;
  Days worked;
  DayRange covered;
  mutable absl::Mutex mutex;
  mutable absl::flat_hash_set<absl::civil_year_t> told ABSL_GUARDED_BY(mutex);
};

Calendar CalendarBuilder::Build(const DayRange& covered, Calendar::Options options) && {
  auto data = std::make_shared<Calendar::Data>();
  data->options = std::move(options);
  data->days_off = std::move(days_off_);
  data->worked = std::move(worked_);
  data->covered = covered;
  return Calendar(std::move(data));
}

Calendar::Calendar(absl::TimeZone zone, Days days_off, Days worked_weekend_days) {
  auto data = std::make_shared<Data>();
  data->options.zone = zone;
  data->days_off = std::move(days_off);
  data->worked = std::move(worked_weekend_days);
  data->covered = kEverything;
  data_ = std::move(data);
}

absl::StatusOr<Calendar> Calendar::With(const Days& days_off, const Days& worked_days) const {
  std::vector<std::string> faults;
  auto data = std::make_shared<Data>();
  data->options = data_->options;
  data->days_off = data_->days_off;
  data->worked = data_->worked;
  data->covered = data_->covered;
  for (const absl::CivilDay day : days_off) {
    const std::string text = absl::FormatCivilTime(day);
    if (worked_days.contains(day)) {
      faults.push_back(absl::StrCat(text, ": is both a holiday and worked; keep one"));
    } else if (IsOff(day)) {
      faults.push_back(absl::StrCat(text, ": is a day off already; allowed: a working day"));
    }
    data->worked.erase(day);
    data->days_off.insert(day);
  }
  for (const absl::CivilDay day : worked_days) {
    if (!days_off.contains(day) && !IsOff(day)) {
      faults.push_back(
          absl::StrCat(absl::FormatCivilTime(day), ": is worked already; allowed: a day off"));
    }
    data->days_off.erase(day);
    data->worked.insert(day);
  }
  if (!faults.empty()) {
    std::sort(faults.begin(), faults.end());
    return absl::InvalidArgumentError(absl::StrJoin(faults, "\n"));
  }
  return Calendar(std::move(data));
}

bool Calendar::IsOff(absl::CivilDay day) const {
  if (data_->worked.contains(day)) return false;
  return data_->days_off.contains(day) || IsWeekend(day);
}

bool Calendar::IsWorkingDay(absl::CivilDay day) const {
  TellIfUncovered(day);
  return !IsOff(day);
}

bool Calendar::IsHoliday(absl::CivilDay day) const {
  TellIfUncovered(day);
  return data_->days_off.contains(day) && !data_->worked.contains(day);
}

void Calendar::TellIfUncovered(absl::CivilDay day) const {
  if (Covers({day, day}) || data_->options.on_uncovered == nullptr) return;
  {
    absl::MutexLock lock(&data_->mutex);
    if (!data_->told.insert(day.year()).second) return;
  }
  data_->options.on_uncovered(day);
}

bool Calendar::Covers(const DayRange& range) const {
  return data_->covered.first <= range.first && range.last <= data_->covered.last;
}

const DayRange& Calendar::covered() const { return data_->covered; }

absl::Status Calendar::CheckAhead(absl::Time now, int days) const {
  const absl::CivilDay today = DayOf(now);
  const DayRange needed{today, today + days};
  if (Covers(needed)) return absl::OkStatus();
  const absl::CivilDay missing =
      needed.first < data_->covered.first ? needed.first : data_->covered.last + 1;
  return absl::FailedPreconditionError(absl::StrCat(
      "the calendar covers ", absl::FormatCivilTime(data_->covered.first), " to ",
      absl::FormatCivilTime(data_->covered.last), "; required: ", days, " days from ",
      absl::FormatCivilTime(today), ". Add the file of the year ", missing.year(),
      " as the State Council publishes it. Until then Saturdays and Sundays are off and every "
      "other day is worked"));
}

absl::CivilDay Calendar::NextWorkingDay(absl::CivilDay day) const {
  for (int i = 0; i < kLongestPause && !IsWorkingDay(day); ++i) ++day;
  return day;
}

absl::Time Calendar::StartOf(absl::CivilDay day) const {
  return absl::FromCivil(day, data_->options.zone) + data_->options.hours.from;
}

absl::Time Calendar::AddWorkingDays(absl::Time from, int days) const {
  const absl::CivilDay today = DayOf(from);
  absl::CivilDay day = NextWorkingDay(today);
  const absl::Time start = day == today ? from : StartOf(day);
  const absl::Duration time_of_day = start - absl::FromCivil(day, data_->options.zone);
  for (int i = 0; i < days; ++i) day = NextWorkingDay(day + 1);
  return absl::FromCivil(day, data_->options.zone) + time_of_day;
}

absl::Time Calendar::AddWorkingTime(absl::Time from, absl::Duration working) const {
  const absl::Duration a_day = data_->options.hours.to - data_->options.hours.from;
  absl::Duration left = std::max(working, absl::ZeroDuration());
  absl::CivilDay day = DayOf(from);
  absl::Time at = from;
  if (!IsWorkingDay(day) || at >= StartOf(day) + a_day) {
    day = NextWorkingDay(IsWorkingDay(day) ? day + 1 : day);
    at = StartOf(day);
  }
  at = std::max(at, StartOf(day));
  while (left > StartOf(day) + a_day - at) {
    left -= StartOf(day) + a_day - at;
    day = NextWorkingDay(day + 1);
    at = StartOf(day);
  }
  return at + left;
}

absl::CivilDay Calendar::DayOf(absl::Time at) const {
  return absl::ToCivilDay(at, data_->options.zone);
}

absl::Time Calendar::EndOf(absl::CivilDay day) const {
  return absl::FromCivil(day + 1, data_->options.zone);
}

}  // namespace yilian::calendar
