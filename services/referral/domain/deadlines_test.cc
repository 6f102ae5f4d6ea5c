#include "services/referral/domain/deadlines.h"

#include <gtest/gtest.h>

namespace yilian::referral {
namespace {

absl::TimeZone Shanghai() {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone("Asia/Shanghai", &zone));
  return zone;
}

absl::Time At(int month, int day, int hour) {
  return absl::FromCivil(absl::CivilHour(2026, month, day, hour), Shanghai());
}

// The National Day week of 2026 as an example of a holiday with a shifted working day.
WorkingCalendar Calendar() {
  absl::flat_hash_set<absl::CivilDay> holidays;
  for (int day = 1; day <= 7; ++day) holidays.insert(absl::CivilDay(2026, 10, day));
  return WorkingCalendar(Shanghai(), holidays, {absl::CivilDay(2026, 10, 10)});
}

TEST(WorkingCalendar, SkipsTheWeekend) {
  EXPECT_EQ(Calendar().AddWorkingDays(At(3, 6, 15), 2), At(3, 10, 15));  // Friday -> Tuesday
}

TEST(WorkingCalendar, SkipsTheHolidaysAndCountsAShiftedSaturday) {
  EXPECT_EQ(Calendar().AddWorkingDays(At(9, 30, 15), 1), At(10, 8, 15));
  EXPECT_EQ(Calendar().AddWorkingDays(At(10, 8, 15), 2),
            At(10, 10, 15));  // Thursday -> the worked Saturday
}

TEST(WorkingCalendar, FromADayOffCountsFromTheNextWorkingDaysStart) {
  EXPECT_EQ(Calendar().AddWorkingDays(At(3, 7, 15), 1),
            At(3, 10, 0));  // Saturday: from Monday 0:00
}

TEST(Deadlines, AreThoseOfTheRegion) {
  const Deadlines deadlines({}, Calendar());
  const absl::Time now = At(3, 2, 9);
  EXPECT_EQ(deadlines.FirstResponse(Direction::kUp, Channel::kGreen, Urgency::kRoutine, now),
            now + absl::Minutes(10));
  EXPECT_EQ(deadlines.FirstResponse(Direction::kUp, Channel::kStandard, Urgency::kUrgent, now),
            now + absl::Hours(4));
  EXPECT_EQ(deadlines.FirstResponse(Direction::kUp, Channel::kStandard, Urgency::kRoutine, now),
            At(3, 4, 9));
  EXPECT_EQ(deadlines.FirstResponse(Direction::kDown, Channel::kStandard, Urgency::kRoutine, now),
            now + absl::Hours(24));
}

}  // namespace
}  // namespace yilian::referral
