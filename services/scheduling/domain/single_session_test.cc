#include "services/scheduling/domain/single_session.h"

#include <gmock/gmock.h>

#include "common/status/error.h"
#include "common/status/matchers.h"

namespace yilian::scheduling {
namespace {

using absl::CivilDay;
using absl::CivilMinute;
using absl::StatusCode;
using status::IsOk;
using status::StatusIs;

Site SiteIn(const std::string& zone) {
  Site site{.zone_name = zone};
  EXPECT_TRUE(absl::LoadTimeZone(zone, &site.zone));
  return site;
}

WallHours Hours(std::string_view start, std::string_view end) {
  return {TimeOfDay::Parse(start), TimeOfDay::Parse(end)};
}

Span At(const Site& site, CivilMinute start, CivilMinute end) {
  return {absl::FromCivil(start, site.zone), absl::FromCivil(end, site.zone)};
}

TEST(HoursOf, AreTheWallClocks) {
  // Half an hour beside the full one.
  const Site site = SiteIn("Asia/Kolkata");
  const HoursAtSite there =
      HoursOf(At(site, CivilMinute(2026, 11, 30, 22, 0), CivilMinute(2026, 12, 1, 2, 30)), site);
  EXPECT_EQ(there.date, CivilDay(2026, 11, 30));
  EXPECT_EQ(there.hours, Hours("22:00", "02:30"));
}

TEST(HoursOf, ADayIsTheWholeDayAlsoWhenTheClockIsSetOn) {
  const Site site = SiteIn("Europe/Berlin");
  const absl::Time start = absl::FromCivil(CivilMinute(2027, 3, 27, 8, 0), site.zone);
  EXPECT_EQ(HoursOf({start, start + absl::Hours(24)}, site).hours, Hours("08:00", "08:00"));
}

TEST(HoursOf, AMinuteThatHasBegunIsSpokenFor) {
  const Site site = SiteIn("Asia/Shanghai");
  Span time = At(site, CivilMinute(2026, 12, 1, 8, 0), CivilMinute(2026, 12, 1, 12, 0));
  time.end += absl::Seconds(1);
  EXPECT_EQ(HoursOf(time, site).hours, Hours("08:00", "12:01"));
}

class AtASite : public ::testing::Test {
 protected:
  AtASite() {
    // A Tuesday.
    offer_.time = At(site_, CivilMinute(2026, 12, 1, 8, 0), CivilMinute(2026, 12, 1, 12, 0));
  }
  absl::Status Check() const {
    return CheckAtSite(offer_, site_, calendar::Calendar(site_.zone, {CivilDay(2026, 12, 1)}, {}));
  }

  Site site_ = SiteIn("Asia/Shanghai");
  NewSession offer_;
};

TEST_F(AtASite, APublicHolidayHasToBeMeant) {
  const absl::Status refused = Check();
  EXPECT_THAT(refused, StatusIs(StatusCode::kFailedPrecondition, "PUBLIC_HOLIDAY"));
  EXPECT_EQ(status::InfoOf(refused)->metadata().at("date"), "2026-12-01");
  offer_.on_holiday = true;
  EXPECT_THAT(Check(), IsOk());
}

TEST_F(AtASite, ItIsOpen) {
  offer_.on_holiday = true;
  site_.opening_hours = {{absl::Weekday::tuesday, Hours("08:00", "11:30")},
                         {absl::Weekday::wednesday, Hours("08:00", "18:00")}};
  const absl::Status refused = Check();
  EXPECT_THAT(refused, StatusIs(StatusCode::kFailedPrecondition, "OUTSIDE_SITE_HOURS"));
  EXPECT_EQ(status::InfoOf(refused)->metadata().at("allowed"), "08:00-11:30");
  EXPECT_EQ(status::BadRequestOf(refused)->field_violations(0).field(), "time");
  offer_.time.end -= absl::Minutes(30);
  EXPECT_THAT(Check(), IsOk());
}

}  // namespace
}  // namespace yilian::scheduling
