#include "services/consultation/domain/reading_centre.h"

#include <gtest/gtest.h>

#include "common/status/error.h"
#include "common/status/matchers.h"

namespace yilian::consultation {
namespace {

using status::IsOk;
using status::StatusIs;

// Monday, 9:00 in Shanghai.
const absl::Time kNow = absl::FromCivil(absl::CivilHour(2026, 3, 2, 1), absl::UTCTimeZone());

PractitionerId Person(int n) {
  return PractitionerId(base::Uuid::V5(base::Uuid(), "person " + std::to_string(n)));
}

CentrePlan Plan() {
  return {.name = "区域影像诊断中心",
          .kinds = {Kind::kImagingReading, Kind::kEcgReading},
          .zone_name = "Asia/Shanghai",
          .duty_hours = {{absl::Weekday::monday, 480, 1020}}};
}

ReadingCentre Centre(const CentrePlan& plan = Plan()) {
  const ReadingCentre none{.id = CentreId(base::Uuid::V7())};
  return *DefineReadingCentre(none, plan);
}

ReadingMember Member(int n, std::vector<std::string> specialties = {}) {
  return {.practitioner = Person(n),
          .rights = {.kinds = {Kind::kImagingReading}, .specialties = std::move(specialties)},
          .duty = Duty::kOn,
          .duty_since = kNow,
          .duty_until = kNow + absl::Hours(8),
          .version = 1};
}

TEST(DefineCentre, NamesEveryFieldThatBreaksARule) {
  CentrePlan plan = Plan();
  plan.kinds.push_back(Kind::kRemoteConsultation);
  plan.zone_name = "Asia/Nowhere";
  plan.duty_hours.push_back({absl::Weekday::monday, 600, 700});
  plan.opinion = absl::Minutes(1);
  const absl::Status refused =
      DefineReadingCentre({.id = CentreId(base::Uuid::V7())}, plan).status();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_EQ(status::BadRequestOf(refused)->field_violations_size(), 4);
}

TEST(CentreClock, AnEmergencysRunsAlwaysAnyOthersInDutyHours) {
  const ReadingCentre centre = Centre();
  const absl::Time evening = kNow + absl::Hours(10);  // 19:00
  const ReadingClock emergency = centre.ClockOf(Urgency::kEmergency, evening);
  EXPECT_EQ(emergency.receipt_due, evening + absl::Minutes(3));
  EXPECT_EQ(emergency.opinion_due, evening + absl::Minutes(10));
  const ReadingClock routine = centre.ClockOf(Urgency::kRoutine, evening);
  const absl::Time next_monday = kNow + absl::Hours(7 * 24 - 1);  // 8:00
  EXPECT_EQ(routine.receipt_due, next_monday + absl::Minutes(3));
  EXPECT_EQ(routine.opinion_due, next_monday + absl::Minutes(10));
  EXPECT_EQ(centre.ClockOf(Urgency::kRoutine, kNow).opinion_due, kNow + absl::Minutes(10));
}

TEST(MemberRights, HoldNoKindThatTheCentreDoesNotRead) {
  const ReadingMember nobody{.practitioner = Person(1)};
  EXPECT_THAT(nobody.Set(Centre(), {.kinds = {Kind::kPathology}}),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(nobody.Set(Centre(), {.kinds = {Kind::kEcgReading}}), IsOk());
}

TEST(ReaderDuty, BeginsWithTheShiftAndEndsWithIt) {
  ReadingMember reader = Member(1);
  reader.EndDuty();
  reader.rights.shifts = {{absl::Weekday::monday, 570, 1050}};  // 9:30 to 17:30
  const ReadingMember on = reader.SetDuty(Centre(), DutyAction::kStart, kNow)->after;
  const absl::Time end = kNow + absl::Hours(8) + absl::Minutes(30);
  EXPECT_EQ(on.duty_until, end);
  EXPECT_TRUE(on.IsOnDuty(end - absl::Seconds(1)));
  EXPECT_FALSE(on.IsOnDuty(end)) << "forgotten duties end by themselves";
  reader.rights.shifts.clear();
  EXPECT_EQ(reader.SetDuty(Centre(), DutyAction::kStart, kNow)->after.duty_until,
            kNow + absl::Hours(12));
}

TEST(ReaderDuty, PausesFromDutyComesBackAndHandsBackAtTheEnd) {
  const ReadingCentre centre = Centre();
  const ReadingMember on = Member(1);
  const ReadingMember paused = on.SetDuty(centre, DutyAction::kPause, kNow)->after;
  EXPECT_EQ(paused.DutyAt(kNow), Duty::kPaused);
  EXPECT_FALSE(paused.IsOnDuty(kNow));
  EXPECT_THAT(paused.SetDuty(centre, DutyAction::kPause, kNow),
              StatusIs(absl::StatusCode::kFailedPrecondition, "DUTY_NOT_AVAILABLE"));
  EXPECT_TRUE(paused.SetDuty(centre, DutyAction::kStart, kNow)->after.IsOnDuty(kNow));
  const MemberChange ended = *paused.SetDuty(centre, DutyAction::kEnd, kNow);
  EXPECT_TRUE(ended.hands_back);
  EXPECT_EQ(ended.after.duty, Duty::kOff);
  EXPECT_THAT(ended.after.SetDuty(centre, DutyAction::kEnd, kNow),
              StatusIs(absl::StatusCode::kFailedPrecondition, "DUTY_NOT_AVAILABLE"));
  EXPECT_THAT(ReadingMember().SetDuty(centre, DutyAction::kStart, kNow),
              StatusIs(absl::StatusCode::kNotFound, "MEMBER_NOT_FOUND"));
}

class ChooseReaderTest : public ::testing::Test {
 protected:
  std::optional<PractitionerId> Choose(Urgency urgency = Urgency::kRoutine,
                                       std::string_view specialty = "CHEST") const {
    return ChooseReader(candidates_, Kind::kImagingReading, urgency, specialty, 2, kNow);
  }
  std::vector<Candidate> candidates_;
};

TEST_F(ChooseReaderTest, TheSubSpecialistComesBeforeTheOneForAllAndBeforeTheRest) {
  candidates_ = {{.member = Member(1, {"NEURO"})},
                 {.member = Member(2)},
                 {.member = Member(3, {"CHEST"}), .in_hand = 1}};
  EXPECT_EQ(Choose(), Person(3));
  candidates_[2].in_hand = 2;
  EXPECT_EQ(Choose(), Person(2)) << "the specialist has as many as one is given";
  candidates_[1].in_hand = 2;
  EXPECT_EQ(Choose(), Person(1));
  candidates_[0].in_hand = 2;
  EXPECT_EQ(Choose(), std::nullopt);
}

TEST_F(ChooseReaderTest, OfEqualsTheOneWithTheFewestInHandThenWhoWaitsLongest) {
  candidates_ = {{.member = Member(1), .in_hand = 1, .last_given = kNow - absl::Hours(2)},
                 {.member = Member(2), .last_given = kNow - absl::Minutes(1)},
                 {.member = Member(3), .last_given = kNow - absl::Minutes(2)}};
  EXPECT_EQ(Choose(), Person(3));
}

TEST_F(ChooseReaderTest, AnEmergencyGoesAlsoToWhoHasTheirHandsFullButNotToWhoPausesOrReadsOther) {
  candidates_ = {{.member = Member(1), .in_hand = 2},
                 {.member = Member(2, {"CHEST"}), .in_hand = 1, .emergencies = 1},
                 {.member = Member(3)},
                 {.member = Member(4)}};
  candidates_[2].member.duty = Duty::kPaused;
  candidates_[3].member.rights.kinds = {Kind::kEcgReading};
  EXPECT_EQ(Choose(Urgency::kEmergency), Person(1)) << "who has no other emergency";
  EXPECT_EQ(Choose(), Person(2));
  for (Candidate& one : candidates_) one.member.duty_until = kNow;
  EXPECT_EQ(Choose(Urgency::kEmergency), std::nullopt) << "duties that ran out";
}

}  // namespace
}  // namespace yilian::consultation
