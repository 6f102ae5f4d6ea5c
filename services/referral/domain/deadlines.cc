#include "services/referral/domain/deadlines.h"

#include <utility>

namespace yilian::referral {

WorkingCalendar::WorkingCalendar(absl::TimeZone zone, absl::flat_hash_set<absl::CivilDay> holidays,
                                 absl::flat_hash_set<absl::CivilDay> extra_working_days)
    : zone_(zone),
      holidays_(std::move(holidays)),
      extra_working_days_(std::move(extra_working_days)) {}

bool WorkingCalendar::IsWorkingDay(absl::CivilDay day) const {
  if (extra_working_days_.contains(day)) return true;
  if (holidays_.contains(day)) return false;
  const absl::Weekday weekday = absl::GetWeekday(day);
  return weekday != absl::Weekday::saturday && weekday != absl::Weekday::sunday;
}

absl::Time WorkingCalendar::AddWorkingDays(absl::Time from, int days) const {
  absl::CivilSecond at = absl::ToCivilSecond(from, zone_);
  absl::CivilDay day(at);
  if (!IsWorkingDay(day)) {
    while (!IsWorkingDay(day)) ++day;
    at = absl::CivilSecond(day);
  }
  for (int i = 0; i < days; ++i) {
    do ++day;
    while (!IsWorkingDay(day));
  }
  const absl::CivilSecond end(day.year(), day.month(), day.day(), at.hour(), at.minute(),
                              at.second());
  return absl::FromCivil(end, zone_);
}

absl::Time Deadlines::FirstResponse(Direction direction, Channel channel, Urgency urgency,
                                    absl::Time submitted) const {
  if (direction == Direction::kDown) return submitted + defaults_.down_acknowledgement;
  if (channel == Channel::kGreen) return submitted + defaults_.green_response;
  if (urgency != Urgency::kRoutine) return submitted + defaults_.urgent_response;
  return calendar_.AddWorkingDays(submitted, defaults_.routine_response_days);
}

absl::Time Deadlines::AnswerToReturn(absl::Time returned) const {
  return calendar_.AddWorkingDays(returned, defaults_.returned_answer_days);
}

absl::Time Deadlines::EscalationAt(absl::Time started, absl::Time due, int tier) {
  return due + (due - started) * (0.5 * (tier - 1));
}

}  // namespace yilian::referral
