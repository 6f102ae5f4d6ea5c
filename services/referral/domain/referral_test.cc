// Writing a referral down, handing it over, and the receiver's answers.
#include "services/referral/domain/referral.h"

#include <gtest/gtest.h>

#include <set>

#include "common/status/matchers.h"
#include "services/referral/domain/referral_fixture.h"

namespace yilian::referral {
namespace {

using status::IsOk;
using status::StatusIs;

constexpr absl::StatusCode kFailedPrecondition = absl::StatusCode::kFailedPrecondition;

Referral Submitted(Channel channel = Channel::kStandard) {
  return InState(State::kDraft, Direction::kUp, channel)
      .Submit(kTownship, Submission{.consented = true}, TestDeadlines(), kMonday)
      ->after;
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
  Referral referral = Submitted();
  const absl::Time first_due = *referral.response_due_at;
  referral = referral
                 .Return(kHospital, ReasonCode::kInformationMissing, "", TestDeadlines(),
                         kMonday + absl::Hours(1))
                 ->after;
  referral =
      referral.Submit(kTownship, true, std::nullopt, TestDeadlines(), kMonday + absl::Hours(30))
          ->after;
  EXPECT_EQ(referral.response_due_at, first_due);
  EXPECT_GT(*referral.due_at, first_due);
}

TEST(Submit, ADraftedDischargeNeedsItsSummary) {
  Referral draft = InState(State::kDraft, Direction::kDown);
  draft.care_plan->discharge_summary.clear();
  EXPECT_THAT(draft.Submit(kTownship, Submission{.consented = true}, TestDeadlines(), kMonday),
              StatusIs(kFailedPrecondition, "INCOMPLETE"));
  CarePlan plan = *draft.care_plan;
  plan.discharge_summary = "病情平稳";
  EXPECT_THAT(draft.Submit(kTownship, Submission{.consented = true, .care_plan = plan},
                           TestDeadlines(), kMonday),
              IsOk());
  EXPECT_THAT(InState(State::kDraft)
                  .Submit(kTownship, Submission{.consented = true, .care_plan = plan},
                          TestDeadlines(), kMonday),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

TEST(Submit, CitesWhatTheDraftLackedAndKeepsTheOpinionItIsMadeFrom) {
  Referral draft = InState(State::kDraft);
  const Citation opinion{CitationKind::kOpinion, base::Uuid::V7().ToString()};
  const Citation report{CitationKind::kLabReport, base::Uuid::V7().ToString()};
  draft.source = Source{.kind = SourceKind::kOpinion, .id = opinion.id};
  const auto submit = [&](std::vector<Citation> citations) {
    return draft.Submit(kTownship, Submission{.consented = true, .citations = std::move(citations)},
                        TestDeadlines(), kMonday);
  };
  const auto submitted = submit({report});
  ASSERT_THAT(submitted, IsOk());
  EXPECT_EQ(submitted->after.citations, (std::vector<Citation>{report, opinion}));
  EXPECT_THAT(submit({report, report}),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

TEST(Submit, TakesTheKeyOfItsKindUntilItIsClosed) {
  const Referral first = Submitted();
  EXPECT_TRUE(InState(State::kDraft).open_key().is_nil());
  EXPECT_FALSE(first.open_key().is_nil());
  Referral other = first;
  other.summary.complaint = " 胸痛 两小时";
  EXPECT_EQ(other.open_key(), first.open_key()) << "blanks make no difference";
  other.summary.complaint = "头晕";
  EXPECT_NE(other.open_key(), first.open_key());
  other = first;
  other.receiving_department = DepartmentId(base::Uuid::V7());
  EXPECT_NE(other.open_key(), first.open_key());
  other = first;
  other.state = State::kCancelled;
  EXPECT_TRUE(other.open_key().is_nil());
}

TEST(Accept, TheGreenChannelBooksByItselfButNotAnEmergency) {
  const auto accept = [](const Referral& referral) {
    return referral.Accept(kHospital, std::nullopt, "", {}, kMonday);
  };
  Referral green = InState(State::kSubmitted, Direction::kUp, Channel::kGreen);
  const Change booking = *accept(green);
  EXPECT_TRUE(booking.start_booking.has_value());
  EXPECT_FALSE(booking.after.booking_saga.is_nil());
  green.setting = Setting::kInpatient;
  EXPECT_TRUE(accept(green)->start_booking.has_value()) << "a bed is held as well";
  green.setting = Setting::kEmergency;
  EXPECT_FALSE(accept(green)->start_booking.has_value());
  EXPECT_FALSE(accept(InState(State::kSubmitted))->start_booking.has_value());
}

TEST(Accept, MayRaiseTheUrgencyWithAReasonAndNeverLowerIt) {
  Referral referral = InState(State::kSubmitted);
  referral.urgency = Urgency::kUrgent;
  const Change raised =
      *referral.Accept(kHospital, Urgency::kEmergency, "心电图动态演变", {}, kMonday);
  EXPECT_EQ(raised.after.urgency, Urgency::kEmergency);
  EXPECT_EQ(raised.after.urgency_reason, "心电图动态演变");
  EXPECT_THAT(referral.Accept(kHospital, Urgency::kEmergency, "", {}, kMonday),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(referral.Accept(kHospital, Urgency::kUrgent, "", {}, kMonday), IsOk());
  EXPECT_THAT(referral.Accept(kHospital, Urgency::kRoutine, "x", {}, kMonday),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

absl::StatusOr<Change> Redirect(const Referral& referral, const Actor& by, absl::Time at = kMonday,
                                OrganizationId to = kOtherHospital.organization) {
  return referral.Redirect(by, to, DepartmentId(base::Uuid::V7()), ReasonCode::kWrongDepartment,
                           "应转神经内科", TestDeadlines(), at);
}

TEST(Redirect, HasANewOwnerAnUnbrokenClockAndItsHistory) {
  const Referral before = Submitted();
  const Change change = *Redirect(before, kHospital, kMonday + absl::Hours(3));
  const Referral& after = change.after;
  EXPECT_EQ(after.owner(), kOtherHospital.organization);
  EXPECT_EQ(after.responsible_organization, kHospital.organization);
  EXPECT_EQ(after.due_at, before.due_at);
  EXPECT_EQ(after.clock_started_at, before.clock_started_at);
  EXPECT_EQ(after.submitted_at, before.submitted_at);
  EXPECT_FALSE(after.first_response_at.has_value()) << "the patient has no answer yet";
  ASSERT_TRUE(change.redirection.has_value());
  EXPECT_EQ(change.redirection->from_organization, kHospital.organization);
  EXPECT_EQ(after.SideOf(kHospital.organization), Side::kPrevious);
}

TEST(Redirect, IsTheReceiversResponseAndTheNextOnesTimeBegins) {
  const Referral before = Submitted();
  // The hospital sat on it until it was late.
  const absl::Time late = *before.response_due_at + absl::Hours(1);
  const Change handed_on = *Redirect(before, kHospital, late);
  ASSERT_TRUE(handed_on.response.has_value());
  EXPECT_EQ(handed_on.response->organization, kHospital.organization);
  EXPECT_EQ(handed_on.response->department, before.receiving_department);
  EXPECT_EQ(handed_on.response->received_at, *before.submitted_at);
  EXPECT_EQ(handed_on.response->due_at, before.response_due_at);
  EXPECT_EQ(handed_on.response->responded_at, late);
  const Referral& pending = handed_on.after;
  EXPECT_EQ(pending.response()->received_at, late);
  EXPECT_EQ(
      pending.response_due_at,
      TestDeadlines().FirstResponse(pending.direction, pending.channel, pending.urgency, late));
  const absl::Time soon = late + absl::Minutes(1);
  const Referral accepted = pending.Accept(kOtherHospital, std::nullopt, "", {}, soon)->after;
  EXPECT_EQ(accepted.response()->responded_at, soon);
}

TEST(Redirect, ARefusalIsTheSecondReceiversResponseAndTheFirstOneOwesNoOther) {
  const Referral pending = Redirect(Submitted(), kHospital)->after;
  const absl::Time at = kMonday + absl::Hours(2);
  const Change back = *pending.Reject(kOtherHospital, ReasonCode::kNoCapacity, "", at);
  ASSERT_TRUE(back.response.has_value());
  EXPECT_EQ(back.response->organization, kOtherHospital.organization);
  EXPECT_EQ(back.response->responded_at, at);
  EXPECT_FALSE(back.after.response()->due_at.has_value());
  const Change again = *Redirect(back.after, kHospital, at);
  EXPECT_FALSE(again.response->due_at.has_value()) << "it responded by its first redirect";
  EXPECT_TRUE(again.after.response_due_at.has_value()) << "the second receiver is asked anew";
}

TEST(Redirect, WhatIsTakenBackInTimeWasNotOwed) {
  const Referral pending = Redirect(Submitted(), kHospital)->after;
  const auto take_back = [&](absl::Time at) {
    return *pending.Redirect(kHospital, kHospital.organization, pending.responsible_department,
                             ReasonCode::kOther, "", TestDeadlines(), at);
  };
  const Change early = take_back(kMonday + absl::Minutes(1));
  EXPECT_FALSE(early.response->due_at.has_value());
  EXPECT_FALSE(early.after.response_due_at.has_value());
  const Change late = take_back(*pending.response_due_at + absl::Minutes(1));
  EXPECT_EQ(late.response->organization, kOtherHospital.organization);
  EXPECT_TRUE(late.response->due_at.has_value());
  EXPECT_FALSE(late.response->responded_at.has_value());
}

absl::StatusOr<Change> RedirectTo(const Referral& referral, DepartmentId department,
                                  const Requirements& requirements) {
  return referral.Redirect(kHospital, kOtherHospital.organization, department,
                           ReasonCode::kWrongDepartment, "", TestDeadlines(), kMonday,
                           requirements);
}

TEST(Redirect, TheNewDepartmentHasWhatItRequires) {
  const Requirements clinic{.items = {{"LAB_REPORT", RequiredItemKind::kReport, "检验报告", {}, {}},
                                      {"ECG", RequiredItemKind::kAttachment, "心电图", {}, {}}}};
  const DepartmentId department(base::Uuid::V7());
  Referral referral = Submitted();
  const absl::Status refused = RedirectTo(referral, department, clinic).status();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition, "INCOMPLETE"));
  EXPECT_EQ(status::PreconditionOf(refused)->violations_size(), 2);
  referral.Cite({{CitationKind::kLabReport, base::Uuid::V7().ToString()}});
  Requirements met = clinic;
  met.attachments = 1;
  EXPECT_THAT(RedirectTo(referral, department, met), IsOk());
}

TEST(Redirect, TheNewDepartmentTakesTheSettingAndTheChannel) {
  const absl::Status refused =
      RedirectTo(Submitted(), DepartmentId(base::Uuid::V7()),
                 {.settings = {Setting::kInpatient}, .channels = {Channel::kGreen}})
          .status();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  const auto bad = status::BadRequestOf(refused);
  ASSERT_EQ(bad->field_violations_size(), 2);
  for (const auto& violation : bad->field_violations()) {
    EXPECT_EQ(violation.field(), "receiving_department_id");
  }
}

TEST(Redirect, WhoTakesItBackHasLookedAtIt) {
  const Referral pending = Redirect(Submitted(), kHospital)->after;
  const Requirements more{.items = {{"ECG", RequiredItemKind::kAttachment, "心电图", {}, {}}}};
  EXPECT_THAT(pending.Redirect(kHospital, kHospital.organization, pending.responsible_department,
                               ReasonCode::kOther, "", TestDeadlines(), kMonday, more),
              IsOk());
  EXPECT_THAT(pending.Redirect(kHospital, kHospital.organization, DepartmentId(base::Uuid::V7()),
                               ReasonCode::kOther, "", TestDeadlines(), kMonday, more),
              StatusIs(absl::StatusCode::kFailedPrecondition, "INCOMPLETE"))
      << "another department of the first receiver has not";
}

TEST(Redirect, TheFirstReceiverIsResponsibleUntilAnotherAccepts) {
  const Referral pending = Redirect(Submitted(), kHospital)->after;
  const Referral accepted = pending.Accept(kOtherHospital, std::nullopt, "", {}, kMonday)->after;
  EXPECT_EQ(accepted.responsible_organization, kOtherHospital.organization);
  EXPECT_EQ(accepted.SideOf(kHospital.organization), std::nullopt);
}

TEST(Redirect, ARefusalGivesItBackToTheFirstReceiverWithTheClockRunning) {
  const Referral first = Submitted();
  const Referral pending = Redirect(first, kHospital)->after;
  const Change back =
      *pending.Reject(kOtherHospital, ReasonCode::kNoCapacity, "", kMonday + absl::Hours(2));
  EXPECT_EQ(back.after.state, State::kSubmitted);
  EXPECT_EQ(back.after.receiving_organization, kHospital.organization);
  EXPECT_EQ(back.after.receiving_department, first.receiving_department);
  EXPECT_EQ(back.after.due_at, first.due_at);
  EXPECT_EQ(back.events, std::vector<std::string>{"ReferralRedirectDeclined"});
}

TEST(Redirect, TheFirstReceiverMayTakeItBack) {
  const Referral pending = Redirect(Submitted(), kHospital)->after;
  const Referral back = Redirect(pending, kHospital, kMonday, kHospital.organization)->after;
  EXPECT_FALSE(back.redirected());
  EXPECT_EQ(back.SideOf(kHospital.organization), Side::kReceiving);
  EXPECT_EQ(back.SideOf(kOtherHospital.organization), std::nullopt);
}

TEST(Redirect, AfterAnAcceptanceTheClockGoesOnWithWhatWasLeft) {
  const Referral submitted = Submitted(Channel::kGreen);  // ten minutes
  const Referral accepted =
      submitted.Accept(kHospital, std::nullopt, "", {}, kMonday + absl::Minutes(4))->after;
  EXPECT_FALSE(accepted.due_at.has_value());
  const absl::Time later = kMonday + absl::Hours(5);
  const Referral redirected = Redirect(accepted, kHospital, later)->after;
  EXPECT_EQ(redirected.state, State::kSubmitted);
  EXPECT_EQ(redirected.due_at, later + absl::Minutes(6));
  EXPECT_EQ(redirected.clock_started_at, later - absl::Minutes(4));
  EXPECT_TRUE(redirected.booking_saga.is_nil()) << "the saga that books lets its seat go";
}

TEST(Redirect, IsNeverWithoutAClock) {
  EXPECT_TRUE(Redirect(InState(State::kAccepted), kHospital)->after.due_at.has_value());
}

TEST(Redirect, LeadsToAnotherReceiverAndNotToTheReferrer) {
  const Referral referral = Submitted();
  EXPECT_THAT(Redirect(referral, kHospital, kMonday, kTownship.organization),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(
      referral.Redirect(kHospital, referral.receiving_organization, referral.receiving_department,
                        ReasonCode::kOther, "", TestDeadlines(), kMonday),
      StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
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

}  // namespace
}  // namespace yilian::referral
