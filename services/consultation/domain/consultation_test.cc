#include "services/consultation/domain/consultation.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "common/status/matchers.h"

namespace yilian::consultation {
namespace {

using status::IsOk;
using status::StatusIs;

const absl::Time kNow = absl::FromCivil(absl::CivilHour(2026, 3, 2, 9), absl::UTCTimeZone());
const Clocks kClocks;
constexpr absl::Duration kLease = absl::Minutes(10);

OrganizationId Org(int n) {
  return OrganizationId(base::Uuid::V5(base::Uuid(), "organization " + std::to_string(n)));
}
PractitionerId Person(int n) {
  return PractitionerId(base::Uuid::V5(base::Uuid(), "person " + std::to_string(n)));
}

const Actor kTownship{.organization = Org(1), .practitioner = Person(1)};
const Actor kExpert{.organization = Org(2), .practitioner = Person(2)};
const Actor kOtherExpert{.organization = Org(2), .practitioner = Person(3)};
const Actor kStranger{.organization = Org(3), .practitioner = Person(4)};

NewConsultation Input() {
  return {.id = ConsultationId(base::Uuid::V7()),
          .patient = PatientId(base::Uuid::V7()),
          .consulted_organization = kExpert.organization,
          .specialty = "CARDIOLOGY",
          .question = "心电图是否提示缺血？",
          .patient_consented = true};
}

// In any state, claimed by kExpert with epoch 1 where a claim belongs to it.
Consultation InState(State state) {
  Consultation c = RequestConsultation(Input(), kTownship, kClocks, std::nullopt, kNow)->after;
  c.state = state;
  if (state != State::kRequested && state != State::kDeclined && state != State::kCancelled) {
    c.expert = kExpert.practitioner;
    c.lease_epoch = 1;
    c.lease_until = kNow + kLease;
  }
  if (state == State::kSigned || state == State::kAcknowledged) {
    c.opinion = SignedOpinion{.version = 1, .practitioner = kExpert.practitioner};
  }
  return c;
}

absl::StatusOr<Change> Do(Command command, const Consultation& c, const Actor& by,
                          absl::Time at = kNow) {
  switch (command) {
    case Command::kClaim:
      return c.Claim(by, kLease, at);
    case Command::kSaveDraft:
      return c.SaveDraft(by, 1, {.impression = "窦性心律"}, at);
    case Command::kSign:
      return c.Sign(by, 1, {.version = c.opinion ? c.opinion->version + 1 : 1}, kClocks, at);
    case Command::kAcknowledge:
      return c.Acknowledge(by, at);
    case Command::kDecline:
      return c.Decline(by, ReasonCode::kWrongSpecialty, "请转神经内科", at);
    case Command::kCancel:
      return c.Cancel(by, ReasonCode::kNotNeeded, "", at);
    case Command::kRelease:
      return c.Release(by, 1, at);
    case Command::kSubmitFirstReading:
      return c.SubmitFirstReading(by, 1, {.impression = "窦性心律"}, at);
    case Command::kRecordSecondReading:
      return c.RecordSecondReading(by, 1, Verdict::kAgreement, DiscrepancyCode::kNone, "", at);
  }
  return absl::InternalError("no such command");
}

// domain.md's chain, written a second time: state -> command -> side (Q: requesting, C: consulted)
// and where to.
struct Legal {
  char side;
  State to;
};
const std::map<State, std::map<Command, Legal>> kLegal = {
    {State::kRequested,
     {{Command::kClaim, {'C', State::kAssigned}},
      {Command::kDecline, {'C', State::kDeclined}},
      {Command::kCancel, {'Q', State::kCancelled}}}},
    {State::kAssigned,
     {{Command::kClaim, {'C', State::kAssigned}},
      {Command::kSaveDraft, {'C', State::kOpinionDrafted}},
      {Command::kSign, {'C', State::kSigned}},
      {Command::kRelease, {'C', State::kRequested}},
      {Command::kSubmitFirstReading, {'C', State::kRequested}},
      {Command::kRecordSecondReading, {'C', State::kRequested}},
      {Command::kDecline, {'C', State::kDeclined}},
      {Command::kCancel, {'Q', State::kCancelled}}}},
    {State::kOpinionDrafted,
     {{Command::kClaim, {'C', State::kOpinionDrafted}},
      {Command::kSaveDraft, {'C', State::kOpinionDrafted}},
      {Command::kSign, {'C', State::kSigned}},
      {Command::kRelease, {'C', State::kRequested}},
      {Command::kSubmitFirstReading, {'C', State::kRequested}},
      {Command::kRecordSecondReading, {'C', State::kRequested}},
      {Command::kDecline, {'C', State::kDeclined}},
      {Command::kCancel, {'Q', State::kCancelled}}}},
    {State::kSigned,
     {{Command::kSign, {'C', State::kSigned}},
      {Command::kAcknowledge, {'Q', State::kAcknowledged}}}},
    {State::kAcknowledged, {{Command::kSign, {'C', State::kSigned}}}},
};

TEST(CommandTable, EveryStateTimesEveryCommandTimesEveryCaller) {
  for (int s = 1; s <= 7; ++s) {
    for (int k = 0; k <= static_cast<int>(kLastCommand); ++k) {
      const State state = static_cast<State>(s);
      const Command command = static_cast<Command>(k);
      SCOPED_TRACE(std::string(Name(state)) + " " + std::string(Name(command)));
      const Consultation c = InState(state);
      const auto row = kLegal.find(state);
      const bool legal = row != kLegal.end() && row->second.contains(command);
      for (const auto& [actor, side] : {std::pair(kTownship, 'Q'), std::pair(kExpert, 'C')}) {
        const absl::StatusOr<Change> result = Do(command, c, actor);
        if (!legal) {
          EXPECT_THAT(result,
                      StatusIs(absl::StatusCode::kFailedPrecondition, "COMMAND_NOT_AVAILABLE"));
        } else if (row->second.at(command).side != side) {
          EXPECT_THAT(result, StatusIs(absl::StatusCode::kPermissionDenied, "NOT_YOUR_SIDE"));
        } else if (command >= Command::kSubmitFirstReading) {
          // second_reading_test.cc: at a reading centre.
          EXPECT_THAT(result, StatusIs(absl::StatusCode::kFailedPrecondition, "NO_SECOND_READING"));
        } else {
          ASSERT_THAT(result, IsOk());
          EXPECT_EQ(result->after.state, row->second.at(command).to);
          EXPECT_EQ(result->after.version, c.version + 1);
        }
      }
      EXPECT_THAT(Do(command, c, kStranger), StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
    }
  }
}

TEST(Claim, TwoExpertsNeverHoldOne) {
  const Consultation claimed = Do(Command::kClaim, InState(State::kRequested), kExpert)->after;
  EXPECT_THAT(Do(Command::kClaim, claimed, kOtherExpert),
              StatusIs(absl::StatusCode::kFailedPrecondition, "CLAIMED_BY_ANOTHER"));
}

TEST(Claim, RenewingKeepsTheEpochAndALapsedLeaseGoesToTheNextWithANewOne) {
  const Consultation claimed = Do(Command::kClaim, InState(State::kRequested), kExpert)->after;
  EXPECT_EQ(claimed.lease_epoch, 1);
  const Consultation renewed =
      Do(Command::kClaim, claimed, kExpert, kNow + absl::Minutes(5))->after;
  EXPECT_EQ(renewed.lease_epoch, 1);
  EXPECT_EQ(renewed.lease_until, kNow + absl::Minutes(15));
  const Consultation taken =
      Do(Command::kClaim, renewed, kOtherExpert, kNow + absl::Minutes(15))->after;
  EXPECT_EQ(taken.lease_epoch, 2);
  EXPECT_EQ(taken.expert, kOtherExpert.practitioner);
}

TEST(Claim, ALateWriterIsFenced) {
  const Consultation claimed = Do(Command::kClaim, InState(State::kRequested), kExpert)->after;
  const absl::Time late = kNow + kLease;
  EXPECT_THAT(claimed.SaveDraft(kExpert, 1, {}, late),
              StatusIs(absl::StatusCode::kAborted, "CLAIM_LOST"));
  EXPECT_THAT(claimed.Sign(kExpert, 1, {.version = 1}, kClocks, late),
              StatusIs(absl::StatusCode::kAborted, "CLAIM_LOST"));
  const Consultation taken = Do(Command::kClaim, claimed, kOtherExpert, late)->after;
  EXPECT_THAT(taken.Sign(kExpert, 1, {.version = 1}, kClocks, late),
              StatusIs(absl::StatusCode::kAborted, "CLAIM_LOST"));
  EXPECT_THAT(taken.Sign(kOtherExpert, 2, {.version = 1}, kClocks, late), IsOk());
}

TEST(Claim, ANewHolderDoesNotInheritTheOthersDraft) {
  Consultation claimed = Do(Command::kClaim, InState(State::kRequested), kExpert)->after;
  claimed = Do(Command::kSaveDraft, claimed, kExpert)->after;
  EXPECT_TRUE(claimed.draft.has_value());
  const Consultation released = claimed.Release(kExpert, 1, kNow)->after;
  EXPECT_TRUE(Do(Command::kClaim, released, kExpert)->after.draft.has_value()) << "their own";
  EXPECT_FALSE(Do(Command::kClaim, released, kOtherExpert)->after.draft.has_value());
  EXPECT_FALSE(Do(Command::kClaim, claimed, kOtherExpert, kNow + kLease)->after.draft.has_value());
}

TEST(Sign, ACorrectionIsANewVersionByTheSameExpertAndIsToldAsSuch) {
  const Consultation acknowledged = InState(State::kAcknowledged);
  EXPECT_EQ(*acknowledged.CheckSign(kExpert, 1, kNow), 2);
  const Change corrected = *acknowledged.Sign(kExpert, 1, {.version = 2}, kClocks, kNow);
  EXPECT_EQ(corrected.event, "OpinionCorrected");
  EXPECT_EQ(corrected.after.state, State::kSigned);
  EXPECT_TRUE(corrected.after.due_at.has_value());
  EXPECT_THAT(acknowledged.CheckSign(kOtherExpert, 1, kNow),
              StatusIs(absl::StatusCode::kAborted, "CLAIM_LOST"));
}

TEST(Request, NeedsConsentAndAnotherOrganizationAndSaysBoth) {
  NewConsultation input = Input();
  input.patient_consented = false;
  input.consulted_organization = kTownship.organization;
  const absl::Status refused =
      RequestConsultation(input, kTownship, kClocks, std::nullopt, kNow).status();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_EQ(status::BadRequestOf(refused)->field_violations_size(), 2);
}

TEST(Escalation, ComesAtTheEndOfTheClockAndAtHalfAndAllOfItsTimeAgainEachOnce) {
  Consultation c = InState(State::kAssigned);
  c.receipt_due_at.reset();
  const absl::Time due = *c.due_at;
  const absl::Duration time = kClocks.routine;
  for (const auto& [tier, at] :
       {std::pair(1, due), std::pair(2, due + time / 2), std::pair(3, due + time)}) {
    EXPECT_EQ(c.NextStepAt(), at);
    EXPECT_FALSE(c.Escalate(at - absl::Seconds(1)).has_value());
    const std::optional<Change> step = c.Escalate(at);
    ASSERT_TRUE(step.has_value());
    EXPECT_EQ(step->event, "ConsultationEscalated");
    EXPECT_EQ(step->after.tier, tier);
    c = step->after;
  }
  EXPECT_FALSE(c.NextStepAt().has_value());
  EXPECT_FALSE(c.Escalate(due + absl::Hours(1000)).has_value());
}

TEST(Escalation, AQuestionThatNoExpertTakesInTwoDaysIsSaidOnce) {
  const Consultation c = InState(State::kRequested);
  const std::optional<Change> overdue = c.Escalate(kNow + absl::Hours(48));
  ASSERT_TRUE(overdue.has_value());
  EXPECT_EQ(overdue->event, "ReceiptOverdue");
  EXPECT_EQ(overdue->after.NextStepAt(), c.due_at);
  EXPECT_EQ(Do(Command::kClaim, c, kExpert)->after.NextStepAt(), c.due_at) << "taken in time";
}

TEST(Escalation, TheClockOfTheAcknowledgementBeginsAnew) {
  Consultation c = InState(State::kAssigned);
  c.tier = 2;
  const Consultation signed_one = Do(Command::kSign, c, kExpert)->after;
  EXPECT_EQ(signed_one.tier, 0);
  EXPECT_EQ(signed_one.NextStepAt(), kNow + kClocks.acknowledgement);
}

TEST(WithdrawnConsent, CancelsWhatNobodyHasTakenAndNothingElse) {
  for (const State state :
       {State::kRequested, State::kAssigned, State::kOpinionDrafted, State::kSigned,
        State::kAcknowledged, State::kDeclined, State::kCancelled}) {
    const auto change = InState(state).WithdrawConsent(kNow);
    ASSERT_EQ(change.has_value(), state == State::kRequested) << Name(state);
    if (!change) continue;
    EXPECT_EQ(change->after.state, State::kCancelled);
    EXPECT_EQ(change->after.reason, ReasonCode::kPatientDeclined);
    EXPECT_EQ(change->event, "ConsultationCancelled");
    EXPECT_FALSE(change->after.due_at.has_value());
  }
  Consultation emergency = InState(State::kRequested);
  emergency.urgency = Urgency::kEmergency;
  EXPECT_FALSE(emergency.WithdrawConsent(kNow).has_value());
}

}  // namespace
}  // namespace yilian::consultation
