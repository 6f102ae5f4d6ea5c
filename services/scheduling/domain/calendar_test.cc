#include "services/scheduling/domain/calendar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/matchers.h"

namespace yilian::scheduling {
namespace {

using absl::StatusCode;
using status::IsOk;
using status::StatusIs;

template <typename Id>
Id Named(std::string_view name) {
  return Id(base::Uuid::V5(base::Uuid(), name));
}

// 1'790'000'000: 2026-09-21T14:13:20Z.
const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);
const OrganizationId kHospital = Named<OrganizationId>("hospital");
const OrganizationId kTownship = Named<OrganizationId>("township");
const PractitionerId kExpert = Named<PractitionerId>("expert");

CalendarReader Reader(OrganizationId organization, bool scheduler = false,
                      PractitionerId practitioner = {}) {
  return {.organization = organization,
          .user = Named<UserId>("user"),
          .practitioner = practitioner,
          .scheduler = scheduler};
}

TEST(CalendarView, AnExpertSeesTheOwnSessionsEverywhere) {
  const auto own = ViewFor(Reader(kHospital, false, kExpert), kExpert, {});
  ASSERT_THAT(own, IsOk());
  EXPECT_TRUE(own->seen_by.is_nil());
  const auto foreign = ViewFor(Reader(kHospital), kExpert, {});
  ASSERT_THAT(foreign, IsOk());
  EXPECT_EQ(foreign->seen_by, kHospital);
}

TEST(CalendarView, ASiteIsTheOwnOrganization) {
  EXPECT_THAT(ViewFor(Reader(kHospital), {}, kHospital), IsOk());
  EXPECT_THAT(ViewFor(Reader(kTownship, true), {}, kHospital),
              StatusIs(StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
}

TEST(CalendarView, NeitherAndBothAreRefused) {
  EXPECT_THAT(ViewFor(Reader(kHospital), {}, {}),
              StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(ViewFor(Reader(kHospital), kExpert, kHospital),
              StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

TEST(CalendarPeriod, StaysTheSameForADay) {
  const Span morning = DefaultCalendarPeriod(kNow - absl::Hours(14), 28);
  EXPECT_EQ(morning, DefaultCalendarPeriod(kNow + absl::Hours(9), 28));
  EXPECT_NE(morning, DefaultCalendarPeriod(kNow + absl::Hours(10), 28));
  EXPECT_LE(morning.start, kNow - 30 * absl::Hours(24));
  EXPECT_GE(morning.end, kNow + 28 * absl::Hours(24));
}

TEST(CalendarPeriod, HasAnEnd) {
  EXPECT_THAT(CheckCalendarPeriod({kNow, kNow + kLongestCalendar}), IsOk());
  EXPECT_THAT(CheckCalendarPeriod({kNow, kNow + kLongestCalendar + absl::Seconds(1)}),
              StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(CheckCalendarPeriod({kNow, kNow}),
              StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

TEST(CalendarLink, OneMakesThemForOneselfASchedulerForAll) {
  const CalendarRules rules;
  const CalendarReader expert = Reader(kHospital, false, kExpert);
  const auto own = MakeCalendarLink(expert, {.practitioner = kExpert}, rules, kNow);
  ASSERT_THAT(own, IsOk());
  EXPECT_TRUE(own->own());
  const CalendarView foreign{.practitioner = Named<PractitionerId>("colleague"),
                             .seen_by = kHospital};
  EXPECT_THAT(MakeCalendarLink(expert, foreign, rules, kNow),
              StatusIs(StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
  EXPECT_THAT(MakeCalendarLink(expert, {.site = kHospital}, rules, kNow),
              StatusIs(StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
  const auto kept = MakeCalendarLink(Reader(kHospital, true), foreign, rules, kNow);
  ASSERT_THAT(kept, IsOk());
  EXPECT_FALSE(kept->own());
}

TEST(CalendarLink, EndsAtItsTimeOrWhenItIsRevoked) {
  const CalendarReader expert = Reader(kHospital, false, kExpert);
  const CalendarLink link =
      *MakeCalendarLink(expert, {.practitioner = kExpert}, {.link_life = absl::Hours(1)}, kNow);
  EXPECT_TRUE(link.LiveAt(kNow + absl::Minutes(59)));
  EXPECT_FALSE(link.LiveAt(kNow + absl::Hours(1)));
  const CalendarLink revoked = RevokeCalendarLink(link, kNow + absl::Minutes(1));
  EXPECT_FALSE(revoked.LiveAt(kNow + absl::Minutes(1)));
  const CalendarLink again = RevokeCalendarLink(revoked, kNow + absl::Minutes(5));
  EXPECT_EQ(again.revoked_at, revoked.revoked_at);
  EXPECT_EQ(again.version, revoked.version);
}

TEST(CalendarLink, IsKeptByItsMakerAndTheOrganizationsSchedulers) {
  const CalendarLink link{.organization = kHospital, .user = Named<UserId>("user")};
  CalendarReader colleague = Reader(kHospital);
  EXPECT_TRUE(link.IsKeptBy(colleague));
  colleague.user = Named<UserId>("colleague");
  EXPECT_FALSE(link.IsKeptBy(colleague));
  colleague.scheduler = true;
  EXPECT_TRUE(link.IsKeptBy(colleague));
  EXPECT_FALSE(link.IsKeptBy(Reader(kTownship, true)));
}

}  // namespace
}  // namespace yilian::scheduling
