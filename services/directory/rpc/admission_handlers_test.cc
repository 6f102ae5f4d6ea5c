// The methods of AccessService about stays in hospitals, on a real database.
#include <gmock/gmock.h>

#include "services/directory/rpc/access_handlers.h"
#include "services/directory/testing/care_fixture.h"

namespace yilian::directory {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::Contains;

const absl::StatusCode kNotFound = absl::StatusCode::kNotFound;
const absl::StatusCode kDenied = absl::StatusCode::kPermissionDenied;
const absl::StatusCode kPrecondition = absl::StatusCode::kFailedPrecondition;

class AdmissionHandlersTest : public testing::CareFixture {
 protected:
  absl::StatusOr<v1::Admission> Discharge(const rpc::Caller& caller, const std::string& visit) {
    v1::RecordDischargeRequest request;
    request.set_request_id(testing::NewId());
    request.set_organization_id(hospital_);
    request.set_visit_number(visit);
    request.mutable_discharged_at()->set_seconds(absl::ToUnixSeconds(clock_.Now()));
    return Ask(caller, &AccessHandlers::RecordDischarge, request);
  }
  template <typename Request>
  absl::StatusOr<v1::Admission> Cancel(
      absl::StatusOr<v1::Admission> (AccessHandlers::*method)(const rpc::Call&, const Request&),
      const std::string& visit, bool with_patient = false) {
    Request request;
    request.set_request_id(testing::NewId());
    request.set_organization_id(hospital_);
    request.set_visit_number(visit);
    if (with_patient) request.set_patient_id(patient_);
    return Ask(Service("gateway"), method, request);
  }
};

TEST_F(AdmissionHandlersTest, AnAdmissionOpensTheCareRelationshipUntilThirtyDaysAfterTheDischarge) {
  EXPECT_THAT(Admit(hospital_doctor_, patient_, "ZY-1"), StatusIs(kNotFound, "NOT_FOUND"))
      << "a patient's id is not enough";
  const auto admitted = Admit(Service("gateway"), patient_, "ZY-1");
  ASSERT_THAT(admitted, IsOk());
  EXPECT_TRUE(MaySee(hospital_, patient_));
  const auto again = Admit(Service("gateway"), patient_, "ZY-1");
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->admission_id(), admitted->admission_id()) << "the message came twice";
  EXPECT_THAT(EventTypes(), Contains("PatientAdmitted").Times(1));
  EXPECT_THAT(Admit(Service("gateway"), MakePatient(township_), "ZY-1"),
              StatusIs(absl::StatusCode::kAlreadyExists, "IDENTIFIER_TAKEN"));
  clock_.Advance(absl::Hours(48));
  EXPECT_THAT(Discharge(hospital_doctor_, "ZY-2"), StatusIs(kNotFound, "NOT_FOUND"));
  ASSERT_THAT(Discharge(hospital_doctor_, "ZY-1"), IsOk());
  EXPECT_THAT(EventTypes(), Contains("PatientDischarged").Times(1));
  clock_.Advance(absl::Hours(1));
  ASSERT_THAT(Discharge(hospital_doctor_, "ZY-1"), IsOk());
  EXPECT_THAT(EventTypes(), Contains("PatientDischarged").Times(2)) << "at another time";
  clock_.Advance(absl::Hours(30 * 24) - absl::Seconds(1));
  EXPECT_TRUE(MaySee(hospital_, patient_));
  clock_.Advance(absl::Seconds(1));
  EXPECT_FALSE(MaySee(hospital_, patient_));
}

TEST_F(AdmissionHandlersTest,
       ACancelledAdmissionTakesAwayWhatItGaveAndACancelledDischargeGivesItBack) {
  ASSERT_THAT(Admit(Service("gateway"), patient_, "ZY-1"), IsOk());
  clock_.Advance(absl::Hours(1));
  ASSERT_THAT(Discharge(hospital_doctor_, "ZY-1"), IsOk());
  clock_.Advance(absl::Hours(1));
  const auto back = Cancel<v1::CancelDischargeRequest>(&AccessHandlers::CancelDischarge, "ZY-1");
  ASSERT_THAT(back, IsOk());
  EXPECT_FALSE(back->has_discharged_at());
  EXPECT_THAT(EventTypes(), Contains("DischargeCancelled").Times(1));
  clock_.Advance(absl::Hours(60 * 24));
  EXPECT_TRUE(MaySee(hospital_, patient_)) << "the stay goes on";
  const auto none = Cancel<v1::CancelAdmissionRequest>(&AccessHandlers::CancelAdmission, "ZY-1");
  ASSERT_THAT(none, IsOk());
  EXPECT_TRUE(none->has_cancelled_at());
  EXPECT_THAT(EventTypes(), Contains("AdmissionCancelled").Times(1));
  EXPECT_FALSE(MaySee(hospital_, patient_)) << "at once: there was no stay";
  // The number is free again, for the patient who was meant.
  clock_.Advance(absl::Minutes(1));
  const std::string meant = MakePatient(township_);
  ASSERT_THAT(Admit(Service("gateway"), meant, "ZY-1"), IsOk());
  EXPECT_TRUE(MaySee(hospital_, meant));
  EXPECT_FALSE(MaySee(hospital_, patient_));
}

