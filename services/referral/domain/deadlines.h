// Clocks of a referral: by when whose answer is owed. Defaults are those of domain.md, "Referral";
// a region configures its own.
#pragma once

#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/referral/domain/types.h"

namespace yilian::referral {

// Which days are worked. Chinese public holidays move working days to weekends, so both lists are
// data.
class WorkingCalendar {
 public:
  WorkingCalendar(absl::TimeZone zone, absl::flat_hash_set<absl::CivilDay> holidays,
                  absl::flat_hash_set<absl::CivilDay> extra_working_days);
  bool IsWorkingDay(absl::CivilDay day) const;
  // The same time of day, `days` working days later; from a day off, counted from the next working
  // day's start.
  absl::Time AddWorkingDays(absl::Time from, int days) const;
  absl::CivilDay DayOf(absl::Time at) const { return absl::ToCivilDay(at, zone_); }
  // The first instant after a day.
  absl::Time EndOf(absl::CivilDay day) const { return absl::FromCivil(day + 1, zone_); }

 private:
  absl::TimeZone zone_;
  absl::flat_hash_set<absl::CivilDay> holidays_;
  absl::flat_hash_set<absl::CivilDay> extra_working_days_;
};

struct DeadlineDefaults {
  absl::Duration green_response = absl::Minutes(10);
  absl::Duration urgent_response = absl::Hours(4);
  int routine_response_days = 2;
  absl::Duration down_acknowledgement = absl::Hours(24);
  int returned_answer_days = 2;
  absl::Duration outcome_letter = absl::Hours(24);
  // First follow-up of a down-referral at the latest so many days after the discharge.
  int first_follow_up_days = 7;
};

// Thread-safe: immutable.
class Deadlines {
 public:
  Deadlines(DeadlineDefaults defaults, WorkingCalendar calendar)
      : defaults_(defaults), calendar_(std::move(calendar)) {}

  absl::Time FirstResponse(Direction direction, Channel channel, Urgency urgency,
                           absl::Time submitted) const;
  absl::Time AnswerToReturn(absl::Time returned) const;
  absl::Time OutcomeLetter(absl::Time care_ended) const {
    return care_ended + defaults_.outcome_letter;
  }
  // When the clock that ran from `started` to `due` escalates to `tier` (1: at due, 2: at 150 %, 3:
  // at 200 %).
  static absl::Time EscalationAt(absl::Time started, absl::Time due, int tier);
  static constexpr int kLastTier = 3;

  const WorkingCalendar& calendar() const { return calendar_; }
  const DeadlineDefaults& defaults() const { return defaults_; }

 private:
  DeadlineDefaults defaults_;
  WorkingCalendar calendar_;
};

}  // namespace yilian::referral
