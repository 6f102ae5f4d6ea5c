#include "services/referral/domain/advice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>

#include "common/status/matchers.h"
#include "services/referral/domain/citation.h"

namespace yilian::referral {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

OrganizationId Org(int n) {
  return OrganizationId(base::Uuid::V5(base::Uuid(), "organization " + std::to_string(n)));
}
PractitionerId Person(int n) {
  return PractitionerId(base::Uuid::V5(base::Uuid(), "practitioner " + std::to_string(n)));
}
const Actor kAsker{.organization = Org(1), .practitioner = Person(1)};
const Actor kColleague{.organization = Org(1), .practitioner = Person(2)};
const Actor kSpecialist{.organization = Org(2), .practitioner = Person(3)};
const Actor kStranger{.organization = Org(3), .practitioner = Person(4)};

class AdviceTest : public ::testing::Test {
 protected:
  NewAdvice Input() {
    return {.id = AdviceId(base::Uuid::V7()),
            .patient = PatientId(base::Uuid::V7()),
            .advising_organization = kSpecialist.organization,
            .advising_department = DepartmentId(base::Uuid::V7()),
            .question = "血压控制不佳，是否需要调整方案？",
            .patient_consented = true};
  }
  Advice Asked() { return AskAdvice(Input(), kAsker, deadlines_, at_)->after; }
  Advice In(AdviceState state) {
    switch (state) {
      case AdviceState::kOpen:
        return Asked();
      case AdviceState::kAnswered:
        return Asked().ProposeReferral(kSpecialist, "建议转诊", at_)->after;
      case AdviceState::kClosed:
        return Asked().Close(kAsker, ReasonCode::kNone, "", at_)->after;
      case AdviceState::kConverted:
        return Asked().Convert(kAsker, ReferralId(base::Uuid::V7()), at_)->after;
    }
    return {};
  }
  absl::Status Do(const Advice& advice, AdviceCommand command, const Actor& by) {
    switch (command) {
      case AdviceCommand::kAnswer:
        return advice.Answer(by, "text", at_).status();
      case AdviceCommand::kContinue:
        return advice.Continue(by, "text", deadlines_, at_).status();
      case AdviceCommand::kProposeReferral:
        return advice.ProposeReferral(by, "text", at_).status();
      case AdviceCommand::kDeclineProposal:
        return advice.DeclineProposal(by, "text", at_).status();
      case AdviceCommand::kConvert:
        return advice.Convert(by, ReferralId(base::Uuid::V7()), at_).status();
      case AdviceCommand::kClose:
        return advice.Close(by, ReasonCode::kOther, "", at_).status();
    }
    return absl::InternalError("no such command");
  }

  // A Monday.
  const absl::Time at_ = absl::FromCivil(absl::CivilHour(2026, 3, 2, 9), absl::UTCTimeZone());
  const AdviceDeadlines deadlines_{{}, WorkingCalendar(absl::UTCTimeZone(), {}, {})};
};

TEST_F(AdviceTest, EveryStateCommandAndCaller) {
  // The answer is the reason, "" for done. Columns: asker, colleague, specialist.
  using Row = std::array<std::string_view, 3>;
  constexpr std::string_view kGone = "ADVICE_COMMAND_NOT_AVAILABLE";
  constexpr std::string_view kSide = "NOT_YOUR_ADVICE_SIDE";
  const Row gone = {kGone, kGone, kGone};
  const std::map<AdviceCommand, Row> open = {
      {AdviceCommand::kAnswer, {kSide, kSide, ""}},
      {AdviceCommand::kContinue, {"", "", kSide}},
      {AdviceCommand::kProposeReferral, {kSide, kSide, ""}},
      {AdviceCommand::kDeclineProposal, gone},
      {AdviceCommand::kConvert, {"", "NOT_THE_ASKER", kSide}},
      {AdviceCommand::kClose, {"", "", ""}},
  };
  std::map<AdviceCommand, Row> proposed = open;
  proposed[AdviceCommand::kDeclineProposal] = {"", "NOT_THE_ASKER", kSide};
  for (const AdviceState state : {AdviceState::kOpen, AdviceState::kAnswered, AdviceState::kClosed,
                                  AdviceState::kConverted}) {
    const Advice advice = In(state);
    for (const auto& [command, row] : state == AdviceState::kAnswered ? proposed : open) {
      const Row& expected = IsOver(state) ? gone : row;
      const Actor* callers[] = {&kAsker, &kColleague, &kSpecialist};
      for (size_t i = 0; i < 3; ++i) {
        const absl::Status status = Do(advice, command, *callers[i]);
        const auto available = advice.AvailableTo(*callers[i]);
        EXPECT_EQ(status.ok() ? "" : status::ReasonOf(status), expected[i])
            << Name(state) << " " << Name(command) << " caller " << i;
        EXPECT_EQ(std::count(available.begin(), available.end(), command), expected[i].empty())
            << Name(state) << " " << Name(command) << " caller " << i;
      }
      EXPECT_THAT(Do(advice, command, kStranger),
                  StatusIs(absl::StatusCode::kNotFound, "ADVICE_NOT_FOUND"));
    }
  }
}

TEST_F(AdviceTest, ARoutineQuestionIsAnsweredInTwoWorkingDays) {
  const Advice asked = Asked();
  EXPECT_EQ(asked.due_at, at_ + absl::Hours(48));
  NewAdvice urgent = Input();
  urgent.urgency = Urgency::kUrgent;
  EXPECT_EQ(AskAdvice(urgent, kAsker, deadlines_, at_)->after.due_at, at_ + absl::Hours(4));
}

TEST_F(AdviceTest, EveryBadFieldOfAQuestionIsNamed) {
  NewAdvice input = Input();
  input.advising_organization = kAsker.organization;
  input.urgency = Urgency::kEmergency;
  input.patient_consented = false;
  const absl::Status status = AskAdvice(input, kAsker, deadlines_, at_).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("3 field(s)"));
}

