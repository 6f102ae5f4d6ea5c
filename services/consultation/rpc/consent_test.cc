// What a withdrawn consent does to consultations, on a real database.
#include <gtest/gtest.h>

#include <filesystem>

#include "common/crypto/key_files.h"
#include "common/mysql/transaction.h"
#include "common/relationship/consents.h"
#include "common/service/service.h"
#include "common/status/error.h"
#include "common/status/matchers.h"
#include "services/consultation/rpc/centre_convert.h"
#include "services/consultation/rpc/convert.h"
#include "services/consultation/rpc/handlers.h"
#include "services/consultation/store/mysql_consultation_store.h"
#include "services/consultation/store/mysql_reading_centre_store.h"
#include "tests/contract/test_pki.h"
#include "tests/support/directory_consents.h"
#include "tests/support/relate.h"
#include "tests/support/test_call.h"
#include "tests/support/test_database.h"

namespace yilian::consultation {
namespace {

using status::IsOk;
using status::StatusIs;
using test_support::TestCall;

const OrganizationId kTownship(base::Uuid::V5(base::Uuid(), "township"));
const OrganizationId kHospital(base::Uuid::V5(base::Uuid(), "hospital"));

// Nobody signs here.
class NoKeys : public SigningKeys {
 public:
  absl::StatusOr<std::shared_ptr<const SigningKey>> KeyOf(PractitionerId, absl::Time) override {
    return absl::UnimplementedError("no keys");
  }
};

class ConsultationConsentTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    auto opened = mysql::Pool::Open(test_support::TestDatabase::Get().NewSchema(
        service::AllMigrations(ConsultationMigrations())));
    ASSERT_THAT(opened, IsOk());
    pool_ = *std::move(opened);
    unit_ = std::make_unique<unit::UnitOfWork>(*pool_, nullptr, clock_, "yilian.consultation");
    store_ = std::make_unique<MysqlConsultationStore>(*unit_);
    centres_ =
        std::make_unique<MysqlReadingCentreStore>(*unit_, convert::CentreEncodingOfTheWire());
    ASSERT_THAT(crypto::CreateKeyFile(pki_.folder() + "/2026-11-22.key"), IsOk());
    sealer_ = *crypto::Sealer::Open(pki_.folder());
    relationships_ = std::make_unique<relationship::Check>(*pool_, directory_.NewChannel(), clock_);
    handlers_ = std::make_unique<ConsultationHandlers>(
        ConsultationHandlers::Deps{.store = *store_,
                                   .keys = keys_,
                                   .centres = *centres_,
                                   .relationships = *relationships_,
                                   .sealer = *sealer_,
                                   .clocks = clocks_,
                                   .default_lease = absl::Minutes(10)});
    ASSERT_THAT(test_support::Relate(*pool_, patient_.uuid(), kTownship.uuid(), clock_.Now()),
                IsOk());
  }
  void Run(const std::function<absl::Status(mysql::Session&)>& work) {
    EXPECT_THAT(
        mysql::RunTransaction(
            *pool_, {.name = "test.Run", .deadline = absl::Now() + absl::Seconds(20)}, work),
        IsOk());
  }
  void Withdraw() {
    directory::v1::ConsentRevoked revoked;
    directory::v1::Consent& consent = *revoked.mutable_consent();
    consent.set_consent_id(base::Uuid::V7().ToString());
    consent.set_patient_id(patient_.ToString());
    consent.set_purpose(directory::v1::CONSENT_PURPOSE_REMOTE_CONSULTATION);
    const int64_t now = absl::ToUnixSeconds(clock_.Now());
    consent.mutable_starts_at()->set_seconds(now - 3600);
    consent.mutable_revoked_at()->set_seconds(now - 1);
    event::v1::Event event;
    event.set_event_id(base::Uuid::V7().ToString());
    event.set_type("ConsentRevoked");
    event.mutable_payload()->PackFrom(revoked);
    Run([&](mysql::Session& session) {
      return store_->ApplyConsent(session, event, clock_.Now());
    });
  }
  static rpc::Caller Doctor(OrganizationId organization, policy::v1::Role role) {
    const base::Uuid person = base::Uuid::V5(organization.uuid(), "doctor");
    return {.user_id = person,
            .practitioner_id = person,
            .organization_id = organization.uuid(),
            .roles = {role}};
  }
  absl::StatusOr<v1::Consultation> Request(v1::Urgency urgency = v1::URGENCY_ROUTINE) {
    v1::RequestConsultationRequest request;
    request.set_request_id(base::Uuid::V7().ToString());
    request.set_patient_id(patient_.ToString());
    request.set_kind(v1::KIND_REMOTE_CONSULTATION);
    request.set_urgency(urgency);
    request.set_consulted_organization_id(kHospital.ToString());
    request.set_specialty("CARDIOLOGY");
    request.set_question("心电图是否提示缺血？");
    request.set_patient_consented(true);
    return handlers_->Request(TestCall(Doctor(kTownship, policy::v1::ROLE_CLINIC_DOCTOR), request),
                              request);
  }
  absl::Status Claim(const v1::Consultation& one) {
    v1::ClaimConsultationRequest request;
    request.set_request_id(base::Uuid::V7().ToString());
    request.set_consultation_id(one.consultation_id());
    return handlers_->Claim(TestCall(Doctor(kHospital, policy::v1::ROLE_EXPERT), request), request)
        .status();
  }
  v1::Consultation Get(const v1::Consultation& one, OrganizationId reader) {
    v1::GetConsultationRequest request;
    request.set_consultation_id(one.consultation_id());
    const auto found = handlers_->Get(
        TestCall(Doctor(reader, policy::v1::ROLE_HOSPITAL_DOCTOR), request), request);
    EXPECT_THAT(found, IsOk());
    return found.ok() ? *found : v1::Consultation();
  }

