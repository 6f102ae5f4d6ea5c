#include "common/calendar/calendar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace yilian::calendar {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kNotices[] = "deploy/config/calendar-";

std::vector<std::string> Files() {
  return {std::string(kNotices) + "2025.json", std::string(kNotices) + "2026.json"};
}

Calendar China(Calendar::Options options = {}) {
  auto calendar = Calendar::Load(Files(), std::move(options));
  EXPECT_TRUE(calendar.ok()) << calendar.status();
  return *calendar;
}

absl::Time At(int year, int month, int day, int hour) {
  return absl::FromCivil(absl::CivilHour(year, month, day, hour), ChinaStandardTime());
}
absl::Time At(int month, int day, int hour) { return At(2026, month, day, hour); }

TEST(IsWorkingDay, FollowsTheNoticesOf2025And2026) {
  const Calendar china = China();
  EXPECT_TRUE(china.IsWorkingDay(absl::CivilDay(2026, 3, 6)));    // a Friday
  EXPECT_FALSE(china.IsWorkingDay(absl::CivilDay(2026, 3, 7)));   // a Saturday
  EXPECT_FALSE(china.IsWorkingDay(absl::CivilDay(2026, 2, 16)));  // Spring Festival, a Monday
  EXPECT_TRUE(china.IsWorkingDay(absl::CivilDay(2026, 2, 14)));   // a Saturday that is worked
  EXPECT_TRUE(china.IsWorkingDay(absl::CivilDay(2026, 9, 20)));   // a Sunday that is worked
  EXPECT_FALSE(china.IsWorkingDay(absl::CivilDay(2025, 10, 8)));  // a Wednesday, Mid-Autumn
  EXPECT_TRUE(china.IsWorkingDay(absl::CivilDay(2025, 9, 28)));   // a Sunday that is worked
}

// 248 working days: 365 - 104 weekend days + 6 worked - 19 holidays on weekdays.
TEST(IsWorkingDay, CountsTheWorkingDaysOf2026) {
  const Calendar china = China();
  int worked = 0;
  for (absl::CivilDay day(2026, 1, 1); day.year() == 2026; ++day) {
    if (china.IsWorkingDay(day)) ++worked;
  }
  EXPECT_EQ(worked, 248);
}

TEST(AddWorkingDays, OverSpringFestival2026) {
  const Calendar china = China();
  // Friday 13 February; the Saturday is worked, then nine days off: Tuesday 24 February.
  EXPECT_EQ(china.AddWorkingDays(At(2, 13, 10), 1), At(2, 14, 10));
  EXPECT_EQ(china.AddWorkingDays(At(2, 13, 10), 2), At(2, 24, 10));
  // In the middle of it: from the start of 24 February.
  EXPECT_EQ(china.AddWorkingDays(At(2, 17, 10), 2), At(2, 26, 0));
  // The Saturday after is worked as well.
  EXPECT_EQ(china.AddWorkingDays(At(2, 27, 10), 1), At(2, 28, 10));
}

TEST(IsHoliday, IsWhatTheNoticeNamesAndNoMereWeekend) {
  const Calendar china = China();
  EXPECT_TRUE(china.IsHoliday(absl::CivilDay(2026, 10, 1)));
  EXPECT_TRUE(china.IsHoliday(absl::CivilDay(2026, 10, 3))) << "a Saturday of National Day";
  EXPECT_FALSE(china.IsHoliday(absl::CivilDay(2026, 10, 10))) << "the worked Saturday";
  EXPECT_FALSE(china.IsHoliday(absl::CivilDay(2026, 10, 17))) << "any Saturday";
  EXPECT_FALSE(china.IsHoliday(absl::CivilDay(2026, 10, 12)));
}

TEST(AddWorkingDays, OverNationalDay) {
  const Calendar china = China();
  EXPECT_EQ(china.AddWorkingDays(At(9, 30, 15), 1), At(10, 8, 15));
  EXPECT_EQ(china.AddWorkingDays(At(10, 8, 15), 2), At(10, 10, 15));  // the worked Saturday
  EXPECT_EQ(china.AddWorkingDays(At(2025, 9, 30, 15), 1), At(2025, 10, 9, 15));
}

TEST(AddWorkingDays, CountsTheSundaysThatAreWorked) {
  const Calendar china = China();
  EXPECT_EQ(china.AddWorkingDays(At(9, 18, 9), 1), At(9, 20, 9));  // Friday -> Sunday
  EXPECT_EQ(china.AddWorkingDays(At(9, 19, 9), 1), At(9, 21, 0));  // Saturday: from Sunday 0:00
  EXPECT_EQ(china.AddWorkingDays(At(2025, 9, 26, 9), 2), At(2025, 9, 29, 9));
}

