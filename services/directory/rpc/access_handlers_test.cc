#include "services/directory/rpc/access_handlers.h"

#include <gmock/gmock.h>

#include "common/audit/log.h"
#include "common/saga/timer.h"
#include "services/directory/jobs/glass_timer.h"
#include "services/directory/testing/care_fixture.h"

namespace yilian::directory {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::Contains;

const absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
const absl::StatusCode kNotFound = absl::StatusCode::kNotFound;
const absl::StatusCode kDenied = absl::StatusCode::kPermissionDenied;
const absl::StatusCode kPrecondition = absl::StatusCode::kFailedPrecondition;

class AccessTest : public testing::CareFixture {
 protected:
  void SetUp() override {
    CareFixture::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    authority_ = MakeOrganization("市卫生健康委", v1::TIER_HEALTH_AUTHORITY);
    auditor_ = PersonOf(authority_);
    auditor_.roles = {policy::v1::ROLE_AUDITOR};
  }
  absl::StatusOr<v1::BrokenGlass> Break(const rpc::Caller& caller, const std::string& patient) {
    v1::BreakGlassRequest request;
    request.set_request_id(testing::NewId());
    request.set_patient_id(patient);
    request.set_reason(v1::GLASS_REASON_EMERGENCY);
    request.set_explanation("昏迷送医，无家属在场");
    return Ask(caller, &AccessHandlers::BreakGlass, request);
  }
  absl::StatusOr<v1::ListGlassReviewsResponse> Reviews(bool all = false) {
    v1::ListGlassReviewsRequest request;
    request.set_include_reviewed(all);
    return Ask(auditor_, &AccessHandlers::ListGlassReviews, request);
  }
  absl::StatusOr<v1::BrokenGlass> Review(const rpc::Caller& by, const v1::BrokenGlass& glass,
                                         const std::string& etag = "v1") {
    v1::ReviewGlassRequest request;
    request.set_request_id(testing::NewId());
    request.set_broken_glass_id(glass.broken_glass_id());
    request.set_etag(etag);
    request.set_verdict(v1::GLASS_VERDICT_JUSTIFIED);
    request.set_comment("急诊记录相符");
    return Ask(by, &AccessHandlers::ReviewGlass, request);
  }
  absl::Status Read(const rpc::Caller& caller, const std::string& patient) {
    v1::GetPatientRequest request;
    request.set_patient_id(patient);
    return As(caller, *patient_handlers_, &PatientHandlers::GetPatient, request).status();
  }
  bool ReaderMaySee(const rpc::Caller& reader, const std::string& patient) {
    v1::CheckCareRelationshipRequest request;
    request.set_organization_id(reader.organization_id.ToString());
    request.set_patient_id(patient);
    request.set_user_id(reader.user_id.ToString());
    return As(Service("lab"), *patient_handlers_, &PatientHandlers::CheckCareRelationship, request)
        ->holds();
  }
  v1::RecordConsentRequest ForResearch() {
    v1::RecordConsentRequest request;
    request.set_request_id(testing::NewId());
    request.set_patient_id(patient_);
    request.set_purpose(v1::CONSENT_PURPOSE_RESEARCH);
    request.add_organization_ids(hospital_);
    request.set_evidence("病案室 2026-117 号知情同意书");
    return request;
  }
  bool MayUse(const std::string& organization, v1::ConsentPurpose purpose,
              const std::string& patient) {
    v1::CheckConsentRequest request;
    request.set_patient_id(patient);
    request.set_organization_id(organization);
    request.set_purpose(purpose);
    return Ask(Service("lab"), &AccessHandlers::CheckConsent, request)->allowed();
  }
  // Whether the last event of a type names the organization in its audience.
  bool IsTold(const std::string& type, const std::string& organization) {
    return Count("SELECT COUNT(outbox_id) FROM outbox WHERE type = ? AND LOCATE(?, audience) > 0",
                 {type, mysql::Blob{base::Uuid::Parse(organization)->ToBytes()}}) > 0;
  }
  void Contract(const std::string& organization) {
    v1::CreateContractRequest request;
    request.set_request_id(testing::NewId());
    request.set_patient_id(patient_);
    request.set_organization_id(organization);
    request.set_practitioner_id(MakePractitioner(organization, "王芳"));
    request.set_start_date("2026-01-01");
    request.set_end_date("2026-12-31");
    ASSERT_THAT(As(Ctl(), *patient_handlers_, &PatientHandlers::CreateContract, request), IsOk());
  }
  void LinkAudit() { ASSERT_THAT(audit::LinkAll(*pool_), IsOk()); }

