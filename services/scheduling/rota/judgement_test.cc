#include "services/scheduling/rota/judgement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/scheduling/rota/testing/little_region.h"

namespace yilian::scheduling::rota {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const SessionId kSession(base::Uuid::V5(base::Uuid(), "session"));

absl::TimeZone Zone(const std::string& name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone));
  return zone;
}

// Two experts, both there from Monday, 1 March 2027, to Wednesday, and a station that wants two
// visits.
class RotaJudgement : public ::testing::Test {
 protected:
  RotaJudgement() {
    Problem& problem = asked_.problem;
    problem = LittleRegion({30});
    he_ = AddExpert(problem, {0, 1, 2});
    gao_ = AddExpert(problem, {0, 1, 2});
    need_ = AddNeed(problem, 0, {2});
    asked_.departments = {DepartmentId(base::Uuid::V5(base::Uuid(), "cardiology"))};
    asked_.hours = {TimeOfDay::Parse("08:30"), TimeOfDay::Parse("11:30")};
    asked_.seats = 10;
    known_.site_zones = {Zone("Asia/Shanghai")};
    known_.stations = {
        scheduling::Site{.zone_name = "Asia/Shanghai", .zone = Zone("Asia/Shanghai")}};
  }

  absl::CivilDay Day(int day) const { return asked_.problem.first_day + day; }
  absl::Time At(int day, int hour) const {
    return absl::FromCivil(absl::CivilHour(Day(day)) + hour, Zone("Asia/Shanghai"));
  }
  Standing Stands(int expert, int day, bool taken) const {
    return {.session = kSession, .visit = {expert, need_, Day(day)}, .taken = taken};
  }
  std::vector<Violation> Violations(const std::vector<Visit>& visits) const {
    return Judge(asked_, known_, visits, now_).findings.violations;
  }

