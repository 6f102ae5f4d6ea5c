// Every state x every command x every kind of caller.
#include "services/referral/domain/command_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>

#include "common/status/matchers.h"
#include "services/referral/domain/referral_fixture.h"

namespace yilian::referral {
namespace {

using status::StatusIs;

constexpr int kLastState = static_cast<int>(State::kNoShow);

absl::StatusOr<Change> Do(Command command, const Referral& referral, const Actor& by) {
  const Deadlines deadlines = TestDeadlines();
  const absl::Time at = kMonday + absl::Hours(1);
  const TaskId task = referral.care_plan ? referral.care_plan->tasks[0].id : TaskId();
  switch (command) {
    case Command::kSubmit:
      return referral.Submit(by, Submission{.consented = true}, deadlines, at);
    case Command::kReturn:
      return referral.Return(by, ReasonCode::kInformationMissing, "缺心电图", deadlines, at);
    case Command::kAccept:
      return referral.Accept(by, std::nullopt, "", {}, at);
    case Command::kReject:
      return referral.Reject(by, ReasonCode::kTreatableLocally, "可在当地治疗", at);
    case Command::kRedirect:
      return referral.Redirect(by, Org(9), DepartmentId(base::Uuid::V7()),
                               ReasonCode::kWrongDepartment, "应转神经内科", deadlines, at);
    case Command::kSchedule:
      return referral.Schedule(by, {}, at);
    case Command::kReschedule:
      return referral.Reschedule(by, {}, at);
    case Command::kArrive:
      return referral.Arrive(by, deadlines, at);
    case Command::kBeginCare:
      return referral.BeginCare(by, at);
    case Command::kComplete: {
      Referral finished = referral;
      if (finished.care_plan) finished.care_plan->tasks[0].state = TaskState::kDone;
      return finished.Complete(by, "已出院", at);
    }
    case Command::kEndStay:
      return referral.EndStay(by, deadlines, at);
    case Command::kContinueStay:
      return referral.ContinueStay(by, at);
    case Command::kWithdraw:
      return referral.Withdraw(by, ReasonCode::kSentByMistake, "", at);
    case Command::kMarkNoShow:
      return referral.MarkNoShow(by, deadlines, at);
    case Command::kRequestCancellation:
      return referral.RequestCancellation(by, ReasonCode::kPatientDeclined, "", deadlines, at);
    case Command::kConfirmCancellation:
      return referral.ConfirmCancellation(by, at);
    case Command::kRefuseCancellation:
      return referral.RefuseCancellation(by, "已开始治疗", at);
    case Command::kRecordFollowUp:
      return referral.RecordFollowUp(by, task, "4.1", at);
    case Command::kRescheduleFollowUp:
      return referral.RescheduleFollowUp(by, task, absl::CivilDay(2026, 3, 9), "患者外出",
                                         deadlines, at);
    case Command::kRate:
      return referral.Rate(by, 5, at);
    case Command::kRecordPatientRating:
      return referral.RecordPatientRating(by, 5, Respondent::kPatient, at);
    case Command::kRecordClosingContact:
      return referral.RecordClosingContact(by, {.contacted_at = at, .reached = true}, at);
  }
  return absl::InternalError("no such command");
}

// domain.md's table, written a second time and another way: state -> command -> letters of who may
// (R referring, V receiving, P first receiver) and where to.
struct Legal {
  std::string by;
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
        {Command::kRedirect, {"V", State::kSubmitted}},
        {Command::kWithdraw, {"R", State::kCancelled}}}},
      {State::kReturned,
       {{Command::kSubmit, {"R", State::kSubmitted}},
        {Command::kWithdraw, {"R", State::kCancelled}}}},
      {State::kAccepted,
       {{Command::kSchedule, {"RV", State::kAccepted}},
        {Command::kRedirect, {"V", State::kSubmitted}},
        {Command::kWithdraw, {"R", State::kCancelled}}}},
      {State::kSlotHeld, {{Command::kWithdraw, {"R", State::kCancelled}}}},
      {State::kScheduled,
       {{Command::kReschedule, {"RV", State::kScheduled}},
        {Command::kArrive, {"V", State::kArrived}},
        {Command::kMarkNoShow, {"V", State::kNoShow}},
        {Command::kWithdraw, {"R", State::kCancelled}}}},
      {State::kArrived,
       {{Command::kBeginCare, {"V", State::kInCare}},
        {Command::kComplete, {"V", State::kCompleted}},
        {Command::kEndStay, {"V", State::kArrived}},
        {Command::kRequestCancellation, {"R", State::kArrived}}}},
      {State::kInCare,
       {{Command::kComplete, {"V", State::kCompleted}},
        {Command::kEndStay, {"V", State::kInCare}},
        {Command::kRequestCancellation, {"R", State::kInCare}}}},
      {State::kNoShow,
       {{Command::kSchedule, {"RV", State::kAccepted}},
        {Command::kWithdraw, {"R", State::kCancelled}}}},
      {State::kCompleted,
       {{Command::kRate, {"RV", State::kCompleted}},
        {Command::kRecordPatientRating, {"RV", State::kCompleted}},
        {Command::kRecordClosingContact, {"RV", State::kCompleted}}}},
  };
}