  std::string authority_;
  rpc::Caller auditor_;
};

TEST_F(AccessTest, ABrokenGlassLetsThisPersonReadForAnHour) {
  EXPECT_THAT(Read(hospital_doctor_, patient_), StatusIs(kNotFound, "NOT_FOUND"));
  const auto glass = Break(hospital_doctor_, patient_);
  ASSERT_THAT(glass, IsOk());
  EXPECT_EQ(glass->ends_at().seconds(), absl::ToUnixSeconds(clock_.Now()) + 3600);
  EXPECT_THAT(Read(hospital_doctor_, patient_), IsOk());
  EXPECT_TRUE(ReaderMaySee(hospital_doctor_, patient_));
  EXPECT_THAT(Read(PersonOf(hospital_), patient_), StatusIs(kNotFound))
      << "a colleague has broken nothing";
  EXPECT_FALSE(MaySee(hospital_, patient_)) << "nothing that is asked before a write";
  clock_.Advance(absl::Minutes(60));
  EXPECT_THAT(Read(hospital_doctor_, patient_), StatusIs(kNotFound));
  EXPECT_FALSE(ReaderMaySee(hospital_doctor_, patient_));
}

TEST_F(AccessTest, ABrokenGlassLetsNobodyWrite) {
  ASSERT_THAT(Break(hospital_doctor_, patient_), IsOk());
  EXPECT_THAT(Admit(hospital_doctor_, patient_, "V1"), StatusIs(kNotFound, "NOT_FOUND"));
  EXPECT_THAT(Ask(hospital_doctor_, &AccessHandlers::RecordConsent, ForResearch()),
              StatusIs(kNotFound, "NOT_FOUND"));
  v1::CreateContractRequest contract;
  contract.set_request_id(testing::NewId());
  contract.set_patient_id(patient_);
  contract.set_organization_id(hospital_);
  contract.set_practitioner_id(MakePractitioner(hospital_, "赵强"));
  contract.set_start_date("2026-01-01");
  contract.set_end_date("2026-12-31");
  EXPECT_THAT(As(hospital_doctor_, *patient_handlers_, &PatientHandlers::CreateContract, contract),
              StatusIs(kNotFound, "NOT_FOUND"));
}

TEST_F(AccessTest, TheContractedOrganizationIsToldElseWhoRegistered) {
  ASSERT_THAT(Break(hospital_doctor_, patient_), IsOk());
  EXPECT_TRUE(IsTold("GlassBroken", township_)) << "registered the patient";
  EXPECT_TRUE(IsTold("GlassBroken", hospital_)) << "the person's own";
  const std::string centre = MakeOrganization("桃溪社区卫生服务中心");
  Contract(centre);
  ASSERT_THAT(Break(PersonOf(hospital_), patient_), IsOk());
  EXPECT_TRUE(IsTold("GlassBroken", centre));
  EXPECT_FALSE(IsTold("GlassBroken", authority_));
}

TEST_F(AccessTest, AGlassIsNotBrokenWithoutNeedOrForNobody) {
  EXPECT_THAT(Break(township_doctor_, patient_), StatusIs(kPrecondition, "GLASS_NOT_NEEDED"));
  EXPECT_THAT(Break(hospital_doctor_, testing::NewId()), StatusIs(kNotFound, "NOT_FOUND"));
}

TEST_F(AccessTest, TheReviewIsOnAWorklistAndDecidedOnce) {
  ASSERT_THAT(Break(hospital_doctor_, patient_), IsOk());
  const auto due = Reviews();
  ASSERT_THAT(due, IsOk());
  ASSERT_EQ(due->broken_glasses_size(), 1);
  const v1::BrokenGlass& glass = due->broken_glasses(0);
  EXPECT_EQ(glass.explanation(), "昏迷送医，无家属在场");
  EXPECT_EQ(glass.review_due_at().seconds(), absl::ToUnixSeconds(clock_.Now()) + 72 * 3600);
  EXPECT_EQ(reads_.size(), 1) << "the patient's data leave an audit record";
  rpc::Caller oneself = auditor_;
  oneself.user_id = hospital_doctor_.user_id;
  EXPECT_THAT(Review(oneself, glass), StatusIs(kDenied, "OWN_ACCOUNT"));
  EXPECT_THAT(Review(auditor_, glass, "v9"), StatusIs(absl::StatusCode::kAborted, "ETAG_STALE"));
  const auto reviewed = Review(auditor_, glass);
  ASSERT_THAT(reviewed, IsOk());
  EXPECT_EQ(reviewed->verdict(), v1::GLASS_VERDICT_JUSTIFIED);
  EXPECT_THAT(Review(auditor_, glass, "v2"), StatusIs(kPrecondition, "REVIEW_DONE"));
  EXPECT_EQ(Reviews()->broken_glasses_size(), 0);
  const auto all = Reviews(true);
  ASSERT_EQ(all->broken_glasses_size(), 1);
  EXPECT_EQ(all->broken_glasses(0).review_comment(), "急诊记录相符");
  EXPECT_THAT(EventTypes(), Contains("GlassReviewed"));
  EXPECT_EQ(Count("SELECT COUNT(aggregate_id) FROM timer WHERE kind = 'directory.GlassReview'"), 0);
}

TEST_F(AccessTest, WordsAboutThePatientAreEncryptedAndInNoEventOrLedger) {
  ASSERT_THAT(Break(hospital_doctor_, patient_), IsOk());
  EXPECT_EQ(Count("SELECT COUNT(broken_glass_id) FROM broken_glass "
                  "WHERE LOCATE('昏迷', explanation_cipher) > 0"),
            0);
  EXPECT_EQ(Count("SELECT COUNT(outbox_id) FROM outbox WHERE LOCATE('昏迷', payload) > 0"), 0);
  EXPECT_EQ(
      Count("SELECT COUNT(request_id) FROM idempotency_ledger WHERE LOCATE('昏迷', response) > 0"),
      0);
}

TEST_F(AccessTest, ALateReviewEscalatesOnceToTheHealthAuthority) {
  ASSERT_THAT(Break(hospital_doctor_, patient_), IsOk());
  saga::TimerRunner timers(*pool_, clock_);
  DefineGlassTimer(timers, *glasses_, clock_);
  EXPECT_EQ(*timers.RunDue(), 0);
  clock_.Advance(absl::Hours(72));
  EXPECT_EQ(*timers.RunDue(), 1);
  EXPECT_EQ(*timers.RunDue(), 0);
  EXPECT_THAT(EventTypes(), Contains("GlassReviewOverdue").Times(1));
  EXPECT_TRUE(IsTold("GlassReviewOverdue", authority_));
  const auto due = Reviews();
  ASSERT_EQ(due->broken_glasses_size(), 1) << "it stays to be reviewed";
  EXPECT_TRUE(due->broken_glasses(0).has_escalated_at());
  EXPECT_THAT(Review(auditor_, due->broken_glasses(0), "v2"), IsOk());
}

TEST_F(AccessTest, AConsentHoldsForItsPurposeAndThoseItNamesUntilItIsRevoked) {
  EXPECT_FALSE(MayUse(hospital_, v1::CONSENT_PURPOSE_RESEARCH, patient_));
  const auto consent = Ask(township_doctor_, &AccessHandlers::RecordConsent, ForResearch());
  ASSERT_THAT(consent, IsOk());
  EXPECT_EQ(consent->evidence(), ForResearch().evidence());
  EXPECT_TRUE(MayUse(hospital_, v1::CONSENT_PURPOSE_RESEARCH, patient_));
  EXPECT_FALSE(MayUse(hospital_, v1::CONSENT_PURPOSE_TEACHING, patient_));
  EXPECT_FALSE(MayUse(township_, v1::CONSENT_PURPOSE_RESEARCH, patient_));
  EXPECT_TRUE(MayUse(township_, v1::CONSENT_PURPOSE_TREATMENT, patient_))
      << "a care relationship is enough";
  EXPECT_FALSE(MayUse(hospital_, v1::CONSENT_PURPOSE_TREATMENT, patient_));
  v1::RevokeConsentRequest revoke;
  revoke.set_request_id(testing::NewId());
  revoke.set_consent_id(consent->consent_id());
  revoke.set_etag(consent->etag());
  EXPECT_THAT(Ask(hospital_doctor_, &AccessHandlers::RevokeConsent, revoke),
              StatusIs(kNotFound, "NOT_FOUND"));
  ASSERT_THAT(Ask(township_doctor_, &AccessHandlers::RevokeConsent, revoke), IsOk());
  EXPECT_FALSE(MayUse(hospital_, v1::CONSENT_PURPOSE_RESEARCH, patient_));
  EXPECT_THAT(EventTypes(), Contains("ConsentRevoked"));
  EXPECT_EQ(Count("SELECT COUNT(outbox_id) FROM outbox WHERE LOCATE('病案室', payload) > 0"), 0);
  EXPECT_EQ(Count("SELECT COUNT(request_id) FROM idempotency_ledger WHERE "
                  "LOCATE('病案室', response) > 0"),
            0);
}

TEST_F(AccessTest, AConsentOfAMergedRecordHoldsForTheSurvivor) {
  ASSERT_THAT(Ask(township_doctor_, &AccessHandlers::RecordConsent, ForResearch()), IsOk());
  const std::string survivor = MakePatient(township_);
  v1::MergePatientsRequest merge;
  merge.set_request_id(testing::NewId());
  merge.set_surviving_patient_id(survivor);
  merge.set_merged_patient_id(patient_);
  merge.set_reason("two records of one person");
  ASSERT_THAT(As(Service("gateway"), *patient_handlers_, &PatientHandlers::MergePatients, merge),
              IsOk());
  EXPECT_TRUE(MayUse(hospital_, v1::CONSENT_PURPOSE_RESEARCH, survivor));
  EXPECT_THAT(Ask(township_doctor_, &AccessHandlers::RecordConsent, ForResearch()),
              StatusIs(kPrecondition, "PATIENT_MERGED"));
  EXPECT_THAT(Break(hospital_doctor_, patient_), StatusIs(kPrecondition, "PATIENT_MERGED"));
}

TEST_F(AccessTest, ConsentsAreListedInPagesToThoseWhoCareAndToAuditors) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_THAT(Ask(township_doctor_, &AccessHandlers::RecordConsent, ForResearch()), IsOk());
    clock_.Advance(absl::Minutes(1));
  }
  v1::ListConsentsRequest request;
  request.set_patient_id(patient_);
  EXPECT_THAT(Ask(hospital_doctor_, &AccessHandlers::ListConsents, request),
              StatusIs(kNotFound, "NOT_FOUND"));
  EXPECT_EQ(Ask(auditor_, &AccessHandlers::ListConsents, request)->consents_size(), 3);
  request.mutable_page()->set_page_size(2);
  auto page = Ask(township_doctor_, &AccessHandlers::ListConsents, request);
  ASSERT_THAT(page, IsOk());
  EXPECT_EQ(page->consents_size(), 2);
  EXPECT_EQ(page->consents(0).evidence(), "病案室 2026-117 号知情同意书");
  request.mutable_page()->set_page_token(page->page().next_page_token());
  page = Ask(township_doctor_, &AccessHandlers::ListConsents, request);
  EXPECT_EQ(page->consents_size(), 1);
  EXPECT_EQ(page->page().next_page_token(), "");
}