  base::FakeClock clock_{absl::FromCivil(absl::CivilHour(2026, 3, 2, 9), absl::UTCTimeZone())};
  const Clocks clocks_;
  const PatientId patient_{base::Uuid::V7()};
  contract::TestPki pki_;
  test_support::DirectoryConsents directory_;
  NoKeys keys_;
  std::unique_ptr<mysql::Pool> pool_;
  std::unique_ptr<unit::UnitOfWork> unit_;
  std::unique_ptr<MysqlConsultationStore> store_;
  std::unique_ptr<MysqlReadingCentreStore> centres_;
  std::unique_ptr<crypto::Sealer> sealer_;
  std::unique_ptr<relationship::Check> relationships_;
  std::unique_ptr<ConsultationHandlers> handlers_;
};

TEST_F(ConsultationConsentTest, NobodyIsAskedToWhomThePatientSaidNoButInAnEmergency) {
  Withdraw();
  const absl::Status refused = Request().status();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition, "CONSENT_WITHDRAWN"));
  EXPECT_EQ(status::InfoOf(refused)->domain(), "yilian.consultation");
  EXPECT_THAT(Request(v1::URGENCY_EMERGENCY), IsOk());
  directory_.Allow(true);
  EXPECT_THAT(Request(), IsOk()) << "the patient has agreed anew, a moment ago";
}

TEST_F(ConsultationConsentTest, WhatNobodyHasTakenIsCancelledAndBothSidesSeeIt) {
  const auto waiting = Request();
  const auto emergency = Request(v1::URGENCY_EMERGENCY);
  const auto taken = Request();
  ASSERT_THAT(Claim(*taken), IsOk());
  Withdraw();
  for (const OrganizationId side : {kTownship, kHospital}) {
    const v1::Consultation read = Get(*waiting, side);
    EXPECT_EQ(read.state(), v1::STATE_CANCELLED);
    EXPECT_EQ(read.reason(), v1::REASON_CODE_PATIENT_DECLINED);
  }
  EXPECT_THAT(Claim(*waiting),
              StatusIs(absl::StatusCode::kFailedPrecondition, "COMMAND_NOT_AVAILABLE"));
  EXPECT_EQ(Get(*emergency, kHospital).state(), v1::STATE_REQUESTED);
  EXPECT_EQ(Get(*taken, kHospital).state(), v1::STATE_ASSIGNED) << "an expert is at it";
  EXPECT_EQ(Get(*taken, kHospital).question(), "心电图是否提示缺血？");
}

}  // namespace
}  // namespace yilian::consultation