TEST(AddWorkingDays, GoesFromOneYearIntoTheNext) {
  // Wednesday 31 December 2025; 1 to 3 January off, Sunday the 4th worked.
  EXPECT_EQ(China().AddWorkingDays(At(2025, 12, 31, 9), 2), At(1, 5, 9));
}

TEST(AddWorkingTime, CountsWholeWorkingDaysByDefault) {
  const Calendar china = China();
  EXPECT_EQ(china.AddWorkingTime(At(2, 13, 20), absl::Hours(10)), At(2, 14, 6));
  EXPECT_EQ(china.AddWorkingTime(At(2, 14, 20), absl::Hours(10)), At(2, 24, 6));
  EXPECT_EQ(china.AddWorkingTime(At(2, 17, 20), absl::ZeroDuration()), At(2, 24, 0));
  EXPECT_EQ(china.AddWorkingTime(At(3, 2, 9), -absl::Hours(1)), At(3, 2, 9));
}

TEST(AddWorkingTime, CountsTheHoursThatAreConfigured) {
  const Calendar china =
      China({.hours = {.from = absl::Hours(8), .to = absl::Hours(17) + absl::Minutes(30)}});
  EXPECT_EQ(china.AddWorkingTime(At(2, 14, 16), absl::Hours(3)), At(2, 24, 9) + absl::Minutes(30));
  EXPECT_EQ(china.AddWorkingTime(At(3, 2, 6), absl::Hours(1)), At(3, 2, 9));
  EXPECT_EQ(china.AddWorkingTime(At(3, 2, 20), absl::Hours(1)), At(3, 3, 9));
  EXPECT_EQ(china.AddWorkingTime(At(3, 6, 17), absl::Hours(1)), At(3, 9, 8) + absl::Minutes(30));
  EXPECT_EQ(china.AddWorkingDays(At(3, 7, 12), 1), At(3, 10, 8)) << "Monday's opening counts";
}

TEST(Uncovered, IsAWeekendRuleAndToldOnceAYear) {
  std::vector<absl::civil_year_t> told;
  const Calendar china =
      China({.on_uncovered = [&](absl::CivilDay day) { told.push_back(day.year()); }});
  EXPECT_EQ(china.AddWorkingDays(At(12, 31, 9), 1), At(2027, 1, 1, 9)) << "a Friday";
  EXPECT_EQ(china.AddWorkingDays(At(2027, 1, 1, 9), 1), At(2027, 1, 4, 9));
  china.IsWorkingDay(absl::CivilDay(2024, 5, 1));
  EXPECT_THAT(told, ElementsAre(2027, 2024));
}

TEST(Uncovered, IsSaidBeforeItHappens) {
  const Calendar china = China();
  EXPECT_TRUE(china.Covers({absl::CivilDay(2025, 1, 1), absl::CivilDay(2026, 12, 31)}));
  EXPECT_FALSE(china.Covers({absl::CivilDay(2026, 12, 31), absl::CivilDay(2027, 1, 1)}));
  EXPECT_TRUE(china.CheckAhead(At(12, 1, 0), 30).ok());
  const absl::Status late = china.CheckAhead(At(12, 2, 0), 30);
  EXPECT_EQ(late.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(late.message()), HasSubstr("Add the file of the year 2027"));
  EXPECT_THAT(std::string(china.CheckAhead(At(2024, 6, 1, 0), 30).message()),
              HasSubstr("the year 2024"));
}

TEST(With, AddsARegionsOwnDays) {
  // 三月三 in Guangxi, and a Sunday on which the region works.
  const auto guangxi = China().With({absl::CivilDay(2026, 4, 20)}, {absl::CivilDay(2026, 4, 26)});
  ASSERT_TRUE(guangxi.ok()) << guangxi.status();
  EXPECT_FALSE(guangxi->IsWorkingDay(absl::CivilDay(2026, 4, 20)));
  EXPECT_TRUE(guangxi->IsWorkingDay(absl::CivilDay(2026, 4, 26)));
  EXPECT_FALSE(guangxi->IsWorkingDay(absl::CivilDay(2026, 10, 1)));
}

TEST(With, NamesEveryDayThatContradicts) {
  const absl::CivilDay monday(2026, 4, 20);
  const absl::CivilDay sunday(2026, 4, 26);
  const absl::Status refused =
      China().With({monday, sunday}, {monday, absl::CivilDay(2026, 4, 21)}).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(
      std::string(refused.message()),
      testing::AllOf(HasSubstr("2026-04-20: is both"), HasSubstr("2026-04-26: is a day off"),
                     HasSubstr("2026-04-21: is worked already")));
}

}  // namespace
}  // namespace yilian::calendar
