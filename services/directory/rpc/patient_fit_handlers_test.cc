#include "services/directory/rpc/patient_fit_handlers.h"

#include <gmock/gmock.h>

#include "services/directory/testing/directory_fixture.h"

namespace yilian::directory {
namespace {

using absl::StatusCode;
using status::IsOk;
using status::StatusIs;
using ::testing::ElementsAre;

class PatientFitTest : public testing::DirectoryFixture {
 protected:
  void SetUp() override {
    DirectoryFixture::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    township_ = MakeOrganization("青山镇卫生院");
    handlers_ = std::make_unique<PatientFitHandlers>(*patients_);
  }

  std::string Register(v1::Sex sex, const std::string& birth_date,
                       const std::string& name = "王小芳") {
    v1::RegisterPatientRequest request = NewPatient(township_);
    request.set_name(name);
    request.set_sex(sex);
    request.set_birth_date(birth_date);
    const auto made =
        As(Service("gateway"), *patient_handlers_, &PatientHandlers::RegisterPatient, request);
    EXPECT_THAT(made, IsOk());
    return made->patient().patient_id();
  }
  // Up to 14 years, on a date; with a sex, where one is given.
  static v1::FitQuestion UpToFourteen(const std::string& date, v1::Sex sex = v1::SEX_UNSPECIFIED) {
    v1::FitQuestion question;
    question.mutable_greatest_age()->set_value(14);
    question.mutable_greatest_age()->set_unit(v1::AGE_UNIT_YEARS);
    question.set_sex(sex);
    question.set_date(date);
    return question;
  }
  absl::StatusOr<v1::CheckPatientFitResponse> Ask(const std::string& patient,
                                                  const std::vector<v1::FitQuestion>& questions) {
    v1::CheckPatientFitRequest request;
    request.set_patient_id(patient);
    for (const v1::FitQuestion& one : questions) *request.add_questions() = one;
    return As(Service("scheduling"), *handlers_, &PatientFitHandlers::CheckPatientFit, request);
  }

  std::string township_;
  std::unique_ptr<PatientFitHandlers> handlers_;
};

TEST_F(PatientFitTest, AnswersEveryQuestionInOrderAndTellsNothingElse) {
  const std::string girl = Register(v1::SEX_FEMALE, "2012-12-24");
  const auto answer = Ask(girl, {UpToFourteen("2027-12-23"), UpToFourteen("2027-12-24"),
                                 UpToFourteen("2027-12-23", v1::SEX_MALE)});
  ASSERT_THAT(answer, IsOk());
  EXPECT_THAT(answer->fits(), ElementsAre(v1::PATIENT_FIT_FITS, v1::PATIENT_FIT_DOES_NOT_FIT,
                                          v1::PATIENT_FIT_DOES_NOT_FIT));
  ASSERT_EQ(reads_.size(), 1u) << "the read is on record";
}

TEST_F(PatientFitTest, WhatIsNotOnRecordIsNotKnown) {
  const std::string somebody = Register(v1::SEX_UNKNOWN, "");
  const auto answer = Ask(somebody, {UpToFourteen("2027-12-23")});
  ASSERT_THAT(answer, IsOk());
  EXPECT_THAT(answer->fits(), ElementsAre(v1::PATIENT_FIT_NOT_KNOWN));
}

TEST_F(PatientFitTest, OfAMergedRecordTheSurvivorIsMeant) {
  const std::string child = Register(v1::SEX_FEMALE, "2020-05-01", "李小红");
  const std::string unknown = Register(v1::SEX_FEMALE, "", "李大红");
  v1::MergePatientsRequest merge;
  merge.set_request_id(testing::NewId());
  merge.set_surviving_patient_id(child);
  merge.set_merged_patient_id(unknown);
  merge.set_reason("one person, two cards");
  ASSERT_THAT(Ask(unknown, {UpToFourteen("2027-12-23")})->fits(),
              ElementsAre(v1::PATIENT_FIT_NOT_KNOWN));
  ASSERT_THAT(As(Service("gateway"), *patient_handlers_, &PatientHandlers::MergePatients, merge),
              IsOk());
  const auto answer = Ask(unknown, {UpToFourteen("2027-12-23")});
  ASSERT_THAT(answer, IsOk());
  EXPECT_THAT(answer->fits(), ElementsAre(v1::PATIENT_FIT_FITS));
}

TEST_F(PatientFitTest, AskingForAnUnknownSexAsksForNothing) {
  const std::string girl = Register(v1::SEX_FEMALE, "2012-12-24");
  EXPECT_THAT(Ask(girl, {UpToFourteen("2027-12-23", v1::SEX_UNKNOWN)}),
              StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

TEST_F(PatientFitTest, NobodyIsNotFound) {
  EXPECT_THAT(Ask(testing::NewId(), {UpToFourteen("2027-12-23")}),
              StatusIs(StatusCode::kNotFound, "NOT_FOUND"));
}

}  // namespace
}  // namespace yilian::directory