TEST_F(AdviceTest, AnAnswerStopsTheClockAndAskingOnStartsItAnew) {
  const Advice answered = Asked().Answer(kSpecialist, "加用一种", at_ + absl::Hours(1))->after;
  EXPECT_EQ(answered.state, AdviceState::kAnswered);
  EXPECT_EQ(answered.due_at, std::nullopt);
  EXPECT_EQ(answered.first_answered_at, at_ + absl::Hours(1));
  const absl::Time later = at_ + absl::Hours(3);
  const Advice again = answered.Continue(kColleague, "剂量？", deadlines_, later)->after;
  EXPECT_EQ(again.state, AdviceState::kOpen);
  EXPECT_EQ(again.due_at, later + absl::Hours(48));
  EXPECT_EQ(again.turn_count, 3);
  EXPECT_EQ(again.turns[2].number, 3);
}

TEST_F(AdviceTest, WhatIsAddedToAWaitingQuestionGivesNoMoreTime) {
  const Advice asked = Asked();
  const Advice more =
      asked.Continue(kAsker, "补充：有糖尿病", deadlines_, at_ + absl::Hours(9))->after;
  EXPECT_EQ(more.due_at, asked.due_at);
}

TEST_F(AdviceTest, AProposalIsAnAnswerAndWaitsForTheAsker) {
  const Advice proposed = Asked().ProposeReferral(kSpecialist, "建议转诊", at_)->after;
  EXPECT_EQ(proposed.state, AdviceState::kAnswered);
  EXPECT_TRUE(proposed.referral_proposed);
  EXPECT_TRUE(proposed.referral.is_nil());
  const Advice declined = proposed.DeclineProposal(kAsker, "患者不愿意", at_)->after;
  EXPECT_FALSE(declined.referral_proposed);
  EXPECT_EQ(declined.state, AdviceState::kAnswered);
}

TEST_F(AdviceTest, AQuestionOfASystemIsAnybodysToConvert) {
  const Actor system{.organization = kAsker.organization};
  const Advice asked = AskAdvice(Input(), system, deadlines_, at_)->after;
  EXPECT_THAT(asked.Convert(kColleague, ReferralId(base::Uuid::V7()), at_).status(), IsOk());
}

TEST_F(AdviceTest, TheAdvisingSideSaysWhyItCloses) {
  EXPECT_THAT(Asked().Close(kSpecialist, ReasonCode::kNone, "", at_).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(Asked().Close(kSpecialist, ReasonCode::kWrongDepartment, "", at_).status(), IsOk());
}

TEST_F(AdviceTest, AThreadDoesNotGrowForEver) {
  Advice advice = Asked();
  while (advice.turn_count < kMostTurns) {
    advice = advice.Continue(kAsker, "还有", deadlines_, at_)->after;
  }
  EXPECT_THAT(advice.Answer(kSpecialist, "答", at_).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "TOO_MANY_TURNS"));
  EXPECT_THAT(advice.Close(kAsker, ReasonCode::kNone, "谢谢", at_).status(), IsOk());
}

