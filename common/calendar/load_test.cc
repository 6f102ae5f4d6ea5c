#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "common/calendar/calendar.h"

namespace yilian::calendar {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class LoadTest : public ::testing::Test {
 protected:
  LoadTest() : folder_(std::filesystem::temp_directory_path() / "calendar-test-") {
    folder_ += std::to_string(::getpid());
    std::filesystem::create_directories(folder_);
  }
  ~LoadTest() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& text) {
    std::string path = folder_ / name;
    std::ofstream(path) << text;
    return path;
  }
  // A year with the three lawful holidays and what else is said.
  std::string Year(int year, const std::string& holidays = "", const std::string& shifted = "",
                   const std::string& region = "CN") {
    const std::string text = std::to_string(year);
    const auto holiday = [&](const char* name, const char* from, const char* to) {
      return std::string("\n{\"name\": \"") + name + "\", \"from\": \"" + text + from +
             "\", \"to\": \"" + text + to + "\"}";
    };
    return Write(text + region + ".json",
                 "{\"region\": \"" + region + "\", \"year\": " + text +
                     ", \"notice\": {\"title\": \"t\", \"date\": \"2025-11-04\"}, \"holidays\": [" +
                     holiday("元旦", "-01-01", "-01-01") + "," +
                     holiday("劳动节", "-05-01", "-05-05") + "," +
                     holiday("国庆节", "-10-01", "-10-07") + holidays +
                     "], \"shifted_working_days\": [" + shifted + "]}");
  }
  static std::string Refusal(const std::vector<std::string>& paths) {
    const auto loaded = Calendar::Load(paths, {});
    EXPECT_EQ(loaded.status().code(), absl::StatusCode::kInvalidArgument) << loaded.status();
    return std::string(loaded.status().message());
  }

  std::filesystem::path folder_;
};

TEST_F(LoadTest, TakesAWellFormedYear) {
  const auto loaded = Calendar::Load(Year(2026));
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_FALSE(loaded->IsWorkingDay(absl::CivilDay(2026, 5, 4)));
  EXPECT_EQ(loaded->covered().last, absl::CivilDay(2026, 12, 31));
}

TEST_F(LoadTest, RefusesAHoleBetweenYearsAYearTwiceAndAnotherRegion) {
  EXPECT_THAT(Refusal({Year(2025), Year(2027)}),
              AllOf(HasSubstr("2027CN.json:1: year: follows 2025; required: a file of 2026"),
                    HasSubstr("allowed: consecutive years")));
  EXPECT_THAT(Refusal({Year(2025), Year(2025)}), HasSubstr("allowed: one file a year"));
  EXPECT_THAT(Refusal({Year(2025), Year(2026, "", "", "CN-45")}),
              HasSubstr("region: is \"CN-45\"; allowed: \"CN\""));
}

TEST_F(LoadTest, RefusesAYearWithoutItsLawfulHolidays) {
  EXPECT_THAT(Refusal({Write("a.json", R"({"region": "CN", "year": 2026,
      "notice": {"title": "t", "date": "2025-11-04"}, "holidays": [], "shifted_working_days": []})")}),
              AllOf(HasSubstr("2026-01-01 (元旦) is missing"), HasSubstr("2026-05-01"),
                    HasSubstr("2026-10-01")));
}

TEST_F(LoadTest, RefusesHolidaysThatOverlapOrRunBackwardsOrForEver) {
  EXPECT_THAT(
      Refusal({Year(2026, R"(,{"name": "中秋节", "from": "2026-10-06", "to": "2026-10-08"})")}),
      HasSubstr("holidays[3]: 2026-10-06 is a day of 国庆节 already"));
  EXPECT_THAT(
      Refusal({Year(2026, R"(,{"name": "春节", "from": "2026-02-15", "to": "2026-02-14"})")}),
      HasSubstr("holidays[3].to: 2026-02-14; allowed: from 2026-02-15"));
  EXPECT_THAT(
      Refusal({Year(2026, R"(,{"name": "春节", "from": "2026-02-15", "to": "2026-03-23"})")}),
      HasSubstr("to 2026-03-02"));
}

TEST_F(LoadTest, RefusesShiftedDaysThatContradict) {
  const std::string refusal = Refusal({Year(2026, "", R"(
      {"date": "2026-05-08", "for": "劳动节"},
      {"date": "2026-05-03", "for": "劳动节"},
      {"date": "2026-05-09", "for": "春节"},
      {"date": "2026-10-10", "for": "国庆节"},
      {"date": "2026-10-10", "for": "国庆节"})")});
  EXPECT_THAT(
      refusal,
      AllOf(HasSubstr("shifted_working_days[0].date: 2026-05-08 is worked anyway; allowed: a "
                      "Saturday or a Sunday"),
            HasSubstr("shifted_working_days[1].date: 2026-05-03 is a day of 劳动节 too"),
            HasSubstr("shifted_working_days[2].date: is worked for \"春节\""),
            HasSubstr("shifted_working_days[4].date: 2026-10-10 is given twice")));
}

TEST_F(LoadTest, NamesEveryFaultOfAFileWithItsLine) {
  EXPECT_THAT(
      Refusal({Write("b.json", R"({
  "region": "XX",
  "year": 26,
  "notice": {"title": "", "date": "4 November"},
  "holidays": [{"name": "元旦", "from": "2026-02-30", "to": 3, "days": 1}],
  "shifted": []
})")}),
      AllOf(HasSubstr("b.json:3: year: allowed: a year from 1990"),
            HasSubstr("b.json:4: notice.title: is empty"),
            HasSubstr("notice.date: \"4 November\" is no date; allowed: YYYY-MM-DD"),
            HasSubstr("b.json:5: holidays[0].from: \"2026-02-30\" is no date"),
            HasSubstr("holidays[0].to: allowed: a text"),
            HasSubstr("holidays[0].days: is unknown; allowed: name, from, to"),
            HasSubstr("shifted_working_days: is missing"), HasSubstr("shifted: is unknown")));
}

TEST_F(LoadTest, RefusesADateOfAnotherYear) {
  EXPECT_THAT(
      Refusal({Year(2026, R"(,{"name": "春节", "from": "2027-02-15", "to": "2027-02-17"})")}),
      HasSubstr("allowed: 2025-12-22 to 2026-12-31"));
  const auto loaded = Calendar::Load(
      {Year(2025), Year(2026, R"(,{"name": "x", "from": "2025-12-31", "to": "2025-12-31"})")}, {});
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_FALSE(loaded->IsWorkingDay(absl::CivilDay(2025, 12, 31)));
}

TEST_F(LoadTest, SaysWhichFileCannotBeReadOrIsNoJson) {
  EXPECT_EQ(Calendar::Load((folder_ / "none.json").string()).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_THAT(Refusal({Write("c.json", "{")}), HasSubstr("c.json: line 1"));
  EXPECT_EQ(Calendar::Load(std::vector<std::string>(), {}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(
      Calendar::Load({Year(2026)}, {.hours = {absl::Hours(9), absl::Hours(9)}}).status().code(),
      absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace yilian::calendar
