#include "services/directory/jobs/care_consumers.h"

#include <gmock/gmock.h>

#include "services/directory/testing/directory_fixture.h"
#include "yilian/consultation/v1/consultation.pb.h"
#include "yilian/referral/v1/referral.pb.h"

namespace yilian::directory {
namespace {

using status::IsOk;
using status::StatusIs;

class CareConsumersTest : public testing::DirectoryFixture {
 protected:
  void SetUp() override {
    DirectoryFixture::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    township_ = MakeOrganization("青山镇卫生院");
    hospital_ = MakeOrganization("市第一医院");
    clinic_ = MakeOrganization("白云镇卫生院");
    patient_ = MakePatient(clinic_);
  }
  event::v1::Event EventOf(const google::protobuf::Message& payload, const std::string& type) {
    event::v1::Event event;
    event.set_event_id(testing::NewId());
    event.set_type(type);
    event.mutable_payload()->PackFrom(payload);
    event.mutable_occurred_at()->set_seconds(absl::ToUnixSeconds(clock_.Now()));
    event.set_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    return event;
  }
  absl::Status Feed(const event::v1::Event& event,
                    absl::Status (*effect)(mysql::Session&, const event::v1::Event&)) {
    return mysql::RunTransaction(*pool_,
                                 {.name = "test.Feed", .deadline = absl::Now() + absl::Seconds(10)},
                                 [&](mysql::Session& session) { return effect(session, event); });
  }
  absl::Status Referral(referral::v1::State state, const std::string& receiving) {
    referral::v1::ReferralChanged changed;
    changed.set_referral_id(source_);
    changed.set_patient_id(patient_);
    changed.set_state(state);
    changed.set_referring_organization_id(township_);
    changed.set_receiving_organization_id(receiving);
    return Feed(EventOf(changed, "ReferralMoved"), &ApplyReferralEvent);
  }
  absl::Status Consultation(consultation::v1::State state) {
    consultation::v1::ConsultationChanged changed;
    changed.set_consultation_id(source_);
    changed.set_patient_id(patient_);
    changed.set_state(state);
    changed.set_requesting_organization_id(township_);
    changed.set_consulted_organization_id(hospital_);
    return Feed(EventOf(changed, "ConsultationMoved"), &ApplyConsultationEvent);
  }