TEST_F(AdviceTest, AClockEscalatesOnceATier) {
  Advice advice = Asked();
  EXPECT_EQ(advice.Escalate(at_), std::nullopt);
  for (const int tier : {1, 2, 3}) {
    const auto change =
        advice.Escalate(Deadlines::EscalationAt(*advice.clock_started_at, *advice.due_at, tier));
    ASSERT_TRUE(change.has_value());
    advice = change->after;
    EXPECT_EQ(advice.escalation_tier, tier);
  }
  EXPECT_EQ(advice.Escalate(at_ + absl::Hours(1000)), std::nullopt);
}

TEST_F(AdviceTest, TheDraftGoesToWhoAdvisedWithWhatWasSaid) {
  const Advice advice = Asked().Answer(kSpecialist, "查肾功能", at_)->after;
  NewReferral input;
  input.summary.complaint = "头晕";
  input.summary.history = "高血压十年";
  const auto draft = DraftFrom(advice, input, absl::UTCTimeZone());
  ASSERT_THAT(draft.status(), IsOk());
  EXPECT_EQ(draft->patient, advice.patient);
  EXPECT_EQ(draft->receiving_organization, kSpecialist.organization);
  EXPECT_EQ(draft->receiving_department, advice.advising_department);
  EXPECT_EQ(draft->source->id, advice.id.ToString());
  EXPECT_EQ(draft->summary.history,
            "高血压十年\n\n【咨询记录】\n[2026-03-02 09:00 提问] 血压控制不佳，是否需要调整方案？"
            "\n[2026-03-02 09:00 答复] 查肾功能");
}

TEST_F(AdviceTest, OfALongThreadTheLatestTurnsAreHandedOver) {
  Advice advice = Asked();
  const std::string text(1500, 'x');
  for (int i = 0; i < 5; ++i) {
    advice = advice.Continue(kAsker, std::to_string(i) + text, deadlines_, at_)->after;
  }
  const auto draft = DraftFrom(advice, {}, absl::UTCTimeZone());
  ASSERT_THAT(draft.status(), IsOk());
  const std::string& history = draft->summary.history;
  EXPECT_THAT(history, HasSubstr("更早的 4 条见咨询 " + advice.id.ToString()));
  EXPECT_THAT(history, HasSubstr("4xxx"));
  EXPECT_THAT(history, HasSubstr("3xxx"));
  EXPECT_THAT(history, Not(HasSubstr("2xxx")));
  EXPECT_LE(
      std::count_if(history.begin(), history.end(), [](char c) { return (c & 0xc0) != 0x80; }),
      kHistoryLength);
}

TEST_F(AdviceTest, ADraftToElsewhereNamesItsDepartment) {
  NewReferral input;
  input.receiving_organization = Org(9);
  input.direction = Direction::kDown;
  const absl::Status status = DraftFrom(Asked(), input, absl::UTCTimeZone()).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("2 field(s)"));
}

TEST(CitationTest, AStudyIsCitedByItsUid) {
  EXPECT_TRUE(IsDicomUid("1.2.840.113619.2.55"));
  EXPECT_TRUE(IsDicomUid("2.25.0"));
  for (const std::string& bad : {std::string("1"), std::string(""), std::string("1..2"),
                                 std::string("1.02"), std::string("1.2."), std::string(".1.2"),
                                 std::string("1.2a"), std::string("1." + std::string(63, '2'))}) {
    EXPECT_FALSE(IsDicomUid(bad)) << bad;
  }
}

TEST(CitationTest, EveryBadCitationIsNamed) {
  const std::string report = base::Uuid::V7().ToString();
  errors::Violations violations;
  CheckCitations({{CitationKind::kLabReport, report},
                  {CitationKind::kLabReport, "1.2.840"},
                  {CitationKind::kImagingStudy, report},
                  {CitationKind::kOpinion, report},
                  {CitationKind::kLabReport, report}},
                 violations);
  std::vector<std::string> fields;
  for (const auto& [field, rule] : violations) fields.push_back(field);
  EXPECT_THAT(fields, ElementsAre("citations[1].id", "citations[2].id", "citations[4].id"));
}

}  // namespace
}  // namespace yilian::referral
