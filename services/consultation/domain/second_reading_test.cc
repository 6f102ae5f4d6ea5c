#include <gtest/gtest.h>

#include "common/status/error.h"
#include "services/consultation/domain/reading_fixture.h"

namespace yilian::consultation {
namespace {

using absl::StatusCode;

// Read first by Reader(1), in the hands of Reader(2).
Consultation InSecondHands(bool first_reader_signs = false) {
  const Consultation claimed =
      Study(Urgency::kRoutine, Kind::kEcgReading, Centre(first_reader_signs))
          .Claim(Reader(1), kLease, kNow)
          ->after;
  const Change submitted =
      *claimed.SubmitFirstReading(Reader(1), 1, {.impression = "窦性心律"}, kNow);
  EXPECT_EQ(submitted.event, "FirstReadingSubmitted");
  return submitted.after.Claim(Reader(2), kLease, kNow)->after;
}

absl::StatusOr<Change> Agree(const Consultation& study) {
  return study.RecordSecondReading(Reader(2), 2, Verdict::kAgreement, DiscrepancyCode::kNone, "",
                                   kNow);
}

TEST(SecondReading, TheSecondReaderIsAnotherAndSeesTheFirstReading) {
  Consultation study = Study().Claim(Reader(1), kLease, kNow)->after;
  study = study.SubmitFirstReading(Reader(1), 1, {.impression = "窦性心律"}, kNow)->after;
  EXPECT_EQ(study.state, State::kRequested);
  EXPECT_THAT(study.Claim(Reader(1), kLease, kNow),
              StatusIs(StatusCode::kFailedPrecondition, "SECOND_READER_DIFFERS"));
  const Consultation claimed = study.Claim(Reader(2), kLease, kNow)->after;
  EXPECT_EQ(claimed.draft->impression, "窦性心律");
  EXPECT_EQ(claimed.draft_by, Person(1));
}

TEST(SecondReading, ComesOnceAndAtAReadingCentreOnly) {
  const Consultation study = InSecondHands();
  EXPECT_THAT(study.SubmitFirstReading(Reader(2), 2, {}, kNow),
              StatusIs(StatusCode::kFailedPrecondition, "NO_SECOND_READING"));
  EXPECT_THAT(Agree(Agree(study)->after),
              StatusIs(StatusCode::kFailedPrecondition, "NO_SECOND_READING"));
  Consultation elsewhere = Study().Claim(Reader(1), kLease, kNow)->after;
  EXPECT_THAT(elsewhere.RecordSecondReading(Reader(1), 1, Verdict::kAgreement,
                                            DiscrepancyCode::kNone, "", kNow),
              StatusIs(StatusCode::kFailedPrecondition, "NO_SECOND_READING"));
  elsewhere.centre = CentreId();
  EXPECT_THAT(elsewhere.SubmitFirstReading(Reader(1), 1, {}, kNow),
              StatusIs(StatusCode::kFailedPrecondition, "NO_SECOND_READING"));
}

TEST(SecondReading, TheVerdictIsRecordedBeforeTheSecondReaderSigns) {
  const Consultation study = InSecondHands();
  EXPECT_THAT(study.CheckSign(Reader(2), 2, kNow),
              StatusIs(StatusCode::kFailedPrecondition, "SECOND_READING_REQUIRED"));
  const Change recorded = *study.RecordSecondReading(Reader(2), 2, Verdict::kMajorDiscrepancy,
                                                     DiscrepancyCode::kMissed, "ST 段抬高", kNow);
  EXPECT_EQ(recorded.event, "SecondReadingRecorded");
  EXPECT_EQ(recorded.after.second_reading->second, Person(2));
  EXPECT_EQ(recorded.after.second_reading->verdict, Verdict::kMajorDiscrepancy);
  EXPECT_THAT(recorded.after.CheckSign(Reader(2), 2, kNow), IsOk());
}

TEST(SecondReading, WhereTheFirstReaderSignsItGoesBackToThemAloneUntilTheClockEscalates) {
  Consultation study = Agree(InSecondHands(true))->after;
  EXPECT_EQ(study.state, State::kRequested);
  EXPECT_THAT(study.Claim(Reader(2), kLease, kNow),
              StatusIs(StatusCode::kFailedPrecondition, "OTHER_READER_SIGNS"));
  const Consultation back = study.Claim(Reader(1), kLease, kNow)->after;
  EXPECT_THAT(back.CheckSign(Reader(1), 3, kNow), IsOk());
  study.tier = 1;
  const Consultation others = study.Claim(Reader(3), kLease, kNow)->after;
  EXPECT_THAT(others.CheckSign(Reader(3), 3, kNow), IsOk()) << "nothing waits for who is away";
}

TEST(SecondReading, NamesEveryFieldOfAVerdictThatDoesNotHold) {
  const Consultation study = InSecondHands();
  const auto record = [&](Verdict verdict, DiscrepancyCode code) {
    return study.RecordSecondReading(Reader(2), 2, verdict, code, "", kNow).status();
  };
  for (const absl::Status& refused :
       {record(Verdict::kAgreement, DiscrepancyCode::kMissed),
        record(Verdict::kMinorDiscrepancy, DiscrepancyCode::kNone),
        record(Verdict::kMinorDiscrepancy, DiscrepancyCode::kOther)}) {
    EXPECT_THAT(refused, StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
  }
  EXPECT_EQ(status::BadRequestOf(record(Verdict::kAgreement, DiscrepancyCode::kOther))
                ->field_violations_size(),
            2);
}

TEST(SecondReading, WhatTheFirstReaderSaidStaysWhateverTheSecondOneWrites) {
  Consultation study = InSecondHands();
  const Reading first{
      .practitioner = Person(1), .read_at = kNow, .content = {.impression = "窦性心律"}};
  study = study.SaveDraft(Reader(2), 2, {.impression = "ST 段抬高"}, kNow)->after;
  EXPECT_EQ(study.second_reading->first_reading, first);
  study = study
              .RecordSecondReading(Reader(2), 2, Verdict::kMajorDiscrepancy,
                                   DiscrepancyCode::kMissed, "", kNow)
              ->after;
  study = study.SaveDraft(Reader(2), 2, {.impression = "急性心肌梗死"}, kNow)->after;
  EXPECT_EQ(study.second_reading->first_reading, first);
  ASSERT_TRUE(study.second_reading->second_reading.has_value());
  EXPECT_EQ(study.second_reading->second_reading->practitioner, Person(2));
  EXPECT_EQ(study.second_reading->second_reading->content.impression, "ST 段抬高")
      << "the discrepancy is between what both had said by the verdict";
}

TEST(SecondReading, WhoWroteNothingOfTheirOwnHasNoReadingBesideTheFirst) {
  EXPECT_FALSE(Agree(InSecondHands())->after.second_reading->second_reading.has_value());
}

TEST(SecondReading, AnOpinionSaysWhoseWordsItHolds) {
  const OpinionContent own{.impression = "ST 段抬高"};
  Consultation study = InSecondHands().SaveDraft(Reader(2), 2, own, kNow)->after;
  study = Agree(study)->after;
  study = study.SaveDraft(Reader(2), 2, {.impression = "心肌梗死"}, kNow)->after;
  EXPECT_EQ(study.AuthorOf({.impression = "窦性心律"}, Person(2)), Person(1));
  EXPECT_EQ(study.AuthorOf(own, Person(1)), Person(2));
  EXPECT_EQ(study.AuthorOf({.impression = "心肌梗死"}, Person(3)), Person(2)) << "the draft";
  EXPECT_EQ(study.AuthorOf({.impression = "窦性心律", .refer_up = true}, Person(3)), Person(3));
}

TEST(SecondReading, IsRequiredByTheLotOrForTheReader) {
  Consultation study = Study().Claim(Reader(1), kLease, kNow)->after;
  EXPECT_THAT(study.CheckSign(Reader(1), 1, kNow), IsOk());
  Actor beginner = Reader(1);
  beginner.membership->rights.always_second_reading = true;
  EXPECT_THAT(study.CheckSign(beginner, 1, kNow),
              StatusIs(StatusCode::kFailedPrecondition, "SECOND_READING_REQUIRED"));
  study.second_reading_required = true;
  EXPECT_THAT(study.CheckSign(Reader(1), 1, kNow),
              StatusIs(StatusCode::kFailedPrecondition, "SECOND_READING_REQUIRED"));
}

TEST(SecondReading, TheLotDrawsItsShare) {
  ReadingCentre centre = Centre();
  centre.plan.second_reading_percent = 20;
  int drawn = 0;
  for (int i = 0; i < 5000; ++i) {
    const base::Uuid id = base::Uuid::V5(base::Uuid(), std::to_string(i));
    drawn += centre.DrawsSecondReading(ConsultationId(id));
  }
  EXPECT_NEAR(drawn, 1000, 120);
  centre.plan.second_reading_percent = 0;
  EXPECT_FALSE(centre.DrawsSecondReading(ConsultationId(base::Uuid::V7())));
  centre.plan.second_reading_percent = 100;
  EXPECT_TRUE(centre.DrawsSecondReading(ConsultationId(base::Uuid::V7())));
}

TEST(SecondReading, AReaderOffersNothingToALateWriter) {
  const Consultation study = InSecondHands();
  EXPECT_THAT(study.SubmitFirstReading(Reader(1), 1, {}, kNow),
              StatusIs(StatusCode::kAborted, "CLAIM_LOST"));
  EXPECT_THAT(study.RecordSecondReading(Reader(2), 2, Verdict::kAgreement, DiscrepancyCode::kNone,
                                        "", kNow + kLease),
              StatusIs(StatusCode::kAborted, "CLAIM_LOST"));
}

}  // namespace
}  // namespace yilian::consultation