TEST_F(AdmissionHandlersTest, WhatComesLateOrFirstEndsAsTheHospitalRecordedIt) {
  // The discharge overtakes the admission: the stay is there with its end.
  v1::RecordDischargeRequest left;
  left.set_request_id(testing::NewId());
  left.set_organization_id(hospital_);
  left.set_visit_number("ZY-1");
  left.set_patient_id(patient_);
  left.mutable_discharged_at()->set_seconds(absl::ToUnixSeconds(clock_.Now()));
  ASSERT_THAT(Ask(Service("gateway"), &AccessHandlers::RecordDischarge, left), IsOk());
  EXPECT_TRUE(MaySee(hospital_, patient_));
  EXPECT_THAT(EventTypes(), Contains("PatientDischarged").Times(1));
  v1::RecordAdmissionRequest came;
  came.set_request_id(testing::NewId());
  came.set_organization_id(hospital_);
  came.set_visit_number("ZY-1");
  came.set_patient_id(patient_);
  came.mutable_admitted_at()->set_seconds(absl::ToUnixSeconds(clock_.Now()) - 86'400);
  *came.mutable_recorded_at() = came.admitted_at();
  const auto whole = Ask(Service("gateway"), &AccessHandlers::RecordAdmission, came);
  ASSERT_THAT(whole, IsOk());
  EXPECT_TRUE(whole->has_discharged_at());
  EXPECT_EQ(whole->admitted_at().seconds(), came.admitted_at().seconds());
  clock_.Advance(absl::Hours(30 * 24) + absl::Seconds(1));
  EXPECT_FALSE(MaySee(hospital_, patient_));
  // The cancelling overtakes the admission: none is left.
  ASSERT_THAT(Cancel<v1::CancelAdmissionRequest>(&AccessHandlers::CancelAdmission, "ZY-2", true),
              IsOk());
  came.set_request_id(testing::NewId());
  came.set_visit_number("ZY-2");
  const auto late = Ask(Service("gateway"), &AccessHandlers::RecordAdmission, came);
  ASSERT_THAT(late, IsOk());
  EXPECT_TRUE(late->has_cancelled_at());
  EXPECT_FALSE(MaySee(hospital_, patient_));
  // Who names no patient means a stay that is known.
  EXPECT_THAT(Cancel<v1::CancelAdmissionRequest>(&AccessHandlers::CancelAdmission, "ZY-3"),
              StatusIs(kNotFound, "NOT_FOUND"));
}

TEST_F(AdmissionHandlersTest, AStayOfAMergedRecordIsFoundByItsSurvivor) {
  ASSERT_THAT(Admit(Service("gateway"), patient_, "ZY-1"), IsOk());
  const std::string survivor = MakePatient(township_);
  v1::MergePatientsRequest merge;
  merge.set_request_id(testing::NewId());
  merge.set_surviving_patient_id(survivor);
  merge.set_merged_patient_id(patient_);
  merge.set_reason("two records of one person");
  ASSERT_THAT(As(Service("gateway"), *patient_handlers_, &PatientHandlers::MergePatients, merge),
              IsOk());
  EXPECT_THAT(Admit(Service("gateway"), survivor, "ZY-1"), IsOk());
  EXPECT_THAT(Admit(Service("gateway"), patient_, "ZY-2"),
              StatusIs(kPrecondition, "PATIENT_MERGED"));
  clock_.Advance(absl::Hours(1));
  ASSERT_THAT(Cancel<v1::CancelAdmissionRequest>(&AccessHandlers::CancelAdmission, "ZY-1"), IsOk());
  EXPECT_FALSE(MaySee(hospital_, survivor));
  EXPECT_FALSE(MaySee(hospital_, patient_));
}

TEST_F(AdmissionHandlersTest, AnAdmissionIsRecordedForTheOwnHospitalOnly) {
  EXPECT_THAT(Admit(township_doctor_, patient_, "ZY-1"), StatusIs(kDenied, "FOREIGN_ORGANIZATION"));
  EXPECT_THAT(Discharge(township_doctor_, "ZY-1"), StatusIs(kDenied, "FOREIGN_ORGANIZATION"));
}

}  // namespace
}  // namespace yilian::directory