  std::string township_;
  std::string hospital_;
  std::string clinic_;
  std::string patient_;
  const std::string source_ = testing::NewId();
};

TEST_F(CareConsumersTest, BothSidesOfAReferralSeeThePatientUntilThirtyDaysAfterItsEnd) {
  ASSERT_THAT(Referral(referral::v1::STATE_DRAFT, hospital_), IsOk());
  EXPECT_FALSE(MaySee(hospital_, patient_));
  ASSERT_THAT(Referral(referral::v1::STATE_SUBMITTED, hospital_), IsOk());
  EXPECT_TRUE(MaySee(hospital_, patient_));
  EXPECT_TRUE(MaySee(township_, patient_));
  const size_t events = EventTypes().size();
  for (const auto state :
       {referral::v1::STATE_RETURNED, referral::v1::STATE_ACCEPTED, referral::v1::STATE_SLOT_HELD,
        referral::v1::STATE_SCHEDULED, referral::v1::STATE_NO_SHOW, referral::v1::STATE_ARRIVED,
        referral::v1::STATE_IN_CARE}) {
    ASSERT_THAT(Referral(state, hospital_), IsOk());
    EXPECT_TRUE(MaySee(hospital_, patient_)) << state;
  }
  EXPECT_EQ(EventTypes().size(), events) << "nothing new, nothing said";
  ASSERT_THAT(Referral(referral::v1::STATE_COMPLETED, hospital_), IsOk());
  EXPECT_EQ(EventTypes().back(), "CareRelationshipEnded");
  clock_.Advance(absl::Hours(30 * 24) - absl::Seconds(1));
  EXPECT_TRUE(MaySee(hospital_, patient_));
  clock_.Advance(absl::Seconds(1));
  EXPECT_FALSE(MaySee(hospital_, patient_));
  EXPECT_FALSE(MaySee(township_, patient_));
  EXPECT_TRUE(MaySee(clinic_, patient_)) << "who registered the patient still sees them";
}

TEST_F(CareConsumersTest, RejectionAndCancellationEndAReferralToo) {
  for (const auto state : {referral::v1::STATE_REJECTED, referral::v1::STATE_CANCELLED}) {
    ASSERT_THAT(Referral(referral::v1::STATE_SUBMITTED, hospital_), IsOk());
    ASSERT_THAT(Referral(state, hospital_), IsOk());
    clock_.Advance(absl::Hours(30 * 24));
    EXPECT_FALSE(MaySee(hospital_, patient_)) << state;
  }
}

TEST_F(CareConsumersTest, ADraftThatIsWithdrawnOpensNothing) {
  ASSERT_THAT(Referral(referral::v1::STATE_DRAFT, hospital_), IsOk());
  ASSERT_THAT(Referral(referral::v1::STATE_CANCELLED, hospital_), IsOk());
  EXPECT_FALSE(MaySee(hospital_, patient_));
  EXPECT_FALSE(MaySee(township_, patient_));
}

TEST_F(CareConsumersTest, TheConsultedSideSeesThePatientFromAssignmentUntilSevenDaysAfter) {
  ASSERT_THAT(Consultation(consultation::v1::STATE_REQUESTED), IsOk());
  EXPECT_FALSE(MaySee(hospital_, patient_));
  ASSERT_THAT(Consultation(consultation::v1::STATE_ASSIGNED), IsOk());
  EXPECT_TRUE(MaySee(hospital_, patient_));
  EXPECT_FALSE(MaySee(township_, patient_)) << "asking opens nothing for the asking side";
  ASSERT_THAT(Consultation(consultation::v1::STATE_SIGNED), IsOk());
  ASSERT_THAT(Consultation(consultation::v1::STATE_ACKNOWLEDGED), IsOk());
  clock_.Advance(absl::Hours(7 * 24) - absl::Seconds(1));
  EXPECT_TRUE(MaySee(hospital_, patient_));
  clock_.Advance(absl::Seconds(1));
  EXPECT_FALSE(MaySee(hospital_, patient_));
}

TEST_F(CareConsumersTest, AReferralOfAMergedPatientHoldsForTheSurvivor) {
  const std::string survivor = MakePatient(clinic_);
  v1::MergePatientsRequest merge;
  merge.set_request_id(testing::NewId());
  merge.set_surviving_patient_id(survivor);
  merge.set_merged_patient_id(patient_);
  merge.set_reason("two records of one person");
  ASSERT_THAT(As(Service("gateway"), *patient_handlers_, &PatientHandlers::MergePatients, merge),
              IsOk());
  ASSERT_THAT(Referral(referral::v1::STATE_SUBMITTED, hospital_), IsOk());
  EXPECT_TRUE(MaySee(hospital_, survivor));
  ASSERT_THAT(Referral(referral::v1::STATE_COMPLETED, hospital_), IsOk());
  clock_.Advance(absl::Hours(30 * 24));
  EXPECT_FALSE(MaySee(hospital_, survivor));
}

TEST_F(CareConsumersTest, WhatAMergedRecordHadEndsForTheSurvivorAsWell) {
  ASSERT_THAT(Referral(referral::v1::STATE_SUBMITTED, hospital_), IsOk());
  const std::string survivor = MakePatient(clinic_);
  v1::MergePatientsRequest merge;
  merge.set_request_id(testing::NewId());
  merge.set_surviving_patient_id(survivor);
  merge.set_merged_patient_id(patient_);
  merge.set_reason("two records of one person");
  ASSERT_THAT(As(Service("gateway"), *patient_handlers_, &PatientHandlers::MergePatients, merge),
              IsOk());
  EXPECT_TRUE(MaySee(hospital_, survivor));
  ASSERT_THAT(Referral(referral::v1::STATE_COMPLETED, hospital_), IsOk());
  clock_.Advance(absl::Hours(30 * 24));
  EXPECT_FALSE(MaySee(hospital_, survivor));
}

TEST_F(CareConsumersTest, AMergeWaitsForARelationshipThatIsBeingOpened) {
  // A merge locks both records first: while this row is locked, none can begin and miss what comes.
  const auto is_free = [&] {
    return Count("SELECT 1 FROM patient WHERE patient_id = ? FOR UPDATE SKIP LOCKED",
                 {*base::Uuid::Parse(patient_)}) == 1;
  };
  referral::v1::ReferralChanged changed;
  changed.set_referral_id(source_);
  changed.set_patient_id(patient_);
  changed.set_state(referral::v1::STATE_SUBMITTED);
  changed.set_referring_organization_id(township_);
  changed.set_receiving_organization_id(hospital_);
  const event::v1::Event event = EventOf(changed, "ReferralSubmitted");
  EXPECT_TRUE(is_free());
  EXPECT_THAT(mysql::RunTransaction(
                  *pool_, {.name = "test.Feed", .deadline = absl::Now() + absl::Seconds(10)},
                  [&](mysql::Session& session) -> absl::Status {
                    absl::Status status = ApplyReferralEvent(session, event);
                    EXPECT_FALSE(is_free());
                    return status;
                  }),
              IsOk());
  EXPECT_TRUE(is_free());
}

TEST_F(CareConsumersTest, EventsOfOtherKindsAreIgnoredAndABrokenOneIsRefused) {
  const size_t before = EventTypes().size();
  EXPECT_THAT(Feed(EventOf(v1::UserRevoked(), "UserRevoked"), &ApplyReferralEvent), IsOk());
  EXPECT_EQ(EventTypes().size(), before);
  referral::v1::ReferralChanged nameless;
  nameless.set_state(referral::v1::STATE_SUBMITTED);
  EXPECT_THAT(Feed(EventOf(nameless, "ReferralSubmitted"), &ApplyReferralEvent),
              StatusIs(absl::StatusCode::kInvalidArgument, "EVENT_MALFORMED"));
}

}  // namespace
}  // namespace yilian::directory
