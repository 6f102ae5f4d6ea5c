#include "services/referral/domain/referral.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "common/status/matchers.h"
#include "services/referral/domain/command_table.h"

namespace yilian::referral {
namespace {

using status::IsOk;
using status::StatusIs;

constexpr absl::StatusCode kFailedPrecondition = absl::StatusCode::kFailedPrecondition;

const absl::Time kMonday = absl::FromCivil(absl::CivilHour(2026, 3, 2, 9), absl::UTCTimeZone());

Deadlines TestDeadlines() { return Deadlines({}, WorkingCalendar(absl::UTCTimeZone(), {}, {})); }

OrganizationId Org(int n) {
  return OrganizationId(base::Uuid::V5(base::Uuid(), "organization " + std::to_string(n)));
}

const Actor kTownship{.organization = Org(1)};
const Actor kHospital{.organization = Org(2)};
const Actor kStranger{.organization = Org(3)};

NewReferral Draft(Direction direction = Direction::kUp, Channel channel = Channel::kStandard) {
  NewReferral input;
  input.id = ReferralId(base::Uuid::V7());
  input.patient = PatientId(base::Uuid::V7());
  input.direction = direction;
  input.channel = channel;
  input.receiving_organization = kHospital.organization;
  input.receiving_department = DepartmentId(base::Uuid::V7());
  input.summary = {.complaint = "胸痛两小时", .diagnosis_code = "I20.0"};
  if (direction == Direction::kDown) {
    input.receiving_department = {};
    input.care_plan = CarePlan{.discharge_summary = "病情平稳",
                               .tasks = {{.id = TaskId(base::Uuid::V7()),
                                          .instruction = "复查血钾",
                                          .due_date = absl::CivilDay(2026, 3, 5)}}};
  }
  return input;
}

// A referral in any state, made by hand: the walk below needs states that one path does not reach.
Referral InState(State state, Direction direction = Direction::kUp,
                 Channel channel = Channel::kStandard) {
  Referral referral =
      CreateReferral(Draft(direction, channel), kTownship, TestDeadlines(), kMonday)->after;
  referral.state = state;
  referral.patient_consented = true;
  if (state != State::kDraft) referral.submitted_at = kMonday;
  return referral;
}

absl::StatusOr<Change> Do(Command command, const Referral& referral, const Actor& by) {
  const Deadlines deadlines = TestDeadlines();
  const absl::Time at = kMonday + absl::Hours(1);
  switch (command) {
    case Command::kSubmit:
      return referral.Submit(by, true, std::nullopt, deadlines, at);
    case Command::kReturn:
      return referral.Return(by, ReasonCode::kInformationMissing, "缺心电图", deadlines, at);
    case Command::kAccept:
      return referral.Accept(by, std::nullopt, {}, at);
    case Command::kReject:
      return referral.Reject(by, ReasonCode::kTreatableLocally, "可在当地治疗", at);
    case Command::kSchedule:
      return referral.Schedule(by, {}, at);
    case Command::kArrive:
      return referral.Arrive(by, deadlines, at);
    case Command::kBeginCare:
      return referral.BeginCare(by, at);
    case Command::kComplete:
      return referral.Complete(by, "已出院", at);
    case Command::kWithdraw:
      return referral.Withdraw(by, ReasonCode::kSentByMistake, "", at);
    case Command::kMarkNoShow:
      return referral.MarkNoShow(by, deadlines, at);
    case Command::kRecordFollowUp:
      return referral.RecordFollowUp(
          by, referral.care_plan ? referral.care_plan->tasks[0].id : TaskId(), "4.1", at);
    case Command::kRate:
      return referral.Rate(by, 5, at);
  }
  return absl::InternalError("no such command");
}

// domain.md's table, written a second time and another way: state -> command -> who and where to.
struct Legal {
  std::string by;  // R: referring, V: receiving, E: either
  State to;
};
using Table = std::map<State, std::map<Command, Legal>>;

Table UpReferral() {
  return {
      {State::kDraft,
       {{Command::kSubmit, {"R", State::kSubmitted}},
        {Command::kWithdraw, {"R", State::kCancelled}}}},
      {State::kSubmitted,
       {{Command::kReturn, {"V", State::kReturned}},
        {Command::kAccept, {"V", State::kAccepted}},
        {Command::kReject, {"V", State::kRejected}},
        {Command::kWithdraw, {"R", State::kCancelled}}}},
      {State::kReturned,
       {{Command::kSubmit, {"R", State::kSubmitted}},
        {Command::kWithdraw, {"R", State::kCancelled}}}},
      {State::kAccepted,
       {{Command::kSchedule, {"E", State::kAccepted}},
        {Command::kWithdraw, {"R", State::kCancelled}}}},
      {State::kSlotHeld, {{Command::kWithdraw, {"R", State::kCancelled}}}},
      {State::kScheduled,
       {{Command::kArrive, {"V", State::kArrived}},
        {Command::kMarkNoShow, {"V", State::kNoShow}},
        {Command::kWithdraw, {"R", State::kCancelled}}}},
      {State::kArrived,
       {{Command::kBeginCare, {"V", State::kInCare}},
        {Command::kComplete, {"V", State::kCompleted}}}},
      {State::kInCare, {{Command::kComplete, {"V", State::kCompleted}}}},
      {State::kNoShow,
       {{Command::kSchedule, {"E", State::kAccepted}},
        {Command::kWithdraw, {"R", State::kCancelled}}}},
      {State::kCompleted, {{Command::kRate, {"E", State::kCompleted}}}},
  };
}

Table GreenReferral() {
  Table table = UpReferral();
  table[State::kAccepted][Command::kArrive] = {"V", State::kArrived};
  return table;
}

Table DownReferral() {
  Table table = UpReferral();
  table[State::kAccepted] = {{Command::kRecordFollowUp, {"V", State::kAccepted}},
                             {Command::kComplete, {"V", State::kCompleted}},
                             {Command::kWithdraw, {"R", State::kCancelled}}};
  table[State::kNoShow].erase(Command::kSchedule);
  return table;
}

void Walk(const Table& table, Direction direction, Channel channel) {
  for (int s = 1; s <= 12; ++s) {
    for (int c = 1; c <= 12; ++c) {
      const State state = static_cast<State>(s);
      const Command command = static_cast<Command>(c);
      const Referral referral = InState(state, direction, channel);
      SCOPED_TRACE(std::string(Name(state)) + " " + std::string(Name(command)));
      const auto row = table.find(state);
      const bool legal = row != table.end() && row->second.contains(command);
      for (const auto& [actor, letter] : {std::pair(kTownship, "R"), std::pair(kHospital, "V")}) {
        const absl::StatusOr<Change> result = Do(command, referral, actor);
        if (state == State::kDraft && std::string(letter) == "V") {
          EXPECT_THAT(result, StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
        } else if (!legal) {
          EXPECT_THAT(result, StatusIs(kFailedPrecondition, "COMMAND_NOT_AVAILABLE"));
        } else if (const Legal& rule = row->second.at(command);
                   rule.by != "E" && rule.by != letter) {
          EXPECT_THAT(result, StatusIs(absl::StatusCode::kPermissionDenied, "NOT_YOUR_SIDE"));
        } else {
          ASSERT_THAT(result, IsOk());
          EXPECT_EQ(result->after.state, rule.to);
          EXPECT_EQ(result->after.version, referral.version + 1);
          EXPECT_EQ(result->events.size(), 1u);
        }
      }
      EXPECT_THAT(Do(command, referral, kStranger),
                  StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
    }
  }
}

TEST(CommandTable, EveryStateTimesEveryCommandTimesEveryCallerUp) {
  Walk(UpReferral(), Direction::kUp, Channel::kStandard);
}
TEST(CommandTable, EveryStateTimesEveryCommandTimesEveryCallerGreen) {
  Walk(GreenReferral(), Direction::kUp, Channel::kGreen);
}
TEST(CommandTable, EveryStateTimesEveryCommandTimesEveryCallerDown) {
  Walk(DownReferral(), Direction::kDown, Channel::kStandard);
}

TEST(CommandTable, TheRefusalNamesWhatIsPossible) {
  const absl::Status refused = Do(Command::kArrive, InState(State::kSubmitted), kHospital).status();
  EXPECT_EQ(status::InfoOf(refused)->metadata().at("available"), "RETURN,ACCEPT,REJECT");
  EXPECT_EQ(status::InfoOf(refused)->metadata().at("state"), "SUBMITTED");
}

TEST(Submit, NamesEveryMissingItemAtOnce) {
  NewReferral input = Draft();
  input.setting = Setting::kInpatient;
  input.summary = {};
  const Referral draft = CreateReferral(input, kTownship, TestDeadlines(), kMonday)->after;
  const absl::Status refused =
      draft.Submit(kTownship, false, std::nullopt, TestDeadlines(), kMonday).status();
  EXPECT_THAT(refused, StatusIs(kFailedPrecondition, "INCOMPLETE"));
  std::set<std::string> subjects;
  const auto precondition = status::PreconditionOf(refused).value();
  for (const auto& violation : precondition.violations()) subjects.insert(violation.subject());
  EXPECT_EQ(subjects, (std::set<std::string>{"patient_consented", "summary.complaint",
                                             "summary.diagnosis", "summary.history"}));
}

TEST(Submit, TheGreenChannelHasTenMinutes) {
  const Referral draft = InState(State::kDraft, Direction::kUp, Channel::kGreen);
  const Change change = *draft.Submit(kTownship, true, std::nullopt, TestDeadlines(), kMonday);
  EXPECT_EQ(change.after.due_at, kMonday + absl::Minutes(10));
  EXPECT_EQ(change.after.submitted_at, kMonday);
}

TEST(Submit, AfterAReturnTheFirstClockStillCountsForTheRate) {
  Referral referral = Do(Command::kSubmit, InState(State::kDraft), kTownship)->after;
  const absl::Time first_due = *referral.response_due_at;
  referral = Do(Command::kReturn, referral, kHospital)->after;
  referral =
      referral.Submit(kTownship, true, std::nullopt, TestDeadlines(), kMonday + absl::Hours(30))
          ->after;
  EXPECT_EQ(referral.response_due_at, first_due);
  EXPECT_GT(*referral.due_at, first_due);
}

TEST(Accept, TheGreenChannelBooksByItselfButNotAnEmergency) {
  Referral green = InState(State::kSubmitted, Direction::kUp, Channel::kGreen);
  EXPECT_TRUE(Do(Command::kAccept, green, kHospital)->start_booking.has_value());
  green.setting = Setting::kEmergency;
  EXPECT_FALSE(Do(Command::kAccept, green, kHospital)->start_booking.has_value());
  EXPECT_FALSE(
      Do(Command::kAccept, InState(State::kSubmitted), kHospital)->start_booking.has_value());
}

TEST(Accept, MayRaiseTheUrgencyAndNeverLowerIt) {
  Referral referral = InState(State::kSubmitted);
  referral.urgency = Urgency::kUrgent;
  EXPECT_EQ(referral.Accept(kHospital, Urgency::kEmergency, {}, kMonday)->after.urgency,
            Urgency::kEmergency);
  EXPECT_THAT(referral.Accept(kHospital, Urgency::kRoutine, {}, kMonday),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

TEST(Withdraw, LetsTheSeatGo) {
  Referral referral = InState(State::kScheduled);
  referral.booking = BookingReference{.booking = BookingId(base::Uuid::V7())};
  const Change change = *Do(Command::kWithdraw, referral, kTownship);
  EXPECT_EQ(change.release_booking, referral.booking->booking);
  EXPECT_FALSE(change.after.booking.has_value());
}

TEST(Booking, TheSagaDoesNothingToAReferralThatMovedOn) {
  const Referral withdrawn = InState(State::kCancelled);
  EXPECT_FALSE(withdrawn.HoldSlot({}, kMonday).has_value());
  EXPECT_FALSE(withdrawn.ConfirmBooking(kMonday).has_value());
  EXPECT_FALSE(withdrawn.FailBooking(kMonday).has_value());
}

TEST(Booking, GoesThroughSlotHeldToScheduled) {
  const Referral held = InState(State::kAccepted).HoldSlot({.seat_number = 4}, kMonday)->after;
  EXPECT_EQ(held.state, State::kSlotHeld);
  const Referral booked = held.ConfirmBooking(kMonday)->after;
  EXPECT_EQ(booked.state, State::kScheduled);
  EXPECT_EQ(booked.booking->seat_number, 4);
}

TEST(Create, NamesEveryBrokenRule) {
  NewReferral input = Draft(Direction::kDown);
  input.receiving_organization = kTownship.organization;
  input.channel = Channel::kGreen;
  input.care_plan->tasks[0].due_date = absl::CivilDay(2026, 3, 1);
  const absl::Status refused = CreateReferral(input, kTownship, TestDeadlines(), kMonday).status();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  std::set<std::string> fields;
  const auto bad_request = status::BadRequestOf(refused).value();
  for (const auto& violation : bad_request.field_violations()) fields.insert(violation.field());
  EXPECT_EQ(fields, (std::set<std::string>{"receiving_organization_id", "channel",
                                           "care_plan.tasks[0].due_date"}));
}

TEST(Create, TheFirstFollowUpIsDueWithinSevenDays) {
  NewReferral input = Draft(Direction::kDown);
  input.care_plan->tasks[0].due_date = absl::CivilDay(2026, 3, 10);
  EXPECT_THAT(CreateReferral(input, kTownship, TestDeadlines(), kMonday),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  input.care_plan->tasks[0].due_date = absl::CivilDay(2026, 3, 9);
  EXPECT_THAT(CreateReferral(input, kTownship, TestDeadlines(), kMonday), IsOk());
}

TEST(FollowUp, IsDoneOnceAndLateIsBetterThanNever) {
  const Referral referral = InState(State::kAccepted, Direction::kDown);
  const TaskId task = referral.care_plan->tasks[0].id;
  const Referral late = referral.LetTaskLapse(task, kMonday)->after;
  EXPECT_EQ(late.care_plan->tasks[0].state, TaskState::kOverdue);
  const Referral done = late.RecordFollowUp(kHospital, task, "血钾 4.1", kMonday)->after;
  EXPECT_EQ(done.care_plan->tasks[0].state, TaskState::kDone);
  EXPECT_THAT(done.RecordFollowUp(kHospital, task, "", kMonday),
              StatusIs(kFailedPrecondition, "TASK_CLOSED"));
  EXPECT_FALSE(done.LetTaskLapse(task, kMonday).has_value());
  EXPECT_THAT(done.RecordFollowUp(kHospital, TaskId(base::Uuid::V7()), "", kMonday),
              StatusIs(absl::StatusCode::kNotFound, "TASK_NOT_FOUND"));
}

TEST(Escalation, ComesAtTheDeadlineThenAtHalfMoreThenAtDouble) {
  Referral referral =
      Do(Command::kSubmit, InState(State::kDraft, Direction::kUp, Channel::kGreen), kTownship)
          ->after;
  const absl::Time start = *referral.clock_started_at;
  for (const int minute : {10, 15, 20}) {
    EXPECT_FALSE(referral.Escalate(start + absl::Minutes(minute) - absl::Seconds(1)).has_value());
    referral = referral.Escalate(start + absl::Minutes(minute))->after;
  }
  EXPECT_EQ(referral.escalation_tier, 3);
  EXPECT_FALSE(referral.Escalate(start + absl::Hours(9)).has_value());
}

}  // namespace
}  // namespace yilian::referral