Table GreenReferral() {
  Table table = UpReferral();
  table[State::kAccepted][Command::kArrive] = {"V", State::kArrived};
  return table;
}

Table DownReferral() {
  Table table = UpReferral();
  table[State::kSubmitted].erase(Command::kRedirect);
  table[State::kAccepted] = {{Command::kRecordFollowUp, {"V", State::kAccepted}},
                             {Command::kRescheduleFollowUp, {"V", State::kAccepted}},
                             {Command::kComplete, {"V", State::kCompleted}},
                             {Command::kWithdraw, {"R", State::kCancelled}}};
  table[State::kNoShow].erase(Command::kSchedule);
  return table;
}

Table DownReferralInProgress() {
  Table table = DownReferral();
  table[State::kAccepted].erase(Command::kWithdraw);
  table[State::kAccepted][Command::kRequestCancellation] = {"R", State::kAccepted};
  return table;
}

Table LetterOwed() {
  Table table = UpReferral();
  for (const State state : {State::kArrived, State::kInCare}) {
    table[state].erase(Command::kEndStay);
    table[state][Command::kContinueStay] = {"V", state};
  }
  return table;
}

Table RedirectedReferral() {
  Table table = UpReferral();
  table[State::kSubmitted][Command::kRedirect] = {"VP", State::kSubmitted};
  table[State::kSubmitted][Command::kReject] = {"V", State::kSubmitted};
  return table;
}

Table AskedForCancellation() {
  Table table = UpReferral();
  for (const State state : {State::kArrived, State::kInCare}) {
    table[state].erase(Command::kRequestCancellation);
    table[state][Command::kConfirmCancellation] = {"V", State::kCancelled};
    table[state][Command::kRefuseCancellation] = {"V", state};
  }
  return table;
}

Table BookingUnderWay() {
  Table table = UpReferral();
  table[State::kAccepted].erase(Command::kSchedule);
  table[State::kNoShow].erase(Command::kSchedule);
  table[State::kScheduled].erase(Command::kReschedule);
  return table;
}

const std::map<std::string, Actor>& Callers() {
  static const auto& callers =
      *new std::map<std::string, Actor>{{"R", kTownship},
                                        {"V", kHospital},
                                        {"P", Actor{.organization = Org(8)}},
                                        {"G", kAuthority},
                                        {"-", kStranger}};
  return callers;
}

