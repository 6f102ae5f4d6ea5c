// When the visit is over: stays, discharges, the way back.
#include <gtest/gtest.h>

#include "common/status/matchers.h"
#include "services/referral/domain/referral_fixture.h"
#include "services/referral/domain/referral_store.h"

namespace yilian::referral {
namespace {

using status::IsOk;

constexpr absl::Duration kDay = absl::Hours(24);

Referral ArrivedFor(Setting setting) {
  Referral referral = InState(State::kScheduled);
  referral.setting = setting;
  referral.booking = Booked();
  return referral.Arrive(kHospital, TestDeadlines(), kMonday)->after;
}

Referral InBed() {
  return ArrivedFor(Setting::kInpatient).BeginCare(kHospital, kMonday + absl::Hours(1))->after;
}

TEST(Letter, OfAVisitIsOwedADayAfterTheArrivalAlsoOnceCareHasBegun) {
  for (const Setting setting : {Setting::kOutpatient, Setting::kEmergency, Setting::kExamination}) {
    const Referral arrived = ArrivedFor(setting);
    EXPECT_TRUE(arrived.letter_owed());
    const Referral in_care = arrived.BeginCare(kHospital, kMonday + absl::Hours(2))->after;
    EXPECT_EQ(in_care.due_at, kMonday + kDay);
    EXPECT_EQ(in_care.clock(), ClockKind::kOutcomeLetter);
    EXPECT_FALSE(in_care.Complete(kHospital, "好转", kMonday + 2 * kDay)->after.completed_in_time);
  }
}

TEST(Letter, OfABedIsOwedOnceAPersonSaysThatThePatientLeft) {
  const Referral in_bed = InBed();
  EXPECT_TRUE(in_bed.stays());
  EXPECT_FALSE(in_bed.due_at.has_value());
  const absl::Time left = kMonday + 8 * kDay;
  const Referral ended = in_bed.EndStay(kHospital, TestDeadlines(), left)->after;
  EXPECT_EQ(ended.due_at, left + kDay);
  EXPECT_EQ(ended.clock(), ClockKind::kOutcomeLetter);
  EXPECT_TRUE(ended.Complete(kHospital, "好转", left + kDay)->after.completed_in_time);
  EXPECT_FALSE(ended.Complete(kHospital, "好转", left + 2 * kDay)->after.completed_in_time);
  // The hospital's system says the same afterwards.
  EXPECT_FALSE(ended.NoteDischarge(TestDeadlines(), left + absl::Hours(3)).has_value());
  EXPECT_TRUE(ended.ContinueStay(kHospital, left)->after.stays());
}

TEST(Letter, OfABedIsOwedWhenNobodySaysAnythingForTooLong) {
  const absl::Time late = kMonday + Deadlines::kLongestStay;
  const Change owed = *InBed().OweLetter(TestDeadlines(), late);
  EXPECT_EQ(owed.after.due_at, late + kDay);
  EXPECT_EQ(owed.events, std::vector<std::string>{"ReferralStayNotEnded"});
  EXPECT_FALSE(owed.after.OweLetter(TestDeadlines(), late).has_value());
  EXPECT_FALSE(ArrivedFor(Setting::kOutpatient).OweLetter(TestDeadlines(), late).has_value());
}

TEST(Letter, StaysOwedWhereTheDischargeIsToldBeforeTheCare) {
  const absl::Time left = kMonday + absl::Hours(5);
  const Referral ended =
      ArrivedFor(Setting::kInpatient).NoteDischarge(TestDeadlines(), left)->after;
  EXPECT_EQ(ended.BeginCare(kHospital, left + absl::Hours(1))->after.due_at, left + kDay);
}

TEST(Letter, OfAPatientWhoCameForAVisitAndWasKeptIsOwedFromTheDischarge) {
  const Referral arrived = ArrivedFor(Setting::kOutpatient);
  const absl::Time left = kMonday + 4 * kDay;
  const Referral ended = arrived.NoteDischarge(TestDeadlines(), left)->after;
  EXPECT_EQ(ended.due_at, left + kDay);
  EXPECT_FALSE(ended.NoteDischarge(TestDeadlines(), left + kDay).has_value()) << "once";
}

TEST(Letter, WaitsBehindACancellationThatWasAskedFor) {
  const absl::Time asked_at = kMonday + absl::Hours(2);
  const Referral asked = InBed()
                             .RequestCancellation(kTownship, ReasonCode::kConditionChanged, "",
                                                  TestDeadlines(), asked_at)
                             ->after;
  EXPECT_TRUE(asked.stays());
  const absl::Time left = asked_at + absl::Hours(1);
  const Referral ended = asked.NoteDischarge(TestDeadlines(), left)->after;
  EXPECT_EQ(ended.clock(), ClockKind::kCancellationAnswer);
  EXPECT_TRUE(ended.letter_owed());
  const Referral refused =
      ended.RefuseCancellation(kHospital, "已出院", left + absl::Hours(1))->after;
  EXPECT_EQ(refused.clock(), ClockKind::kOutcomeLetter);
  EXPECT_EQ(refused.due_at, left + kDay);
  EXPECT_EQ(refused.clock_started_at, left);
  EXPECT_TRUE(ended.Complete(kHospital, "好转", left + kDay)->after.completed_in_time);
  EXPECT_TRUE(ended.NoteStay(left)->after.stays());
}

TEST(Letter, ThatIsLateStaysLateWhoeverSaysThenThatThePatientIsStillThere) {
  const absl::Time left = kMonday + 8 * kDay;
  const absl::Time late = left + kDay + absl::Minutes(1);
  const Referral ended = InBed().EndStay(kHospital, TestDeadlines(), left)->after;
  for (const Referral& stays :
       {ended.ContinueStay(kHospital, late)->after, ended.NoteStay(late)->after}) {
    EXPECT_TRUE(stays.stays());
    EXPECT_EQ(stays.letter_missed_since, left);
    EXPECT_FALSE(stays.Complete(kHospital, "好转", late)->after.completed_in_time);
    const absl::Time again = late + 3 * kDay;
    const Referral left_again = stays.EndStay(kHospital, TestDeadlines(), again)->after;
    EXPECT_EQ(left_again.due_at, again + kDay) << "the letter of the stay is owed all the same";
    EXPECT_FALSE(left_again.Complete(kHospital, "好转", again)->after.completed_in_time);
    const Referral once_more = left_again.ContinueStay(kHospital, again + 2 * kDay)->after;
    EXPECT_EQ(once_more.letter_missed_since, left) << "the first one";
  }
}

TEST(Letter, ThatIsNotLateIsForgottenWhereThePatientIsStillThere) {
  const absl::Time left = kMonday + 8 * kDay;
  const Referral stays = InBed()
                             .EndStay(kHospital, TestDeadlines(), left)
                             ->after.ContinueStay(kHospital, left + kDay)
                             ->after;
  EXPECT_FALSE(stays.letter_missed_since.has_value());
  EXPECT_TRUE(stays.Complete(kHospital, "好转", left + 9 * kDay)->after.completed_in_time);
}

TEST(Letter, OfAnAdmissionIsNotMissedWhereItsCareIsToldLate) {
  const Referral in_bed =
      ArrivedFor(Setting::kInpatient).BeginCare(kHospital, kMonday + 3 * kDay)->after;
  EXPECT_FALSE(in_bed.letter_missed_since.has_value());
  EXPECT_TRUE(in_bed.Complete(kHospital, "好转", kMonday + 9 * kDay)->after.completed_in_time);
}

TEST(Letter, OfAVisitIsNotMadeGoodByCallingItAStay) {
  const Referral visit = ArrivedFor(Setting::kOutpatient);
  const absl::Time late = kMonday + 3 * kDay;
  const Referral stays = visit.ContinueStay(kHospital, late)->after;
  EXPECT_FALSE(stays.Complete(kHospital, "好转", late)->after.completed_in_time);
}

TEST(Letter, ThatIsLateBehindACancellationStaysLate) {
  const absl::Time left = kMonday + kDay;
  const Referral asked = InBed()
                             .EndStay(kHospital, TestDeadlines(), left)
                             ->after
                             .RequestCancellation(kTownship, ReasonCode::kConditionChanged, "",
                                                  TestDeadlines(), left + absl::Hours(1))
                             ->after;
  const absl::Time late = left + kDay + absl::Minutes(1);
  EXPECT_EQ(asked.letter_due_at(), left + kDay);
  const Referral stays = asked.ContinueStay(kHospital, late)->after;
  EXPECT_EQ(stays.letter_missed_since, left);
  EXPECT_FALSE(stays.Complete(kHospital, "好转", late)->after.completed_in_time);
}

TEST(Discharge, TakenBackStopsTheLettersClockAndTheNextOneStartsIt) {
  const absl::Time left = kMonday + 3 * kDay;
  const Referral ended = InBed().NoteDischarge(TestDeadlines(), left)->after;
  const Change stays = *ended.NoteStay(left + absl::Hours(1));
  EXPECT_FALSE(stays.after.due_at.has_value());
  EXPECT_EQ(stays.events, std::vector<std::string>{"ReferralStayContinued"});
  EXPECT_FALSE(stays.after.NoteStay(left + absl::Hours(1)).has_value()) << "once";
  const absl::Time again = left + 2 * kDay;
  EXPECT_EQ(stays.after.NoteDischarge(TestDeadlines(), again)->after.due_at, again + kDay);
}

Referral DischargeDraft() {
  return InState(State::kInCare)
      .DraftDischarge(ReferralId(base::Uuid::V7()), TaskId(base::Uuid::V7()), "E-1",
                      TestDeadlines(), kMonday)
      ->after;
}

TEST(Discharge, TakenBackWithdrawsADraftThatNobodyWorkedOnAndFreesTheEpisode) {
  const Referral draft = DischargeDraft();
  const Referral withdrawn = draft.NoteDischargeCancelled(false, kMonday)->after;
  EXPECT_EQ(withdrawn.state, State::kCancelled);
  EXPECT_EQ(withdrawn.reason, ReasonCode::kDischargeCancelled);
  EXPECT_FALSE(withdrawn.due_at.has_value());
  EXPECT_TRUE(withdrawn.source_key().is_nil());
  EXPECT_FALSE(InState(State::kSubmitted).NoteDischargeCancelled(false, kMonday).has_value());
  // What the hospital withdrew itself stays withdrawn, however often the discharge is told.
  EXPECT_FALSE(draft.Withdraw(kHospital, ReasonCode::kSentByMistake, "", kMonday)
                   ->after.source_key()
                   .is_nil());
}

TEST(Discharge, TakenBackLeavesADraftThatSomebodyWorkedOnWithoutAClock) {
  const Change marked = *DischargeDraft().NoteDischargeCancelled(true, kMonday);
  EXPECT_EQ(marked.after.state, State::kDraft);
  EXPECT_FALSE(marked.after.due_at.has_value());
  EXPECT_EQ(marked.after.reason, ReasonCode::kDischargeCancelled);
  EXPECT_EQ(marked.events, std::vector<std::string>{"ReferralDischargeCancelled"});
  const Referral again = marked.after.NoteDischargedAgain(TestDeadlines(), kMonday + kDay)->after;
  EXPECT_EQ(again.reason, ReasonCode::kNone);
  EXPECT_EQ(again.due_at, kMonday + 2 * kDay);
  EXPECT_FALSE(again.NoteDischargedAgain(TestDeadlines(), kMonday + kDay).has_value());
}

TEST(Discharge, ADraftThatNobodySendsEscalatesToTheRegionWhichMayThenReadIt) {
  Referral draft = DischargeDraft();
  const OrganizationId region = kAuthority.organization;
  for (const int hours : {24, 36, 48}) {
    EXPECT_EQ(draft.SideOf(region), std::nullopt);
    draft = draft.Escalate(region, kMonday + absl::Hours(hours))->after;
  }
  EXPECT_EQ(draft.SideOf(region), Side::kRegion);
  EXPECT_EQ(draft.SideOf(kTownship.organization), std::nullopt) << "not before it is sent";
  EXPECT_TRUE(draft.AvailableTo(kAuthority).empty());
}

TEST(Discharge, StartsTheLettersClockOfAnAdmission) {
  Referral admission = InState(State::kArrived);
  admission.setting = Setting::kInpatient;
  const Referral in_care = admission.BeginCare(kHospital, kMonday)->after;
  EXPECT_FALSE(in_care.due_at.has_value());
  const absl::Time discharged = kMonday + absl::Hours(200);
  const Referral ended = in_care.NoteDischarge(TestDeadlines(), discharged)->after;
  EXPECT_EQ(ended.due_at, discharged + absl::Hours(24));
  EXPECT_EQ(ended.clock(), ClockKind::kOutcomeLetter);
  EXPECT_FALSE(ended.NoteDischarge(TestDeadlines(), discharged).has_value()) << "once";
}

TEST(Discharge, DraftsTheWayBackToTheReferrer) {
  const Referral admission = InState(State::kInCare);
  const Referral draft = admission
                             .DraftDischarge(ReferralId(base::Uuid::V7()), TaskId(base::Uuid::V7()),
                                             "E-1", TestDeadlines(), kMonday)
                             ->after;
  EXPECT_EQ(draft.state, State::kDraft);
  EXPECT_EQ(draft.direction, Direction::kDown);
  EXPECT_EQ(draft.referring_organization, kHospital.organization);
  EXPECT_EQ(draft.receiving_organization, kTownship.organization);
  EXPECT_EQ(draft.follows, admission.id);
  EXPECT_EQ(draft.care_plan->tasks[0].due_date, absl::CivilDay(2026, 3, 9));
  EXPECT_FALSE(draft.source_key().is_nil());
  EXPECT_EQ(draft.clock(), ClockKind::kDischargeSummary);
  EXPECT_EQ(draft.due_at, kMonday + absl::Hours(24));
  EXPECT_EQ(draft.owner(), kHospital.organization);
}

TEST(Discharge, IsNotRecordedInTheFuture) {
  EXPECT_THAT(Check(Discharge{.recorded_at = kMonday + absl::Minutes(5)}, kMonday), IsOk());
  EXPECT_THAT(Check(Discharge{.recorded_at = kMonday + absl::Minutes(6)}, kMonday),
              status::StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

TEST(DownReferral, OnceAFollowUpWasDoneItsSenderAsksAndTheCommunityCentreAnswers) {
  Referral down = InState(State::kAccepted, Direction::kDown);
  EXPECT_THAT(down.Withdraw(kTownship, ReasonCode::kSentByMistake, "", kMonday), IsOk());
  FollowUpTask next = down.care_plan->tasks[0];
  next.id = TaskId(base::Uuid::V7());
  down.care_plan->tasks.push_back(next);
  down = down.RecordFollowUp(kHospital, down.care_plan->tasks[0].id, "血钾 4.1", kMonday)->after;
  EXPECT_THAT(down.Withdraw(kTownship, ReasonCode::kSentByMistake, "", kMonday),
              status::StatusIs(absl::StatusCode::kFailedPrecondition, "COMMAND_NOT_AVAILABLE"));
  const Referral asked = down.RequestCancellation(kTownship, ReasonCode::kConditionChanged,
                                                  "再次住院", TestDeadlines(), kMonday)
                             ->after;
  EXPECT_EQ(asked.state, State::kAccepted);
  EXPECT_EQ(asked.clock(), ClockKind::kCancellationAnswer);
  EXPECT_EQ(asked.owner(), kHospital.organization);
  const Referral refused = asked.RefuseCancellation(kHospital, "继续随访", kMonday)->after;
  EXPECT_EQ(refused.state, State::kAccepted);
  EXPECT_FALSE(refused.due_at.has_value());
  EXPECT_EQ(asked.ConfirmCancellation(kHospital, kMonday)->after.state, State::kCancelled);
}

}  // namespace
}  // namespace yilian::referral
