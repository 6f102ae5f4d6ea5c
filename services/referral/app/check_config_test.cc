// What --check-config says of working days whose notice has not come yet.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/time/civil_time.h"
#include "common/status/matchers.h"
#include "services/referral/app/build.h"

namespace yilian::referral {
namespace {

using status::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

class CheckConfigTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(file_) << R"({"region": "CN", "year": 2026,
      "notice": {"title": "made up", "date": "2025-11-04"},
      "holidays": [{"name": "元旦", "from": "2026-01-01", "to": "2026-01-03"},
                   {"name": "劳动节", "from": "2026-05-01", "to": "2026-05-05"},
                   {"name": "国庆节", "from": "2026-10-01", "to": "2026-10-07"}],
      "shifted_working_days": []})";
    config_.set_time_zone("Asia/Shanghai");
    config_.mutable_attachments()->set_store("database");
    config_.mutable_working_days()->add_files(file_);
    config_.mutable_working_days()->set_required_days_ahead(21);
  }
  void TearDown() override { std::filesystem::remove(file_); }
  absl::StatusOr<std::string> Said(absl::CivilDay day) const {
    return CheckConfigAt(config_, absl::FromCivil(day, absl::FixedTimeZone(8 * 3600)));
  }

  const std::string file_ = std::filesystem::temp_directory_path() /
                            ("working-days-" + std::to_string(::getpid()) + ".json");
  ReferralConfig config_;
};

TEST_F(CheckConfigTest, WarnsBeforeTheYearEndsAndFailsOnceTheNextHasBegunWithoutData) {
  EXPECT_EQ(*Said(absl::CivilDay(2026, 12, 10)), "");
  const auto missing =
      AllOf(HasSubstr("working_days.files"), HasSubstr("Add the file of the year 2027"));
  EXPECT_THAT(*Said(absl::CivilDay(2026, 12, 11)), missing);
  EXPECT_THAT(*Said(absl::CivilDay(2026, 12, 31)), missing);
  const auto begun = Said(absl::CivilDay(2027, 1, 1));
  EXPECT_THAT(begun, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(begun.status().message()), missing);
}

TEST_F(CheckConfigTest, ANewYearWithoutDataIsWeekdaysAndNotAServiceThatDoesNotStart) {
  const auto deadlines = DeadlinesFrom(config_);
  ASSERT_THAT(deadlines, status::IsOk());
  const auto& calendar = deadlines->calendar();
  EXPECT_TRUE(calendar.IsWorkingDay(absl::CivilDay(2027, 1, 1))) << "a Friday";
  EXPECT_FALSE(calendar.IsWorkingDay(absl::CivilDay(2027, 1, 2))) << "a Saturday";
}

TEST_F(CheckConfigTest, NoFileAtAllIsAnError) {
  config_.mutable_working_days()->clear_files();
  EXPECT_THAT(Said(absl::CivilDay(2026, 3, 2)), StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace yilian::referral
