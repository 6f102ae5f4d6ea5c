// Clocks of a referral: by when whose answer is owed. Defaults are those of domain.md, "Referral";
// a region configures its own.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/calendar/calendar.h"
#include "services/referral/domain/types.h"

namespace yilian::referral {

// Which days are worked: weekends, holidays and shifted working days of China, as data.
using WorkingCalendar = calendar::Calendar;

struct DeadlineDefaults {
  absl::Duration green_response = absl::Minutes(10);
  absl::Duration urgent_response = absl::Hours(4);
  int routine_response_days = 2;
  absl::Duration down_acknowledgement = absl::Hours(24);
  int returned_answer_days = 2;
  absl::Duration outcome_letter = absl::Hours(24);
  // First follow-up of a down-referral at the latest so many days after the discharge.
  int first_follow_up_days = 7;
  // After care has begun the sender may only ask for the cancellation; the answer is due then.
  absl::Duration cancellation_answer = absl::Hours(4);
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
  absl::Time CancellationAnswer(absl::Time asked) const {
    return asked + defaults_.cancellation_answer;
  }
  // A follow-up task that nobody acts on escalates when its day is over, and then every two days.
  static absl::Time FollowUpEscalationAt(absl::Time end_of_due_date, int tier) {
    return end_of_due_date + (tier - 1) * absl::Hours(48);
  }
  // When the clock that ran from `started` to `due` escalates to `tier` (1: at due, 2: at 150 %, 3:
  // at 200 %).
  static absl::Time EscalationAt(absl::Time started, absl::Time due, int tier);
  static constexpr int kLastTier = 3;
  // Who is said to be in the hospital for longer is asked about: 30 days is when hospitals review
  // long stays (三级医院评审标准, 住院时间超过 30 天的患者管理与评价).
  static constexpr absl::Duration kLongestStay = absl::Hours(30 * 24);

  const WorkingCalendar& calendar() const { return calendar_; }
  const DeadlineDefaults& defaults() const { return defaults_; }

 private:
  DeadlineDefaults defaults_;
  WorkingCalendar calendar_;
};

}  // namespace yilian::referral
