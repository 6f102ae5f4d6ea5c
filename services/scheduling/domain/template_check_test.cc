#include "services/scheduling/domain/template_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "common/status/matchers.h"
#include "services/scheduling/domain/absence.h"
#include "services/scheduling/domain/template_fixture.h"

namespace yilian::scheduling {
namespace {

using absl::CivilDay;
using absl::StatusCode;
using status::IsOk;
using status::StatusIs;
using ::testing::HasSubstr;

Site OpenOnWeekdays(PlanGround& ground) {
  for (int day = 0; day < 5; ++day) {
    ground.site.opening_hours.push_back({static_cast<absl::Weekday>(day), Hours("08:00", "12:00")});
    ground.site.opening_hours.push_back({static_cast<absl::Weekday>(day), Hours("14:00", "17:30")});
  }
  return ground.site;
}

TEST(CheckPlan, TakesWhatAClinicDoes) {
  EXPECT_THAT(CheckPlan(Clinic().plan, Ground(), kMonday), IsOk());
  TemplatePlan plan = Clinic().plan;
  plan.weekdays = Weekdays();
  plan.exceptions = {{CivilDay(2026, 9, 26), Hours("09:00", "10:00")}};
  EXPECT_THAT(CheckPlan(plan, Ground(), kMonday), IsOk()) << "single dates only";
  plan = Clinic().plan;
  plan.effective_from = CivilDay(2020, 1, 1);
  EXPECT_THAT(CheckPlan(plan, Ground(), kMonday), IsOk()) << "recorded late";
}

TEST(CheckPlan, NamesTheFieldTheRuleAndWhatIsAllowed) {
  struct Case {
    std::string field;
    std::string allowed;
    std::function<void(TemplatePlan&)> breaks;
  };
  const std::vector<Case> cases = {
      {"plan.effective_until", "allowed: 2026-09-21 or later",
       [](TemplatePlan& plan) { plan.effective_until = kMonday - 1; }},
      {"plan.effective_until", "has passed; allowed: 2026-09-21 or later",
       [](TemplatePlan& plan) {
         plan.effective_from = CivilDay(2026, 8, 1);
         plan.effective_until = kMonday - 1;
       }},
      {"plan.quotas", "keep 11 seats, the session has 10; allowed: at most 10",
       [](TemplatePlan& plan) {
         plan.quotas = {{PoolKind::kConsortium, {}, 8}, {PoolKind::kGreen, {}, 3}};
       }},
      {"plan.quotas[0].organization_id", "is required",
       [](TemplatePlan& plan) {
         plan.quotas = {{PoolKind::kOrganization, {}, 1}};
       }},
      {"plan.practitioner_id", "is required with SESSION_KIND_OUTREACH",
       [](TemplatePlan& plan) {
         plan.kind = SessionKind::kOutreach;
         plan.practitioner = PractitionerId();
       }},
      {"plan.resource_code", "allowed: both or none",
       [](TemplatePlan& plan) {
         plan.resource = {ResourceKind::kRoom, ""};
       }},
      {"plan.resource_code", "allowed: both or none",
       [](TemplatePlan& plan) {
         plan.resource = {ResourceKind::kNone, "305"};
       }},
      {"plan.weekdays", "allowed: MONDAY to SUNDAY",
       [](TemplatePlan& plan) { plan.weekdays = Weekdays(); }},
      {"plan.weekdays", "none of them is a date",
       [](TemplatePlan& plan) {
         plan.weekdays = On({absl::Weekday::sunday});
         plan.effective_until = kMonday + 5;
       }},
      {"plan.exceptions[1].date", "listed twice",
       [](TemplatePlan& plan) {
         plan.exceptions = {{kMonday, {}}, {kMonday, {}}};
       }},
      {"plan.exceptions[0].date", "allowed: 2026-09-21 to any later date",
       [](TemplatePlan& plan) {
         plan.exceptions = {{kMonday - 7, {}}};
       }},
      {"plan.exceptions[0].date", "2026-09-22 is a TUESDAY",
       [](TemplatePlan& plan) {
         plan.exceptions = {{kMonday + 1, {}}};
       }},
      {"plan.exceptions", "2026-09-21 20:00-19:00; allowed: hours that do not",
       [](TemplatePlan& plan) {
         plan.weekdays = On({absl::Weekday::monday, absl::Weekday::tuesday});
         plan.hours = Hours("20:00", "19:00");
         plan.exceptions = {{kMonday + 1, Hours("08:00", "09:00")}};
       }},
  };
  for (const Case& c : cases) {
    TemplatePlan plan = Clinic().plan;
    c.breaks(plan);
    const absl::Status refused = CheckPlan(plan, Ground(), kMonday);
    EXPECT_THAT(refused, StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID")) << c.allowed;
    EXPECT_EQ(BadField(refused), c.field);
    EXPECT_THAT(BadRule(refused), HasSubstr(c.allowed));
  }
}

TEST(CheckPlan, KeepsToTheHoursOfTheSite) {
  PlanGround ground = Ground();
  OpenOnWeekdays(ground);
  TemplatePlan plan = Clinic().plan;
  EXPECT_THAT(CheckPlan(plan, ground, kMonday), IsOk());
  plan.hours = Hours("11:00", "14:30");
  const absl::Status noon = CheckPlan(plan, ground, kMonday);
  EXPECT_THAT(noon, StatusIs(StatusCode::kFailedPrecondition, "OUTSIDE_SITE_HOURS"));
  EXPECT_EQ(BadField(noon), "plan.hours");
  EXPECT_EQ(MetaOf(noon, "weekday"), "MONDAY");
  EXPECT_EQ(MetaOf(noon, "allowed"), "08:00-12:00, 14:00-17:30");
  plan = Clinic().plan;
  plan.exceptions = {{CivilDay(2026, 9, 26), Hours("09:00", "10:00")}};
  const absl::Status saturday = CheckPlan(plan, ground, kMonday);
  EXPECT_EQ(BadField(saturday), "plan.exceptions[0].hours");
  EXPECT_EQ(MetaOf(saturday, "allowed"), "closed");
}

TEST(CheckPlan, RefusesATimeThatTheClockSkips) {
  TemplatePlan plan = Clinic().plan;
  plan.weekdays = On({absl::Weekday::sunday});
  plan.hours = Hours("02:30", "06:00");
  EXPECT_THAT(CheckPlan(plan, Ground("Asia/Shanghai"), kMonday), IsOk());
  EXPECT_THAT(CheckPlan(plan, Ground("Asia/Kolkata"), kMonday), IsOk());
  const absl::Status refused = CheckPlan(plan, Ground("Europe/Berlin"), kMonday);
  EXPECT_THAT(refused, StatusIs(StatusCode::kInvalidArgument, "TIME_NOT_ON_CLOCK"));
  EXPECT_EQ(MetaOf(refused, "date"), "2027-03-28");
  EXPECT_EQ(MetaOf(refused, "time"), "02:30");
  EXPECT_EQ(MetaOf(refused, "time_zone"), "Europe/Berlin");
  plan.exceptions = {{CivilDay(2027, 3, 28), Hours("03:00", "06:00")}};
  EXPECT_THAT(CheckPlan(plan, Ground("Europe/Berlin"), kMonday), IsOk());
}

TEST(Site, IsOpenWhereHoursFollowEachOther) {
  Site site{.id = kHospital, .zone_name = "Asia/Shanghai", .zone = Zone("Asia/Shanghai")};
  EXPECT_TRUE(site.IsOpen(absl::Weekday::sunday, Hours("00:00", "00:00"))) << "no hours: always";
  site.opening_hours = {{absl::Weekday::sunday, Hours("20:00", "00:00")},
                        {absl::Weekday::monday, Hours("00:00", "08:00")},
                        {absl::Weekday::monday, Hours("08:00", "12:00")},
                        {absl::Weekday::friday, Hours("00:00", "00:00")}};
  struct Case {
    absl::Weekday weekday;
    WallHours hours;
    bool open;
  };
  for (const Case& c : {Case{absl::Weekday::sunday, Hours("22:00", "11:00"), true},
                        Case{absl::Weekday::sunday, Hours("19:59", "23:00"), false},
                        Case{absl::Weekday::monday, Hours("07:00", "12:00"), true},
                        Case{absl::Weekday::monday, Hours("07:00", "12:01"), false},
                        Case{absl::Weekday::friday, Hours("00:00", "00:00"), true},
                        Case{absl::Weekday::friday, Hours("23:00", "01:00"), false},
                        Case{absl::Weekday::tuesday, Hours("08:00", "09:00"), false}}) {
    EXPECT_EQ(site.IsOpen(c.weekday, c.hours), c.open)
        << Name(c.weekday) << " " << c.hours.ToString();
  }
}

TEST(Site, IsDefinedWithAZoneThatExistsAndHoursApart) {
  const Site before{.id = kHospital};
  NewSite wanted{.id = kHospital, .zone_name = "Asia/Kolkatta"};
  EXPECT_EQ(BadField(DefineSite(before, wanted).status()), "time_zone");
  wanted.zone_name = "Asia/Kolkata";
  wanted.opening_hours = {{absl::Weekday::sunday, Hours("20:00", "02:00")},
                          {absl::Weekday::monday, Hours("01:00", "08:00")}};
  const absl::StatusOr<Site> overlapping = DefineSite(before, wanted);
  EXPECT_EQ(BadField(overlapping.status()), "opening_hours[1].hours");
  EXPECT_THAT(BadRule(overlapping.status()), HasSubstr("opening_hours[0], SUNDAY 20:00-02:00"));
  wanted.opening_hours[1].hours = Hours("02:00", "08:00");
  ASSERT_THAT(DefineSite(before, wanted), IsOk());
  EXPECT_EQ(DefineSite(before, wanted)->version, 1);
  EXPECT_EQ(before.etag(), "");
}

TEST(CheckReserves, AreForMembersOfTheOwnConsortium) {
  const OrganizationId member(base::Uuid::V5(base::Uuid(), "township"));
  const OrganizationId lead(base::Uuid::V5(base::Uuid(), "lead"));
  const Organization offering{kHospital, Tier::kTertiaryHospital, lead};
  const std::vector<Quota> quotas = {{PoolKind::kConsortium, {}, 1},
                                     {PoolKind::kOrganization, member, 1}};
  EXPECT_THAT(
      CheckReserves(quotas, "plan.quotas", offering, {{member, Tier::kTownshipHospital, lead}}),
      IsOk());
  const absl::Status outside = CheckReserves(quotas, "plan.quotas", offering,
                                             {{member, Tier::kTownshipHospital, kHospital}});
  EXPECT_THAT(outside, StatusIs(StatusCode::kFailedPrecondition, "OUTSIDE_CONSORTIUM"));
  EXPECT_EQ(BadField(outside), "plan.quotas[1].organization_id");
  EXPECT_EQ(MetaOf(outside, "organization_id"), member.ToString());
  EXPECT_EQ(MetaOf(outside, "consortium_id"), lead.ToString());
  EXPECT_THAT(CheckReserves(quotas, "plan.quotas", offering, {{member}}),
              StatusIs(StatusCode::kFailedPrecondition, "OUTSIDE_CONSORTIUM"))
      << "nobody knows it";
  EXPECT_THAT(CheckReserves(quotas, "plan.quotas", {kHospital}, {{member}}),
              StatusIs(StatusCode::kFailedPrecondition, "OUTSIDE_CONSORTIUM"))
      << "two that are in none are not in one";
  EXPECT_THAT(
      CheckReserves({{PoolKind::kOrganization, kHospital, 1}}, "plan.quotas", {kHospital}, {}),
      IsOk());
}

TEST(CheckOverlap, IsRefusedForOneExpertOrOneRoomAtOneTime) {
  struct Case {
    std::string what;
    std::function<void(TemplatePlan&)> change;
    std::string subject;  // "": no overlap
  };
  const OrganizationId elsewhere(base::Uuid::V5(base::Uuid(), "elsewhere"));
  const PractitionerId colleague(base::Uuid::V5(base::Uuid(), "colleague"));
  const auto colleagues = [&](TemplatePlan& plan) { plan.practitioner = colleague; };
  const std::vector<Case> cases = {
      {"the same", [](TemplatePlan&) {}, "EXPERT"},
      {"the expert at another site", [&](TemplatePlan& plan) { plan.site = elsewhere; }, "EXPERT"},
      {"a colleague in the room", colleagues, "RESOURCE"},
      {"a device in the room",
       [&](TemplatePlan& plan) {
         plan.practitioner = PractitionerId();
         plan.kind = SessionKind::kDevice;
       },
       "RESOURCE"},
      {"a colleague in another room",
       [&](TemplatePlan& plan) {
         plan.practitioner = colleague;
         plan.resource.code = "306";
       },
       ""},
      {"a colleague in such a room elsewhere",
       [&](TemplatePlan& plan) {
         plan.practitioner = colleague;
         plan.site = elsewhere;
       },
       ""},
      {"right after", [](TemplatePlan& plan) { plan.hours = Hours("12:00", "14:00"); }, ""},
      {"a minute before its end", [](TemplatePlan& plan) { plan.hours = Hours("11:59", "14:00"); },
       "EXPERT"},
      {"the night before",
       [](TemplatePlan& plan) {
         plan.weekdays = On({absl::Weekday::wednesday});
         plan.hours = Hours("20:00", "08:01");
       },
       "EXPERT"},
      {"other weekdays", [](TemplatePlan& plan) { plan.weekdays = On({absl::Weekday::tuesday}); },
       ""},
      {"one date among other weekdays",
       [](TemplatePlan& plan) {
         plan.weekdays = On({absl::Weekday::tuesday});
         plan.exceptions = {{kMonday + 7, Hours("09:00", "09:30")}};
       },
       "EXPERT"},
      {"in a year", [](TemplatePlan& plan) { plan.effective_from = kMonday + 380; }, "EXPERT"},
      {"on holidays, when the other is off",
       [](TemplatePlan& plan) {
         plan.on_holidays = true;
         plan.effective_from = plan.effective_until.emplace(CivilDay(2026, 10, 1));
       },
       ""},
  };
  SessionTemplate other = Clinic();
  other.plan.resource = {ResourceKind::kRoom, "305"};
  for (const Case& c : cases) {
    TemplatePlan plan = other.plan;
    c.change(plan);
    const absl::Status checked =
        CheckOverlap(plan, Ground(), other, Ground(), TravelTimes({}), kMonday);
    if (c.subject.empty()) {
      EXPECT_THAT(checked, IsOk()) << c.what;
      continue;
    }
    EXPECT_THAT(checked, StatusIs(StatusCode::kFailedPrecondition, "TEMPLATE_OVERLAP")) << c.what;
    EXPECT_EQ(MetaOf(checked, "subject"), c.subject) << c.what;
    EXPECT_EQ(MetaOf(checked, "blocking_template_id"), other.id.ToString());
    EXPECT_THAT(BadRule(checked), HasSubstr("allowed: "));
  }
}

TEST(CheckOverlap, EndsWithTheOthersLastDate) {
  SessionTemplate other = Clinic();
  other.plan.effective_until = kMonday + 7;
  TemplatePlan plan = Clinic().plan;
  plan.effective_from = kMonday + 8;
  EXPECT_THAT(CheckOverlap(plan, Ground(), other, Ground(), TravelTimes({}), kMonday), IsOk());
  plan.effective_from = kMonday + 7;
  const absl::Status refused =
      CheckOverlap(plan, Ground(), other, Ground(), TravelTimes({}), kMonday);
  EXPECT_EQ(MetaOf(refused, "date"), "2026-09-28");
  EXPECT_THAT(BadRule(refused), HasSubstr("or after 2026-09-28"));
}

TEST(EndTemplate, IsOnADateOfItsOwnAndOnce) {
  const absl::Time now = absl::FromUnixSeconds(1'790'000'000);
  SessionTemplate before = Clinic();
  before.plan.effective_until = kMonday + 10;
  EXPECT_EQ(BadField(EndTemplate(before, kMonday - 1, kMonday, now).status()), "last_date");
  EXPECT_EQ(BadField(EndTemplate(before, kMonday + 11, kMonday, now).status()), "last_date");
  const absl::StatusOr<SessionTemplate> after = EndTemplate(before, kMonday + 3, kMonday, now);
  ASSERT_THAT(after, IsOk());
  EXPECT_EQ(after->plan.effective_until, kMonday + 3);
  EXPECT_EQ(after->version, before.version + 1);
  EXPECT_THAT(EndTemplate(*after, kMonday + 3, kMonday, now),
              StatusIs(StatusCode::kFailedPrecondition, "ENDED"));
}

TEST(Absence, IsCutShortOnceItIsThere) {
  const absl::Time now = absl::FromUnixSeconds(1'790'000'000);
  const absl::Duration day = absl::Hours(24);
  EXPECT_THAT(CheckAbsence({now - day, now + day}, now), IsOk());
  EXPECT_EQ(BadField(CheckAbsence({now + day, now + day}, now)), "time.end");
  EXPECT_EQ(BadField(CheckAbsence({now - day, now}, now)), "time.end");
  EXPECT_EQ(BadField(CheckAbsence({now, now + 367 * day}, now)), "time");
  const Absence absence{.organization = kHospital, .time = {now + day, now + 5 * day}};
  EXPECT_EQ(EndAbsence(absence, now + 2 * day, now)->time.end, now + 2 * day);
  EXPECT_EQ(EndAbsence(absence, now, now)->time.end, now + day) << "as if it had not been";
  EXPECT_EQ(BadField(EndAbsence(absence, now + 5 * day, now).status()), "back_at");
  EXPECT_THAT(EndAbsence(absence, now + 2 * day, now + 5 * day),
              StatusIs(StatusCode::kFailedPrecondition, "ENDED"));
  EXPECT_THAT(EndAbsence(*EndAbsence(absence, now, now), now, now),
              StatusIs(StatusCode::kFailedPrecondition, "ENDED"));
}

}  // namespace
}  // namespace yilian::scheduling
