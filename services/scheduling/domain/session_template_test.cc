#include "services/scheduling/domain/session_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "services/scheduling/domain/replan.h"
#include "services/scheduling/domain/template_fixture.h"

namespace yilian::scheduling {
namespace {

using absl::CivilDay;
using ::testing::ElementsAre;

absl::Time Utc(int year, int month, int day, int hour, int minute) {
  return absl::FromCivil(absl::CivilMinute(year, month, day, hour, minute), absl::UTCTimeZone());
}

TEST(OnClock, MeansTheSitesWallClock) {
  struct Case {
    std::string zone;
    CivilDay date;
    WallHours hours;
    absl::Time start;
    absl::Time end;
  };
  const std::vector<Case> cases = {
      {"Asia/Shanghai", CivilDay(2026, 9, 21), Hours("08:00", "12:00"), Utc(2026, 9, 21, 0, 0),
       Utc(2026, 9, 21, 4, 0)},
      {"Asia/Kolkata", CivilDay(2026, 9, 21), Hours("08:00", "12:00"), Utc(2026, 9, 21, 2, 30),
       Utc(2026, 9, 21, 6, 30)},
      {"Europe/Berlin", CivilDay(2026, 10, 24), Hours("08:00", "12:00"), Utc(2026, 10, 24, 6, 0),
       Utc(2026, 10, 24, 10, 0)},
      // Daylight saving ended in the night: the same wall clock, an hour later.
      {"Europe/Berlin", CivilDay(2026, 10, 25), Hours("08:00", "12:00"), Utc(2026, 10, 25, 7, 0),
       Utc(2026, 10, 25, 11, 0)},
      // 02:30 is shown twice: the first one counts.
      {"Europe/Berlin", CivilDay(2026, 10, 25), Hours("02:30", "04:00"), Utc(2026, 10, 25, 0, 30),
       Utc(2026, 10, 25, 3, 0)},
      // A bed for the day that has 25 hours, and for the one that has 23.
      {"Europe/Berlin", CivilDay(2026, 10, 24), Hours("08:00", "08:00"), Utc(2026, 10, 24, 6, 0),
       Utc(2026, 10, 25, 7, 0)},
      {"Europe/Berlin", CivilDay(2027, 3, 27), Hours("08:00", "08:00"), Utc(2027, 3, 27, 7, 0),
       Utc(2027, 3, 28, 6, 0)},
      // Over midnight, and until midnight.
      {"Asia/Kolkata", CivilDay(2026, 9, 21), Hours("22:00", "02:00"), Utc(2026, 9, 21, 16, 30),
       Utc(2026, 9, 21, 20, 30)},
      {"Asia/Shanghai", CivilDay(2026, 9, 21), Hours("20:00", "00:00"), Utc(2026, 9, 21, 12, 0),
       Utc(2026, 9, 21, 16, 0)},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.zone + " " + absl::FormatCivilTime(c.date) + " " + c.hours.ToString());
    const ClockSpan span = OnClock(c.hours, c.date, Zone(c.zone));
    EXPECT_EQ(span.time.start, c.start);
    EXPECT_EQ(span.time.end, c.end);
    EXPECT_FALSE(span.skipped);
  }
}

TEST(OnClock, KnowsTheTimesThatAreSkipped) {
  const absl::TimeZone berlin = Zone("Europe/Berlin");
  const CivilDay changed(2027, 3, 28);
  EXPECT_EQ(OnClock(Hours("02:30", "06:00"), changed, berlin).skipped,
            absl::CivilMinute(2027, 3, 28, 2, 30));
  EXPECT_EQ(OnClock(Hours("00:00", "02:00"), changed, berlin).skipped,
            absl::CivilMinute(2027, 3, 28, 2, 0));
  EXPECT_EQ(OnClock(Hours("22:00", "02:15"), changed - 1, berlin).skipped,
            absl::CivilMinute(2027, 3, 28, 2, 15));
  EXPECT_FALSE(OnClock(Hours("01:59", "03:00"), changed, berlin).skipped);
  EXPECT_FALSE(OnClock(Hours("02:30", "06:00"), changed + 1, berlin).skipped);
  EXPECT_FALSE(OnClock(Hours("02:30", "06:00"), changed, Zone("Asia/Shanghai")).skipped);
}

std::vector<std::string> Dates(const TemplatePlan& plan, const PlanGround& ground, int days = 27) {
  std::vector<std::string> dates;
  for (const Occurrence& one : OccurrencesIn(plan, ground, kMonday, kMonday + days)) {
    dates.push_back(absl::FormatCivilTime(one.date).substr(5) + " " + one.hours.ToString());
  }
  return dates;
}

TEST(Occurrences, FollowTheWeekBetweenTheEffectiveDates) {
  TemplatePlan plan = Clinic().plan;
  plan.effective_from = CivilDay(2026, 9, 22);
  plan.effective_until = CivilDay(2026, 10, 8);
  EXPECT_THAT(Dates(plan, Ground()), ElementsAre("09-24 08:00-12:00", "09-28 08:00-12:00",
                                                 "10-05 08:00-12:00", "10-08 08:00-12:00"))
      << "1 October is a public holiday";
}

TEST(Occurrences, RunOnPublicHolidaysWhereTheTemplateSaysSo) {
  TemplatePlan plan = Clinic().plan;
  plan.weekdays = On({absl::Weekday::thursday, absl::Weekday::saturday});
  EXPECT_THAT(Dates(plan, Ground(), 13), ElementsAre("09-24 08:00-12:00", "09-26 08:00-12:00"))
      << "a Saturday alone is no holiday";
  plan.on_holidays = true;
  EXPECT_THAT(Dates(plan, Ground(), 13), ElementsAre("09-24 08:00-12:00", "09-26 08:00-12:00",
                                                     "10-01 08:00-12:00", "10-03 08:00-12:00"));
}

TEST(Occurrences, ExceptionsWinOverWeekAndHoliday) {
  TemplatePlan plan = Clinic().plan;
  plan.exceptions = {{CivilDay(2026, 9, 24), std::nullopt},
                     {CivilDay(2026, 9, 26), Hours("09:00", "10:00")},   // a Saturday more
                     {CivilDay(2026, 9, 28), Hours("14:00", "17:30")},   // other times
                     {CivilDay(2026, 10, 1), Hours("08:00", "10:00")}};  // in spite of the holiday
  EXPECT_THAT(Dates(plan, Ground(), 14),
              ElementsAre("09-21 08:00-12:00", "09-26 09:00-10:00", "09-28 14:00-17:30",
                          "10-01 08:00-10:00", "10-05 08:00-12:00"));
}

TEST(Occurrences, LeaveOutWhatAnAbsenceTouches) {
  TemplatePlan plan = Clinic().plan;
  PlanGround ground = Ground();
  const absl::TimeZone shanghai = Zone("Asia/Shanghai");
  const auto at = [&](int day, int hour) {
    return absl::FromCivil(absl::CivilHour(2026, 9, day, hour), shanghai);
  };
  ground.absences = {{at(21, 11), at(24, 8)}};
  EXPECT_THAT(Dates(plan, ground, 6), ElementsAre("09-24 08:00-12:00"));
  ground.absences = {{at(21, 12), at(24, 9)}};
  EXPECT_THAT(Dates(plan, ground, 6), ElementsAre("09-21 08:00-12:00"));
}

TEST(FirstClash, IsByInstantsAlsoBetweenClocksAndOverMidnight) {
  TemplatePlan shanghai = Clinic().plan;
  TemplatePlan kolkata = Clinic().plan;
  const auto clash = [&](const WallHours& there) {
    kolkata.hours = there;
    return FirstClash(OccurrencesIn(shanghai, Ground(), kMonday, kMonday + 20),
                      OccurrencesIn(kolkata, Ground("Asia/Kolkata"), kMonday, kMonday + 20));
  };
  // 12:00 in Shanghai is 09:30 in Kolkata.
  EXPECT_FALSE(clash(Hours("09:30", "12:00")));
  const std::optional<Clash> found = clash(Hours("09:29", "12:00"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->one.date, kMonday);
  shanghai.hours = Hours("22:00", "09:00");
  kolkata.weekdays = On({absl::Weekday::tuesday});
  const std::optional<Clash> night = clash(Hours("06:00", "07:00"));
  ASSERT_TRUE(night);
  EXPECT_EQ(night->one.date, kMonday);
  EXPECT_EQ(night->other.date, kMonday + 1);
}

TEST(Shape, ChangesWithWhatASessionIsAndWithNothingElse) {
  const SessionTemplate before = Clinic();
  const auto shape = [](const SessionTemplate& made) {
    return ShapeOf(made, *OccurrenceOn(made.plan, Ground(), kMonday));
  };
  const std::vector<std::pair<std::string, std::function<void(TemplatePlan&)>>> other = {
      {"hours", [](TemplatePlan& plan) { plan.hours.end.minutes += 30; }},
      {"seats", [](TemplatePlan& plan) { plan.seats = 11; }},
      {"expert", [](TemplatePlan& plan) { plan.practitioner = PractitionerId(); }},
      {"department", [](TemplatePlan& plan) { plan.department = DepartmentId(); }},
      {"specialty", [](TemplatePlan& plan) { plan.specialty = "NEUROLOGY"; }},
      {"site", [](TemplatePlan& plan) { plan.site = OrganizationId(); }},
      {"kind", [](TemplatePlan& plan) { plan.kind = SessionKind::kRemote; }},
      {"room",
       [](TemplatePlan& plan) {
         plan.resource = {ResourceKind::kRoom, "305"};
       }},
      {"quotas",
       [](TemplatePlan& plan) {
         plan.quotas = {{PoolKind::kGreen, {}, 1}};
       }},
  };
  for (const auto& [what, change] : other) {
    SessionTemplate after = before;
    change(after.plan);
    EXPECT_NE(shape(after), shape(before)) << what;
  }
  SessionTemplate same = before;
  same.version = 7;
  same.plan.effective_from = kMonday - 30;
  same.plan.effective_until = kMonday + 30;
  same.plan.on_holidays = true;
  same.plan.weekdays = On({absl::Weekday::monday});
  same.plan.exceptions = {{kMonday, same.plan.hours}};
  EXPECT_EQ(shape(same), shape(before));
  SessionTemplate one = before;
  SessionTemplate turned = before;
  one.plan.quotas = {{PoolKind::kGreen, {}, 1}, {PoolKind::kConsortium, {}, 2}};
  turned.plan.quotas = {{PoolKind::kConsortium, {}, 2}, {PoolKind::kGreen, {}, 1}};
  EXPECT_EQ(shape(one), shape(turned)) << "the order of quotas means nothing";
}

TEST(Judge, KeepsWhatIsPlannedOrTakenAndListsTheLatter) {
  const base::Uuid shape = base::Uuid::V5(base::Uuid(), "shape");
  const base::Uuid other = base::Uuid::V5(base::Uuid(), "other");
  EXPECT_EQ(Judge(shape, shape, false).fate, Fate::kStays);
  EXPECT_EQ(Judge(shape, shape, true).fate, Fate::kStays);
  EXPECT_EQ(Judge(other, shape, false).fate, Fate::kGoes);
  EXPECT_EQ(Judge(std::nullopt, shape, false).fate, Fate::kGoes);
  EXPECT_EQ(Judge(other, shape, true),
            (Ruling{Fate::kConflict, TemplateConflictKind::kBookedOtherwise}));
  EXPECT_EQ(Judge(std::nullopt, shape, true),
            (Ruling{Fate::kConflict, TemplateConflictKind::kBookedUnplanned}));
}

TEST(NextLook, IsEarlyNextDayOrWhenTheFirstDateComesIntoSight) {
  const absl::TimeZone berlin = Zone("Europe/Berlin");
  const TemplateRules rules{.horizon_days = 28,
                            .zone_name = "Europe/Berlin",
                            .zone = berlin,
                            .holidays = Ground().holidays};
  const absl::Time now = absl::FromCivil(absl::CivilHour(2026, 10, 24, 15), berlin);
  const auto midnight = [&](int month, int day) {
    return absl::FromCivil(CivilDay(2026, month, day), berlin);
  };
  SessionTemplate made = Clinic();
  const std::optional<absl::Time> next = NextLook(made, berlin, rules, false, now);
  ASSERT_TRUE(next);
  EXPECT_GE(*next, midnight(10, 25));
  EXPECT_LT(*next, midnight(10, 25) + absl::Hours(6));
  EXPECT_EQ(NextLook(made, berlin, rules, true, now), now + absl::Hours(1));
  made.plan.effective_from = CivilDay(2026, 12, 28);
  EXPECT_GE(*NextLook(made, berlin, rules, false, now), midnight(11, 30));
  EXPECT_LT(*NextLook(made, berlin, rules, false, now), midnight(11, 30) + absl::Hours(6));
  made.plan.effective_from = kMonday;
  made.plan.effective_until = CivilDay(2026, 10, 24);
  EXPECT_TRUE(NextLook(made, berlin, rules, false, now)) << "its last day is not over";
  made.plan.effective_until = CivilDay(2026, 10, 23);
  EXPECT_EQ(NextLook(made, berlin, rules, false, now), std::nullopt);
}

}  // namespace
}  // namespace yilian::scheduling
