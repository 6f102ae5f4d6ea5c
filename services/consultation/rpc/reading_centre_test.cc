// What a reading centre is, who belongs to it and what waits there, on a real database.
#include <gtest/gtest.h>

#include <map>

#include "services/consultation/rpc/reading_fixture.h"

namespace yilian::consultation {
namespace {

TEST_F(ReadingTest, ACentreIsDefinedChangedAndReadAsItWasWritten) {
  auto request = Plan({v1::KIND_ECG_READING, v1::KIND_PATHOLOGY}, v1::ASSIGNMENT_BALANCED);
  auto* hours = request.mutable_plan()->add_duty_hours();
  hours->set_weekday(scheduling::v1::WEEKDAY_SUNDAY);
  hours->mutable_hours()->set_start("22:00");
  hours->mutable_hours()->set_end("06:30");
  const auto made = Define(request);
  ASSERT_THAT(made, IsOk());
  EXPECT_EQ(made->plan().receipt_minutes(), 3) << "the default is shown";
  request.set_centre_id(made->centre_id());
  request.set_request_id(base::Uuid::V7().ToString());
  EXPECT_THAT(Define(request), StatusIs(absl::StatusCode::kAborted, "ETAG_STALE"));
  request.set_etag(made->etag());
  request.mutable_plan()->set_opinion_minutes(30);
  ASSERT_THAT(Define(request), IsOk());
  v1::GetReadingCentreRequest get;
  get.set_centre_id(made->centre_id());
  const auto read = centre_handlers_->Get(TestCall(kDoctor, get), get);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->plan().opinion_minutes(), 30);
  EXPECT_EQ(read->plan().duty_hours(0).SerializeAsString(), hours->SerializeAsString());
  EXPECT_EQ(read->plan().kinds_size(), 2);
}

TEST_F(ReadingTest, OneCentreOfAnOrganizationReadsAKind) {
  MakeCentre({v1::KIND_ECG_READING});
  const absl::Status refused =
      Define(Plan({v1::KIND_PATHOLOGY, v1::KIND_ECG_READING}, v1::ASSIGNMENT_CLAIM)).status();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition, "CENTRE_KIND_TAKEN"));
  EXPECT_EQ(status::InfoOf(refused)->metadata().at("centre_id"), centre_);
  EXPECT_THAT(Define(Plan({v1::KIND_PATHOLOGY}, v1::ASSIGNMENT_CLAIM)), IsOk());
}

TEST_F(ReadingTest, NobodyElseKeepsTheCentreOrSeesWhoIsOnDuty) {
  MakeCentre();
  const rpc::Caller stranger = Person(kOther, "scheduler", policy::v1::ROLE_SCHEDULER);
  auto request = Plan({v1::KIND_PATHOLOGY}, v1::ASSIGNMENT_CLAIM);
  EXPECT_THAT(Define(request, stranger),
              StatusIs(absl::StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
  request.set_organization_id(kOther.ToString());
  request.set_centre_id(centre_);
  EXPECT_THAT(Define(request, stranger), StatusIs(absl::StatusCode::kNotFound, "CENTRE_NOT_FOUND"));
  v1::ListReadingMembersRequest list;
  list.set_organization_id(kOther.ToString());
  list.set_centre_id(centre_);
  EXPECT_THAT(centre_handlers_->ListMembers(TestCall(stranger, list), list),
              StatusIs(absl::StatusCode::kNotFound, "CENTRE_NOT_FOUND"));
  v1::ListConsultationsRequest worklist;
  worklist.set_worklist(v1::WORKLIST_READING);
  worklist.set_centre_id(centre_);
  EXPECT_THAT(handlers_->List(TestCall(stranger, worklist), worklist),
              StatusIs(absl::StatusCode::kNotFound, "CENTRE_NOT_FOUND"));
}

TEST_F(ReadingTest, AReaderIsOnDutyAtOneCentre) {
  MakeCentre({v1::KIND_ECG_READING});
  OnDuty(Reader(1));
  const std::string first = centre_;
  MakeCentre({v1::KIND_PATHOLOGY});
  ASSERT_THAT(SetMember(Reader(1), {v1::KIND_PATHOLOGY}), IsOk());
  const absl::Status refused = Duty(Reader(1), v1::DUTY_ACTION_START).status();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition, "ON_DUTY_ELSEWHERE"));
  EXPECT_EQ(status::InfoOf(refused)->metadata().at("centre_id"), first);
  clock_.Advance(absl::Hours(12));
  EXPECT_THAT(Duty(Reader(1), v1::DUTY_ACTION_START), IsOk()) << "the other duty has run out";
}

TEST_F(ReadingTest, TheWorklistIsOrderedByUrgencyThenClockAndPagedWithCounts) {
  MakeCentre({v1::KIND_ECG_READING, v1::KIND_IMAGING_READING});
  OnDuty(Reader(1), {v1::KIND_ECG_READING, v1::KIND_IMAGING_READING});
  std::map<int, std::vector<std::string>> asked;
  const v1::Urgency urgencies[] = {v1::URGENCY_ROUTINE, v1::URGENCY_EMERGENCY, v1::URGENCY_URGENT};
  for (int i = 0; i < 12; ++i) {
    const v1::Urgency urgency = urgencies[i % 3];
    asked[-urgency].push_back(
        Ask(urgency, i % 2 == 0 ? v1::KIND_ECG_READING : v1::KIND_IMAGING_READING));
  }
  std::vector<std::string> expected;
  for (const auto& [rank, ids] : asked) expected.insert(expected.end(), ids.begin(), ids.end());
  EXPECT_EQ(Worklist(5), expected);
  EXPECT_EQ(Claim(Reader(1))->consultation_id(), expected[0]);
  EXPECT_EQ(Claim(Reader(1))->consultation_id(), expected[1]) << "of another kind";
  EXPECT_EQ(Worklist(5), expected) << "what is in hand is shown as well";
  v1::CountReadingWorklistRequest count;
  count.set_organization_id(kHospital.ToString());
  count.set_centre_id(centre_);
  const auto counts = centre_handlers_->Count(TestCall(Reader(1), count), count);
  ASSERT_THAT(counts, IsOk());
  EXPECT_EQ(counts->readers_on_duty(), 1);
  EXPECT_EQ(counts->counts(0).urgency(), v1::URGENCY_EMERGENCY);
  EXPECT_EQ(counts->counts(0).waiting(), 2);
  EXPECT_EQ(counts->counts(0).in_work(), 2);
  EXPECT_EQ(counts->counts(2).waiting(), 4);
  EXPECT_EQ(counts->counts(0).next_due_at().seconds(),
            Get(expected[2], Reader(1)).due_at().seconds());
}

}  // namespace
}  // namespace yilian::consultation