TEST_F(AccessTest, RelationshipsAreListedToThoseWhoCare) {
  ASSERT_THAT(Admit(Service("gateway"), patient_, "ZY-1"), IsOk());
  v1::ListCareRelationshipsRequest request;
  request.set_patient_id(patient_);
  const auto listed = Ask(township_doctor_, &AccessHandlers::ListCareRelationships, request);
  ASSERT_THAT(listed, IsOk());
  ASSERT_EQ(listed->care_relationships_size(), 2);
  std::vector<std::string> names;
  for (const auto& one : listed->care_relationships()) names.push_back(one.organization_name());
  EXPECT_THAT(names, ::testing::UnorderedElementsAre("市第一医院", "青山镇卫生院"));
  EXPECT_THAT(Ask(PersonOf(authority_), &AccessHandlers::ListCareRelationships, request),
              StatusIs(kNotFound, "NOT_FOUND"));
}

TEST_F(AccessTest, TheReportShowsWhoSawTheRecordToTheFamilyDoctorAndTheAuditor) {
  clock_.Advance(absl::Seconds(1));
  ASSERT_THAT(Break(hospital_doctor_, patient_), IsOk());
  clock_.Advance(absl::Seconds(1));
  Contract(township_);
  LinkAudit();
  v1::ListRecordAccessesRequest request;
  request.set_patient_id(patient_);
  EXPECT_THAT(Ask(hospital_doctor_, &AccessHandlers::ListRecordAccesses, request),
              StatusIs(kNotFound, "NOT_FOUND"));
  for (const rpc::Caller& reader : {township_doctor_, auditor_}) {
    const auto report = Ask(reader, &AccessHandlers::ListRecordAccesses, request);
    ASSERT_THAT(report, IsOk());
    EXPECT_TRUE(report->complete());
    ASSERT_EQ(report->accesses_size(), 3) << "registered, broken glass, contract";
    EXPECT_THAT(report->accesses(0).access().method(), ::testing::HasSubstr("CreateContract"));
    EXPECT_THAT(report->accesses(1).access().method(), ::testing::HasSubstr("BreakGlass"));
    EXPECT_EQ(report->accesses(1).organization_name(), "市第一医院");
    EXPECT_EQ(report->accesses(1).service(), "directory");
    EXPECT_EQ(report->accesses(1).access().action(), audit::v1::ACTION_WRITE);
  }
  request.mutable_page()->set_page_size(2);
  const auto first = Ask(auditor_, &AccessHandlers::ListRecordAccesses, request);
  ASSERT_EQ(first->accesses_size(), 2);
  request.mutable_page()->set_page_token(first->page().next_page_token());
  const auto second = Ask(auditor_, &AccessHandlers::ListRecordAccesses, request);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->accesses_size(), 1);
  EXPECT_THAT(second->accesses(0).access().method(), ::testing::HasSubstr("RegisterPatient"));
}

TEST_F(AccessTest, TheReportOfAPeriodShowsThatPeriod) {
  clock_.Advance(absl::Hours(1));
  ASSERT_THAT(Break(hospital_doctor_, patient_), IsOk());
  LinkAudit();
  v1::ListRecordAccessesRequest request;
  request.set_patient_id(patient_);
  request.mutable_period()->mutable_start()->set_seconds(absl::ToUnixSeconds(clock_.Now()) - 60);
  request.mutable_period()->mutable_end()->set_seconds(absl::ToUnixSeconds(clock_.Now()) + 60);
  EXPECT_EQ(Ask(auditor_, &AccessHandlers::ListRecordAccesses, request)->accesses_size(), 1);
  request.mutable_period()->mutable_end()->set_seconds(0);
  EXPECT_THAT(Ask(auditor_, &AccessHandlers::ListRecordAccesses, request),
              StatusIs(kInvalid, "FIELD_INVALID"));
}

}  // namespace
}  // namespace yilian::directory
