// What is different about a consultation that a reading centre reads.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "services/consultation/domain/reading_fixture.h"

namespace yilian::consultation {
namespace {

TEST(Study, IsOnTheWorklistOfTheCentreWithItsClocks) {
  const Consultation study = Study(Urgency::kEmergency);
  EXPECT_EQ(study.centre, kCentre);
  EXPECT_EQ(study.receipt_due_at, kNow + absl::Minutes(3));
  EXPECT_EQ(study.due_at, kNow + absl::Minutes(10));
}

TEST(Study, NamesNoOtherCentreThanTheOneThatReadsIt) {
  NewConsultation input{.kind = Kind::kEcgReading,
                        .consulted_organization = kHospital,
                        .patient_consented = true,
                        .centre = CentreId(base::Uuid::V7())};
  const Actor by{.organization = kTownship};
  EXPECT_THAT(RequestConsultation(input, by, kClocks, Centre(), kNow),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(RequestConsultation(input, by, kClocks, std::nullopt, kNow),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  input.centre = kCentre;
  EXPECT_THAT(RequestConsultation(input, by, kClocks, Centre(), kNow), IsOk());
}

TEST(StudyClaim, IsForReadersOfTheKindOnDutyAtTheCentre) {
  const Consultation study = Study();
  EXPECT_THAT(study.Claim(Reader(1), kLease, kNow), IsOk());
  Actor outsider = Reader(1);
  outsider.membership.reset();
  EXPECT_THAT(study.Claim(outsider, kLease, kNow),
              StatusIs(absl::StatusCode::kFailedPrecondition, "NOT_ON_DUTY"));
  Actor paused = Reader(1);
  paused.membership->duty = Duty::kPaused;
  EXPECT_THAT(study.Claim(paused, kLease, kNow),
              StatusIs(absl::StatusCode::kFailedPrecondition, "NOT_ON_DUTY"));
  Actor elsewhere = Reader(1);
  elsewhere.membership->centre = CentreId(base::Uuid::V7());
  EXPECT_THAT(study.Claim(elsewhere, kLease, kNow),
              StatusIs(absl::StatusCode::kFailedPrecondition, "NOT_ON_DUTY"));
  EXPECT_THAT(Study(Urgency::kRoutine, Kind::kImagingReading).Claim(Reader(1), kLease, kNow),
              StatusIs(absl::StatusCode::kPermissionDenied, "NOT_A_READER"));
}

TEST(StudyClaim, WhoPausesFinishesWhatIsInHand) {
  const Consultation claimed = Study().Claim(Reader(1), kLease, kNow)->after;
  Actor paused = Reader(1);
  paused.membership->duty = Duty::kPaused;
  EXPECT_THAT(claimed.Claim(paused, kLease, kNow + absl::Minutes(5)), IsOk());
  EXPECT_THAT(claimed.Claim(paused, kLease, kNow + kLease),
              StatusIs(absl::StatusCode::kFailedPrecondition, "NOT_ON_DUTY"))
      << "offered to all again";
}

TEST(StudyClaim, AReaderWhoMayNotSignHandsOverWithTheDraft) {
  Consultation study = Study().Claim(Reader(1), kLease, kNow)->after;
  study = study.SaveDraft(Reader(1), 1, {.impression = "窦性心律"}, kNow)->after;
  EXPECT_THAT(study.CheckSign(Reader(1, false), 1, kNow),
              StatusIs(absl::StatusCode::kPermissionDenied, "MAY_NOT_SIGN"));
  study = study.Release(Reader(1, false), 1, kNow)->after;
  EXPECT_EQ(study.state, State::kRequested);
  EXPECT_THAT(study.SaveDraft(Reader(1), 1, {}, kNow),
              StatusIs(absl::StatusCode::kFailedPrecondition, "COMMAND_NOT_AVAILABLE"));
  study = study.Claim(Reader(2), kLease, kNow)->after;
  ASSERT_TRUE(study.draft.has_value());
  EXPECT_EQ(study.draft->impression, "窦性心律");
  EXPECT_EQ(study.draft_by, Person(1));
  EXPECT_EQ(*study.CheckSign(Reader(2), 2, kNow), 1);
  EXPECT_THAT(study.CheckSign(Reader(1), 1, kNow),
              StatusIs(absl::StatusCode::kAborted, "CLAIM_LOST"));
}

TEST(Assigned, IsTakenByItsReaderInTheReceiptTimeOrOfferedAgain) {
  const Change assigned = *Study().Assign(Person(1), kReceipt, kNow);
  EXPECT_EQ(assigned.event, "ConsultationAssigned");
  EXPECT_FALSE(assigned.after.received_at.has_value());
  EXPECT_FALSE(assigned.after.Assign(Person(2), kReceipt, kNow).has_value());
  EXPECT_THAT(assigned.after.Claim(Reader(2), kLease, kNow),
              StatusIs(absl::StatusCode::kFailedPrecondition, "CLAIMED_BY_ANOTHER"));
  const Consultation taken = assigned.after.Claim(Reader(1), kLease, kNow)->after;
  EXPECT_EQ(taken.received_at, kNow);
  EXPECT_EQ(taken.lease_epoch, 1) << "the epoch was given with the assignment";
  const Consultation again = assigned.after.Assign(Person(2), kReceipt, kNow + kReceipt)->after;
  EXPECT_EQ(again.lease_epoch, 2);
  EXPECT_THAT(again.SaveDraft(Reader(1), 1, {}, kNow + kReceipt),
              StatusIs(absl::StatusCode::kAborted, "CLAIM_LOST"));
}

TEST(Parked, KeepsItsReaderAndItsDraftForAWhile) {
  Consultation study = Study().Claim(Reader(1), kLease, kNow)->after;
  study = study.SaveDraft(Reader(1), 1, {.impression = "窦性心律"}, kNow)->after;
  const Consultation parked = study.Park(absl::Minutes(30), kNow)->after;
  EXPECT_FALSE(parked.Park(absl::Minutes(30), kNow).has_value()) << "once";
  EXPECT_EQ(parked.lease_until, kNow + absl::Minutes(30));
  EXPECT_THAT(parked.Claim(Reader(2), kLease, kNow + absl::Minutes(29)),
              StatusIs(absl::StatusCode::kFailedPrecondition, "CLAIMED_BY_ANOTHER"));
  const Consultation back = parked.Claim(Reader(1), kLease, kNow + absl::Minutes(12))->after;
  EXPECT_EQ(back.lease_epoch, 1);
  EXPECT_FALSE(back.parked_at.has_value());
  EXPECT_TRUE(back.draft.has_value());
  const Consultation others = parked.Claim(Reader(2), kLease, kNow + absl::Minutes(30))->after;
  EXPECT_TRUE(others.draft.has_value());
  Consultation emergency = Study(Urgency::kEmergency).Claim(Reader(1), kLease, kNow)->after;
  EXPECT_FALSE(emergency.Park(absl::Minutes(30), kNow).has_value());
}

TEST(Parked, OnlyANewHolderOfAnEmergencyParksWhatElseTheyHave) {
  const Change claimed = *Study(Urgency::kEmergency).Claim(Reader(1), kLease, kNow);
  EXPECT_TRUE(claimed.parks_others);
  EXPECT_FALSE(claimed.after.Claim(Reader(1), kLease, kNow)->parks_others);
  EXPECT_FALSE(Study().Claim(Reader(1), kLease, kNow)->parks_others);
}

TEST(StudyClock, ReceiptThenOpinionEachStepOnce) {
  Consultation study = Study(Urgency::kEmergency);
  std::vector<std::string> told;
  for (absl::Time at = kNow; at < kNow + absl::Hours(1); at += absl::Seconds(30)) {
    while (const std::optional<Change> step = study.Escalate(at)) {
      told.push_back(fmt::format("{} {}", step->event, absl::ToInt64Seconds(at - kNow)));
      study = step->after;
    }
  }
  EXPECT_EQ(told,
            (std::vector<std::string>{"ReceiptOverdue 180", "ConsultationEscalated 600",
                                      "ConsultationEscalated 900", "ConsultationEscalated 1200"}));
}

}  // namespace
}  // namespace yilian::consultation
