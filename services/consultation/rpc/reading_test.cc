// Who gets which study of a reading centre, and what becomes of it, on a real database.
#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "services/consultation/rpc/reading_fixture.h"

namespace yilian::consultation {
namespace {

TEST_F(ReadingTest, AnOrganizationWithoutACentreIsAskedAsBefore) {
  const std::string id = Ask();
  EXPECT_TRUE(Get(id, Reader(1)).centre_id().empty());
  EXPECT_EQ(Claim(Reader(1))->consultation_id(), id);
  MakeCentre();
  const std::string later = Ask();
  EXPECT_EQ(Get(later, Reader(1)).centre_id(), centre_);
  EXPECT_THAT(Claim(Reader(1)),
              StatusIs(absl::StatusCode::kFailedPrecondition, "NOTHING_TO_CLAIM"));
  EXPECT_THAT(Claim(Reader(1), later),
              StatusIs(absl::StatusCode::kFailedPrecondition, "NOT_ON_DUTY"));
  OnDuty(Reader(1));
  EXPECT_EQ(Claim(Reader(1))->consultation_id(), later);
}

TEST_F(ReadingTest, ALateWriterIsRefusedAndChangesNothing) {
  MakeCentre();
  OnDuty(Reader(1));
  OnDuty(Reader(2));
  const std::string id = Ask();
  const int64_t first = Claim(Reader(1))->lease_epoch();
  ASSERT_THAT(Draft(Reader(1), id, first), IsOk());
  clock_.Advance(absl::Minutes(11));
  const int64_t second = Claim(Reader(2))->lease_epoch();
  EXPECT_GT(second, first);
  const v1::Consultation before = Get(id, Reader(2));
  EXPECT_THAT(Draft(Reader(1), id, first), StatusIs(absl::StatusCode::kAborted, "CLAIM_LOST"));
  EXPECT_THAT(Sign(Reader(1), id, first), StatusIs(absl::StatusCode::kAborted, "CLAIM_LOST"));
  EXPECT_THAT(Sign(Reader(1), id, second), StatusIs(absl::StatusCode::kAborted, "CLAIM_LOST"));
  EXPECT_EQ(Get(id, Reader(2)).SerializeAsString(), before.SerializeAsString());
  const auto signed_one = Sign(Reader(2), id, second);
  ASSERT_THAT(signed_one, IsOk());
  EXPECT_EQ(signed_one->opinion().statement().practitioner_id(), IdOf(Reader(2)));
}

TEST_F(ReadingTest, ManyReadersClaimEachStudyOnceAndInOrder) {
  MakeCentre();
  constexpr int kReaders = 8;
  for (int r = 0; r < kReaders; ++r) OnDuty(Reader(r));
  for (int i = 0; i < 40; ++i) Ask(i % 4 == 0 ? v1::URGENCY_EMERGENCY : v1::URGENCY_ROUTINE);
  const std::vector<std::string> order = Worklist(50);
  std::mutex mutex;
  std::multiset<std::string> claimed;
  std::vector<std::vector<size_t>> places(kReaders);
  std::vector<std::thread> readers;
  for (int r = 0; r < kReaders; ++r) {
    readers.emplace_back([&, r] {
      while (true) {
        const auto got = Claim(Reader(r));
        if (!got.ok()) {
          EXPECT_THAT(got, StatusIs(absl::StatusCode::kFailedPrecondition, "NOTHING_TO_CLAIM"));
          return;
        }
        std::lock_guard lock(mutex);
        claimed.insert(got->consultation_id());
        places[static_cast<size_t>(r)].push_back(static_cast<size_t>(
            std::find(order.begin(), order.end(), got->consultation_id()) - order.begin()));
      }
    });
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(claimed.size(), order.size());
  EXPECT_EQ(std::set<std::string>(claimed.begin(), claimed.end()).size(), order.size());
  for (const auto& mine : places) EXPECT_TRUE(std::is_sorted(mine.begin(), mine.end()));
}

TEST_F(ReadingTest, AnEmergencyParksWhatItsReaderHasInHandAndNothingIsLost) {
  MakeCentre();
  OnDuty(Reader(1));
  OnDuty(Reader(2));
  const std::string routine = Ask();
  const int64_t epoch = Claim(Reader(1))->lease_epoch();
  ASSERT_THAT(Draft(Reader(1), routine, epoch), IsOk());
  const std::string emergency = Ask(v1::URGENCY_EMERGENCY);
  const auto jumped = Claim(Reader(1));
  ASSERT_THAT(jumped, IsOk());
  EXPECT_EQ(jumped->consultation_id(), emergency);
  EXPECT_TRUE(Get(routine, Reader(1)).has_parked_at());
  EXPECT_THAT(Claim(Reader(2)),
              StatusIs(absl::StatusCode::kFailedPrecondition, "NOTHING_TO_CLAIM"));
  ASSERT_THAT(Sign(Reader(1), emergency, jumped->lease_epoch()), IsOk());
  clock_.Advance(absl::Minutes(20));
  const auto back = Claim(Reader(1), routine);
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(back->draft().impression(), "窦性心律");
  EXPECT_FALSE(back->has_parked_at());
  EXPECT_THAT(Sign(Reader(1), routine, epoch), IsOk());
  EXPECT_EQ(EventsOf(routine), (std::vector<std::string>{
                                   "ConsultationRequested", "ConsultationClaimed", "OpinionDrafted",
                                   "ConsultationParked", "ConsultationClaimed", "OpinionSigned"}));
}

TEST_F(ReadingTest, WhoGoesOffDutyOrOutHandsBackWithTheDraft) {
  MakeCentre();
  OnDuty(Reader(1));
  OnDuty(Reader(2));
  const std::string id = Ask();
  const int64_t epoch = Claim(Reader(1))->lease_epoch();
  ASSERT_THAT(Draft(Reader(1), id, epoch), IsOk());
  ASSERT_THAT(Duty(Reader(1), v1::DUTY_ACTION_END), IsOk());
  EXPECT_EQ(Get(id, Reader(1)).state(), v1::STATE_REQUESTED);
  EXPECT_THAT(Sign(Reader(1), id, epoch),
              StatusIs(absl::StatusCode::kFailedPrecondition, "COMMAND_NOT_AVAILABLE"));
  const auto taken = Claim(Reader(2));
  ASSERT_THAT(taken, IsOk());
  EXPECT_EQ(taken->draft_practitioner_id(), IdOf(Reader(1)));
  v1::RemoveReadingMemberRequest remove;
  remove.set_request_id(base::Uuid::V7().ToString());
  remove.set_organization_id(kHospital.ToString());
  remove.set_centre_id(centre_);
  remove.set_practitioner_id(IdOf(Reader(2)));
  remove.set_etag("v2");
  ASSERT_THAT(centre_handlers_->RemoveMember(TestCall(kScheduler, remove), remove), IsOk());
  EXPECT_EQ(Get(id, Reader(1)).state(), v1::STATE_REQUESTED);
  EXPECT_THAT(Duty(Reader(2), v1::DUTY_ACTION_START),
              StatusIs(absl::StatusCode::kNotFound, "MEMBER_NOT_FOUND"));
  EXPECT_THAT(SetMember(Reader(2)), IsOk()) << "and comes back as a new member";
}

TEST_F(ReadingTest, ClocksEscalateEachStepOnceWhateverTheReadersDo) {
  MakeCentre();
  OnDuty(Reader(1));
  const std::string left = Ask(v1::URGENCY_EMERGENCY);
  const std::string claimed = Ask(v1::URGENCY_EMERGENCY);
  ASSERT_THAT(Claim(Reader(1), claimed), IsOk());
  for (int minute = 0; minute < 40; ++minute) {
    RunTimers();
    clock_.Advance(absl::Minutes(1));
  }
  const std::vector<std::string> ladder(3, "ConsultationEscalated");
  std::vector<std::string> expected{"ConsultationRequested", "ReceiptOverdue"};
  expected.insert(expected.end(), ladder.begin(), ladder.end());
  EXPECT_EQ(EventsOf(left), expected);
  expected[1] = "ConsultationClaimed";
  EXPECT_EQ(EventsOf(claimed), expected);
  EXPECT_EQ(Get(left, kDoctor).escalation_tier(), 3);
  EXPECT_TRUE(Get(left, kDoctor).receipt_overdue());
}

TEST_F(ReadingTest, StepsThatFallOnOneMomentAllCome) {
  auto plan = Plan({v1::KIND_ECG_READING}, v1::ASSIGNMENT_CLAIM);
  plan.mutable_plan()->set_receipt_minutes(1);
  plan.mutable_plan()->set_opinion_minutes(1);
  ASSERT_THAT(Define(plan), IsOk());
  const std::string id = Ask(v1::URGENCY_EMERGENCY);
  clock_.Advance(absl::Seconds(29));
  for (int half_minute = 0; half_minute < 6; ++half_minute) {
    RunTimers();
    clock_.Advance(absl::Seconds(30));
  }
  EXPECT_EQ(EventsOf(id), (std::vector<std::string>{
                              "ConsultationRequested", "ReceiptOverdue", "ConsultationEscalated",
                              "ConsultationEscalated", "ConsultationEscalated"}));
}

TEST_F(ReadingTest, ACentreThatAssignsSharesOutWhatWaitsAndGivesEmergenciesToBusyReadersToo) {
  MakeCentre({v1::KIND_ECG_READING}, v1::ASSIGNMENT_BALANCED);
  std::vector<std::string> studies;
  for (int i = 0; i < 5; ++i) studies.push_back(Ask());
  RunTimers();
  EXPECT_EQ(Get(studies[0], kDoctor).state(), v1::STATE_REQUESTED) << "nobody is on duty";
  OnDuty(Reader(1));
  OnDuty(Reader(2));
  RunTimers();
  std::map<std::string, int> in_hand;
  for (const std::string& id : studies) ++in_hand[Get(id, kDoctor).expert_practitioner_id()];
  EXPECT_EQ(in_hand[IdOf(Reader(1))], 2);
  EXPECT_EQ(in_hand[IdOf(Reader(2))], 2);
  EXPECT_EQ(in_hand[""], 1) << "two at a time";
  EXPECT_EQ(Get(studies[4], kDoctor).state(), v1::STATE_REQUESTED) << "the least pressing waits";
  const std::string emergency = Ask(v1::URGENCY_EMERGENCY);
  RunTimers();
  const v1::Consultation given = Get(emergency, kDoctor);
  ASSERT_EQ(given.state(), v1::STATE_ASSIGNED);
  int parked = 0;
  for (const std::string& id : studies) {
    const v1::Consultation study = Get(id, kDoctor);
    if (!study.has_parked_at()) continue;
    ++parked;
    EXPECT_EQ(study.expert_practitioner_id(), given.expert_practitioner_id());
  }
  EXPECT_EQ(parked, 2);
}

TEST_F(ReadingTest, WhatIsAssignedAndNotTakenGoesToSomebodyElse) {
  MakeCentre({v1::KIND_ECG_READING}, v1::ASSIGNMENT_BALANCED);
  OnDuty(Reader(1));
  const std::string id = Ask(v1::URGENCY_EMERGENCY);
  RunTimers();
  EXPECT_EQ(Get(id, kDoctor).expert_practitioner_id(), IdOf(Reader(1)));
  ASSERT_THAT(Duty(Reader(1), v1::DUTY_ACTION_PAUSE), IsOk());
  OnDuty(Reader(2));
  clock_.Advance(absl::Minutes(3));
  RunTimers();
  const v1::Consultation given = Get(id, kDoctor);
  EXPECT_EQ(given.expert_practitioner_id(), IdOf(Reader(2)));
  EXPECT_EQ(given.lease_epoch(), 2);
  EXPECT_THAT(Claim(Reader(2), id), IsOk());
}

TEST_F(ReadingTest, ASecondReadingIsOfferedToOthersThanItsFirstReaderAlsoWhereTheCentreAssigns) {
  MakeCentre({v1::KIND_ECG_READING}, v1::ASSIGNMENT_BALANCED);
  OnDuty(Reader(1));
  const std::string id = Ask();
  const int64_t first = Claim(Reader(1))->lease_epoch();
  const auto submit = Opinion<v1::SubmitFirstReadingRequest>(id, first);
  ASSERT_THAT(handlers_->SubmitFirstReading(TestCall(Reader(1), submit), submit), IsOk());
  const std::string later = Ask();
  EXPECT_EQ(Claim(Reader(1))->consultation_id(), later) << "the more pressing one is for others";
  EXPECT_THAT(Claim(Reader(1)),
              StatusIs(absl::StatusCode::kFailedPrecondition, "NOTHING_TO_CLAIM"));
  OnDuty(Reader(2));
  RunTimers();
  const v1::Consultation given = Get(id, Reader(2));
  EXPECT_EQ(given.expert_practitioner_id(), IdOf(Reader(2)));
  EXPECT_EQ(given.draft().impression(), "窦性心律");
  EXPECT_THAT(Sign(Reader(2), id, given.lease_epoch()),
              StatusIs(absl::StatusCode::kFailedPrecondition, "SECOND_READING_REQUIRED"));
  v1::RecordSecondReadingRequest record;
  record.set_request_id(base::Uuid::V7().ToString());
  record.set_consultation_id(id);
  record.set_lease_epoch(given.lease_epoch());
  record.set_verdict(v1::VERDICT_MINOR_DISCREPANCY);
  record.set_discrepancy(v1::DISCREPANCY_CODE_UNCLEAR);
  record.set_comment("请注明心率");
  ASSERT_THAT(handlers_->RecordSecondReading(TestCall(Reader(2), record), record), IsOk());
  const auto signed_one = Sign(Reader(2), id, given.lease_epoch());
  ASSERT_THAT(signed_one, IsOk());
  EXPECT_EQ(signed_one->second_reading().second_practitioner_id(), IdOf(Reader(2)));
  EXPECT_EQ(Get(id, Reader(1)).second_reading().comment(), "请注明心率");
  EXPECT_EQ(Get(id, kDoctor).second_reading().verdict(), v1::VERDICT_MINOR_DISCREPANCY);
  EXPECT_TRUE(Get(id, kDoctor).second_reading().comment().empty()) << "between colleagues";
}

TEST_F(ReadingTest, BothReadingsStayAsTheyWereSaidBesideTheOpinionThatSaysWhoseWordsItHolds) {
  MakeCentre();
  OnDuty(Reader(1));
  OnDuty(Reader(2));
  const std::string id = Ask();
  const auto submit = Opinion<v1::SubmitFirstReadingRequest>(id, Claim(Reader(1))->lease_epoch());
  ASSERT_THAT(handlers_->SubmitFirstReading(TestCall(Reader(1), submit), submit), IsOk());
  const std::string first = Get(id, Reader(1)).second_reading().first_reading().SerializeAsString();
  ASSERT_FALSE(first.empty());
  const int64_t epoch = Claim(Reader(2))->lease_epoch();
  auto draft = Opinion<v1::SaveOpinionDraftRequest>(id, epoch);
  draft.mutable_content()->set_impression("ST 段抬高");
  ASSERT_THAT(handlers_->SaveDraft(TestCall(Reader(2), draft), draft), IsOk());
  v1::RecordSecondReadingRequest record;
  record.set_request_id(base::Uuid::V7().ToString());
  record.set_consultation_id(id);
  record.set_lease_epoch(epoch);
  record.set_verdict(v1::VERDICT_MAJOR_DISCREPANCY);
  record.set_discrepancy(v1::DISCREPANCY_CODE_MISSED);
  ASSERT_THAT(handlers_->RecordSecondReading(TestCall(Reader(2), record), record), IsOk());
  auto sign = Opinion<v1::SignOpinionRequest>(id, epoch);
  *sign.mutable_content() = draft.content();
  sign.mutable_content()->set_refer_up(true);
  const auto signed_one = handlers_->Sign(TestCall(Reader(2), sign), sign);
  ASSERT_THAT(signed_one, IsOk());
  EXPECT_EQ(signed_one->opinion().statement().author_practitioner_id(), IdOf(Reader(2)));
  const v1::SecondReading kept = Get(id, Reader(1)).second_reading();
  EXPECT_EQ(kept.first_reading().SerializeAsString(), first);
  EXPECT_EQ(kept.first_reading().content().impression(), "窦性心律");
  EXPECT_EQ(kept.second_reading().content().impression(), "ST 段抬高");
  EXPECT_EQ(kept.second_reading().practitioner_id(), IdOf(Reader(2)));
  const v1::SecondReading shown = Get(id, kDoctor).second_reading();
  EXPECT_EQ(shown.verdict(), v1::VERDICT_MAJOR_DISCREPANCY);
  EXPECT_FALSE(shown.has_first_reading()) << "between colleagues";
  EXPECT_FALSE(shown.has_second_reading());
  auto correction = Opinion<v1::SignOpinionRequest>(id, epoch);
  const auto corrected = handlers_->Sign(TestCall(Reader(2), correction), correction);
  ASSERT_THAT(corrected, IsOk());
  EXPECT_EQ(corrected->opinion().statement().author_practitioner_id(), IdOf(Reader(1)))
      << "the first reader was right after all";
}

TEST_F(ReadingTest, WhatGoesBackToItsFirstReaderIsOfferedToThemAlone) {
  auto plan = Plan({v1::KIND_ECG_READING}, v1::ASSIGNMENT_CLAIM);
  plan.mutable_plan()->set_second_reading_percent(100);
  plan.mutable_plan()->set_first_reader_signs(true);
  const auto made = Define(plan);
  ASSERT_THAT(made, IsOk());
  centre_ = made->centre_id();
  OnDuty(Reader(1));
  OnDuty(Reader(2));
  const std::string id = Ask();
  const int64_t first = Claim(Reader(1))->lease_epoch();
  EXPECT_THAT(Sign(Reader(1), id, first),
              StatusIs(absl::StatusCode::kFailedPrecondition, "SECOND_READING_REQUIRED"));
  const auto submit = Opinion<v1::SubmitFirstReadingRequest>(id, first);
  ASSERT_THAT(handlers_->SubmitFirstReading(TestCall(Reader(1), submit), submit), IsOk());
  v1::RecordSecondReadingRequest record;
  record.set_request_id(base::Uuid::V7().ToString());
  record.set_consultation_id(id);
  record.set_lease_epoch(Claim(Reader(2))->lease_epoch());
  record.set_verdict(v1::VERDICT_AGREEMENT);
  ASSERT_THAT(handlers_->RecordSecondReading(TestCall(Reader(2), record), record), IsOk());
  EXPECT_THAT(Claim(Reader(2)),
              StatusIs(absl::StatusCode::kFailedPrecondition, "NOTHING_TO_CLAIM"));
  EXPECT_THAT(Claim(Reader(2), id),
              StatusIs(absl::StatusCode::kFailedPrecondition, "OTHER_READER_SIGNS"));
  const auto back = Claim(Reader(1));
  ASSERT_THAT(back, IsOk());
  EXPECT_THAT(Sign(Reader(1), id, back->lease_epoch()), IsOk());
}

}  // namespace
}  // namespace yilian::consultation