void Judge(const absl::StatusOr<Change>& result, const Table& table, const Referral& referral,
           Command command, const std::string& letter) {
  const std::optional<Side> side = referral.SideOf(Callers().at(letter).organization);
  if (!side) {
    EXPECT_THAT(result, StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
    return;
  }
  const auto row = table.find(referral.state);
  if (row == table.end() || !row->second.contains(command)) {
    EXPECT_THAT(result, StatusIs(absl::StatusCode::kFailedPrecondition, "COMMAND_NOT_AVAILABLE"));
  } else if (row->second.at(command).by.find(letter) == std::string::npos) {
    EXPECT_THAT(result, StatusIs(absl::StatusCode::kPermissionDenied, "NOT_YOUR_SIDE"));
  } else {
    ASSERT_THAT(result, status::IsOk());
    EXPECT_EQ(result->after.state, row->second.at(command).to);
    EXPECT_EQ(result->after.version, referral.version + 1);
    EXPECT_EQ(result->events.size(), 1u);
  }
}

void Walk(const Table& table, const std::function<Referral(State)>& make) {
  for (int s = 1; s <= kLastState; ++s) {
    for (int c = 1; c <= kLastCommand; ++c) {
      const Referral referral = make(static_cast<State>(s));
      const auto command = static_cast<Command>(c);
      if (Name(command).empty()) continue;  // a number that no command has
      for (const auto& [letter, actor] : Callers()) {
        SCOPED_TRACE(std::string(Name(referral.state)) + " " + std::string(Name(command)) + " " +
                     letter);
        const absl::StatusOr<Change> result = Do(command, referral, actor);
        Judge(result, table, referral, command, letter);
        // What is offered is what is taken.
        const std::vector<Command> offered = referral.AvailableTo(actor);
        EXPECT_EQ(std::find(offered.begin(), offered.end(), command) != offered.end(), result.ok());
      }
    }
  }
}

Referral Plain(State state, Direction direction, Channel channel) {
  Referral referral = InState(state, direction, channel);
  if (state == State::kScheduled) referral.booking = Booked();
  return referral;
}

TEST(CommandTable, Up) {
  Walk(UpReferral(), [](State s) { return Plain(s, Direction::kUp, Channel::kStandard); });
}
TEST(CommandTable, Lateral) {
  Walk(UpReferral(), [](State s) { return Plain(s, Direction::kLateral, Channel::kStandard); });
}
TEST(CommandTable, Green) {
  Walk(GreenReferral(), [](State s) { return Plain(s, Direction::kUp, Channel::kGreen); });
}
TEST(CommandTable, Down) {
  Walk(DownReferral(), [](State s) { return Plain(s, Direction::kDown, Channel::kStandard); });
}
Referral DownInProgress(State state) {
  Referral referral = Plain(state, Direction::kDown, Channel::kStandard);
  FollowUpTask done = referral.care_plan->tasks[0];
  done.id = TaskId(base::Uuid::V7());
  done.state = TaskState::kDone;
  referral.care_plan->tasks.push_back(done);
  return referral;
}
TEST(CommandTable, DownWithAFollowUpDone) { Walk(DownReferralInProgress(), DownInProgress); }
TEST(CommandTable, DownWithAFollowUpDoneAskedForCancellation) {
  Table table = AskedForCancellation();
  const Table in_progress = DownReferralInProgress();
  for (const State state : {State::kSubmitted, State::kAccepted, State::kNoShow}) {
    table[state] = in_progress.at(state);
  }
  table[State::kAccepted].erase(Command::kRequestCancellation);
  table[State::kAccepted][Command::kConfirmCancellation] = {"V", State::kCancelled};
  table[State::kAccepted][Command::kRefuseCancellation] = {"V", State::kAccepted};
  Walk(table, [](State s) {
    Referral referral = DownInProgress(s);
    referral.cancellation = CancellationRequest{.asked_at = kMonday};
    return referral;
  });
}
TEST(CommandTable, LetterOwed) {
  Walk(LetterOwed(), [](State s) {
    Referral referral = Plain(s, Direction::kUp, Channel::kStandard);
    if (s != State::kArrived && s != State::kInCare) return referral;
    referral.clock_started_at = kMonday;
    referral.due_at = kMonday + absl::Hours(24);
    return referral;
  });
}
TEST(CommandTable, RedirectedAndNotAnswered) {
  Walk(RedirectedReferral(), [](State s) {
    Referral referral = Plain(s, Direction::kUp, Channel::kStandard);
    if (s != State::kDraft) referral.responsible_organization = Org(8);
    return referral;
  });
}
TEST(CommandTable, EscalatedToTheRegion) {
  Walk(UpReferral(), [](State s) {
    Referral referral = Plain(s, Direction::kUp, Channel::kStandard);
    referral.region = kAuthority.organization;
    return referral;
  });
}
TEST(CommandTable, AskedForCancellation) {
  Walk(AskedForCancellation(), [](State s) {
    Referral referral = Plain(s, Direction::kUp, Channel::kStandard);
    referral.cancellation = CancellationRequest{.asked_at = kMonday};
    return referral;
  });
}
TEST(CommandTable, BookingUnderWay) {
  Walk(BookingUnderWay(), [](State s) {
    Referral referral = Plain(s, Direction::kUp, Channel::kStandard);
    referral.booking_saga = base::Uuid::V7();
    return referral;
  });
}

TEST(CommandTable, TheRefusalNamesWhatIsPossible) {
  const absl::Status refused = Do(Command::kArrive, InState(State::kSubmitted), kHospital).status();
  EXPECT_EQ(status::InfoOf(refused)->metadata().at("available"), "RETURN,ACCEPT,REJECT,REDIRECT");
  EXPECT_EQ(status::InfoOf(refused)->metadata().at("state"), "SUBMITTED");
  EXPECT_FALSE(status::InfoOf(refused)->metadata().contains("closed"));
}

TEST(CommandTable, AClosedReferralSaysSo) {
  const absl::Status refused = Do(Command::kArrive, InState(State::kCancelled), kHospital).status();
  EXPECT_EQ(status::InfoOf(refused)->metadata().at("closed"), "true");
  EXPECT_EQ(status::InfoOf(refused)->metadata().at("available"), "");
}

}  // namespace
}  // namespace yilian::referral