  Asked asked_;
  Known known_;
  int he_ = 0, gao_ = 0, need_ = 0;
  const absl::Time now_ = absl::FromUnixSeconds(1'790'000'000);
};

TEST_F(RotaJudgement, ADayWithASessionOrAnAbsenceIsTakenOut) {
  // From Monday evening into Tuesday, and all Wednesday: midnight itself takes nothing.
  known_.busy = {{he_, {At(0, 20), At(1, 2)}, kSession}, {gao_, {At(2, 0), At(3, 0)}, SessionId()}};
  const Remaining remaining = RemainingOf(asked_.problem, known_, {});
  EXPECT_THAT(remaining.problem.experts[0].available, ElementsAre(Day(2)));
  EXPECT_THAT(remaining.problem.experts[1].available, ElementsAre(Day(0), Day(1)));
  EXPECT_THAT(remaining.taken_out,
              ElementsAre(TakenOut{he_, Day(0), kSession}, TakenOut{he_, Day(1), kSession},
                          TakenOut{gao_, Day(2), SessionId()}));
}

TEST_F(RotaJudgement, DaysAreThoseOfTheExpertsSite) {
  known_.site_zones = {Zone("America/New_York")};
  known_.busy = {{he_, {At(1, 8), At(1, 10)}, kSession}};
  EXPECT_THAT(RemainingOf(asked_.problem, known_, {}).taken_out,
              ElementsAre(TakenOut{he_, Day(0), kSession}));
}

TEST_F(RotaJudgement, WhatWasNotAskedForIsNotTakenOut) {
  known_.busy = {{he_, {At(-9, 0), At(-1, 0)}, SessionId()},
                 {he_, {At(4, 0), At(40, 0)}, kSession}};
  EXPECT_THAT(RemainingOf(asked_.problem, known_, {}).taken_out, IsEmpty());
}

TEST_F(RotaJudgement, ABookedSessionOfTheRotaBeforeStandsForAVisit) {
  known_.standing = {Stands(he_, 0, true)};
  const Remaining remaining = RemainingOf(asked_.problem, known_, {});
  EXPECT_THAT(remaining.kept, SizeIs(1));
  EXPECT_THAT(remaining.problem.needs[0].days, ElementsAre(1));
  EXPECT_THAT(remaining.taken_out, ElementsAre(TakenOut{he_, Day(0), kSession}));
  // A plan that has the visit itself has nothing beside it.
  EXPECT_THAT(RemainingOf(asked_.problem, known_, {{he_, need_, Day(0)}}).kept, IsEmpty());
  EXPECT_THAT(Violations({{he_, need_, Day(0)}, {gao_, need_, Day(0)}}), SizeIs(1));  // one room
  EXPECT_THAT(Violations({{he_, need_, Day(0)}, {gao_, need_, Day(1)}}), IsEmpty());
  // Nor does one with other hours count as the visit.
  known_.standing[0].as_planned = false;
  EXPECT_THAT(Violations({{he_, need_, Day(0)}}),
              ElementsAre(Violation{0, Rule::kNotAvailable, 0, -1, kSession}));
}

TEST_F(RotaJudgement, AFreeSessionOfTheRotaBeforeIsInNobodysWay) {
  known_.standing = {Stands(he_, 0, false)};
  const Remaining remaining = RemainingOf(asked_.problem, known_, {});
  EXPECT_THAT(remaining.kept, IsEmpty());
  EXPECT_THAT(remaining.taken_out, IsEmpty());
  EXPECT_THAT(remaining.problem.needs[0].days, ElementsAre(2));
}

TEST_F(RotaJudgement, AKeptSessionOfNobodyInTheProblemTakesNothing) {
  known_.standing = {Stands(he_, 0, true)};
  known_.standing[0].visit = {-1, -1, Day(0)};
  const Remaining remaining = RemainingOf(asked_.problem, known_, {});
  EXPECT_THAT(remaining.kept, SizeIs(1));
  EXPECT_THAT(remaining.taken_out, IsEmpty());
}

TEST_F(RotaJudgement, NamesTheSessionThatIsInTheWay) {
  known_.busy = {{he_, {At(0, 8), At(0, 9)}, kSession}};
  EXPECT_THAT(Violations({{he_, need_, Day(0)}, {gao_, need_, Day(4)}}),
              ElementsAre(Violation{0, Rule::kNotAvailable, 0, -1, kSession},
                          Violation{1, Rule::kNotAvailable, 0, -1, SessionId()}));
}

TEST_F(RotaJudgement, HoldsTheVisitAgainstTheStationsHoursAndClock) {
  known_.stations[0].opening_hours = {
      {absl::Weekday::tuesday, {TimeOfDay::Parse("08:00"), TimeOfDay::Parse("12:00")}}};
  EXPECT_THAT(Violations({{he_, need_, Day(0)}, {gao_, need_, Day(1)}}),
              ElementsAre(Violation{0, Rule::kOutsideSiteHours}));
  // A plan to be made leaves the closed days out.
  EXPECT_THAT(RemainingToPlan(asked_, known_, now_).problem.stations[0].closed,
              ElementsAre(Day(0), Day(2), Day(3), Day(4), Day(5), Day(6)));
}

TEST_F(RotaJudgement, ATimeThatTheClockSkipsAndOneThatIsOverAreNamed) {
  // Daylight saving begins in New York on Sunday, 14 March 2027, at 02:00.
  asked_.problem.first_day = absl::CivilDay(2027, 3, 14);
  asked_.problem.experts[0].available = {asked_.problem.first_day};
  asked_.problem.experts[1].available = {};
  asked_.hours = {TimeOfDay::Parse("02:30"), TimeOfDay::Parse("05:30")};
  known_.stations[0].zone = Zone("America/New_York");
  EXPECT_THAT(Violations({{he_, need_, Day(0)}}), ElementsAre(Violation{0, Rule::kTimeNotOnClock}));
  const absl::Time after = absl::FromCivil(absl::CivilDay(2027, 4, 1), absl::UTCTimeZone());
  EXPECT_THAT(Judge(asked_, known_, {{he_, need_, Day(0)}}, after).findings.violations,
              ElementsAre(Violation{0, Rule::kTimeNotOnClock}, Violation{0, Rule::kPast}));
  // What is a session already is left alone.
  known_.standing = {Stands(he_, 0, true)};
  EXPECT_THAT(Judge(asked_, known_, {{he_, need_, Day(0)}}, after).findings.violations, IsEmpty());
}

}  // namespace
}  // namespace yilian::scheduling::rota
