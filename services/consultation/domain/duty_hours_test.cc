#include "services/consultation/domain/duty_hours.h"

#include <gtest/gtest.h>

namespace yilian::consultation {
namespace {

using absl::Weekday;

absl::TimeZone Zone(const char* name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone));
  return zone;
}

// 8:00 to 12:00 and 14:00 to 17:00 on Mondays and Tuesdays.
const std::vector<DutyHours> kDays = {{Weekday::monday, 480, 720},
                                      {Weekday::monday, 840, 1020},
                                      {Weekday::tuesday, 480, 720},
                                      {Weekday::tuesday, 840, 1020}};

class DutyHoursTest : public ::testing::Test {
 protected:
  // 2026-03-02 is a Monday.
  absl::Time At(int day, int hour, int minute = 0) const {
    return absl::FromCivil(absl::CivilMinute(2026, 3, day, hour, minute), zone_);
  }
  const absl::TimeZone zone_ = Zone("Asia/Shanghai");
};

TEST_F(DutyHoursTest, TimePassesOnDutyOnly) {
  const auto after = [&](absl::Time from, int minutes) {
    return AfterHours(kDays, zone_, from, absl::Minutes(minutes));
  };
  EXPECT_EQ(after(At(2, 9), 10), At(2, 9, 10));
  EXPECT_EQ(after(At(2, 11, 55), 10), At(2, 14, 5)) << "over the break";
  EXPECT_EQ(after(At(2, 20), 10), At(3, 8, 10)) << "overnight";
  EXPECT_EQ(after(At(3, 16, 55), 10), At(9, 8, 5)) << "over the rest of the week";
  EXPECT_EQ(after(At(2, 8), 7 * 60), At(2, 17)) << "to the last minute";
  EXPECT_EQ(AfterHours({}, zone_, At(4, 3), absl::Minutes(10)), At(4, 3, 10)) << "always";
}

TEST_F(DutyHoursTest, HoursOverMidnightBelongToTheDayOnWhichTheyBegin) {
  const std::vector<DutyHours> night = {{Weekday::sunday, 1320, 360}};
  EXPECT_EQ(EndOfHours(night, zone_, At(2, 1)), At(2, 6)) << "Sunday's night reaches into Monday";
  EXPECT_FALSE(EndOfHours(night, zone_, At(2, 6)).has_value());
  EXPECT_EQ(AfterHours(night, zone_, At(2, 5, 55), absl::Minutes(10)), At(8, 22, 5));
}

TEST_F(DutyHoursTest, HoursThatFollowWithoutAGapAreOne) {
  const std::vector<DutyHours> shifts = {{Weekday::monday, 480, 960}, {Weekday::monday, 960, 0}};
  EXPECT_EQ(EndOfHours(shifts, zone_, At(2, 9)), At(3, 0));
}

TEST_F(DutyHoursTest, OverlapsAreNamedAlsoAcrossTheWeeksEnd) {
  EXPECT_TRUE(Overlaps(kDays).empty());
  const std::vector<DutyHours> clash = {{Weekday::monday, 300, 480}, {Weekday::sunday, 1380, 360}};
  ASSERT_EQ(Overlaps(clash).size(), 1u);
  EXPECT_EQ(Overlaps(clash).front(), (std::pair<size_t, size_t>(1, 0)));
}

TEST(DutyHoursInSummer, AnHourThatTheClockSkipsIsNotWorked) {
  const absl::TimeZone zone = Zone("Europe/Berlin");  // 2026-03-29: 02:00 is 03:00
  const std::vector<DutyHours> night = {{Weekday::sunday, 60, 300}};
  const absl::Time start = absl::FromCivil(absl::CivilHour(2026, 3, 29, 1), zone);
  EXPECT_EQ(EndOfHours(night, zone, start), start + absl::Hours(3));
}

}  // namespace
}  // namespace yilian::consultation
