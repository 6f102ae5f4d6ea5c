// A reading centre with its readers and studies, for tests with a database.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <thread>

#include "common/crypto/es256.h"
#include "common/crypto/key_files.h"
#include "common/mysql/transaction.h"
#include "common/saga/timer.h"
#include "common/service/service.h"
#include "common/status/error.h"
#include "common/status/matchers.h"
#include "services/consultation/jobs/jobs.h"
#include "services/consultation/rpc/centre_convert.h"
#include "services/consultation/rpc/centre_handlers.h"
#include "services/consultation/rpc/handlers.h"
#include "services/consultation/store/mysql_consultation_store.h"
#include "services/consultation/store/mysql_reading_centre_store.h"
#include "services/consultation/store/mysql_signing_keys.h"
#include "tests/contract/test_pki.h"
#include "tests/support/directory_consents.h"
#include "tests/support/relate.h"
#include "tests/support/test_call.h"
#include "tests/support/test_database.h"

namespace yilian::consultation {

using status::IsOk;
using status::StatusIs;
using test_support::TestCall;

inline const OrganizationId kTownship(base::Uuid::V5(base::Uuid(), "township"));
inline const OrganizationId kHospital(base::Uuid::V5(base::Uuid(), "hospital"));
inline const OrganizationId kOther(base::Uuid::V5(base::Uuid(), "other hospital"));

inline rpc::Caller Person(OrganizationId organization, const std::string& name,
                          policy::v1::Role role) {
  const base::Uuid person = base::Uuid::V5(organization.uuid(), name);
  return {.user_id = person,
          .practitioner_id = person,
          .organization_id = organization.uuid(),
          .roles = {role}};
}
inline const rpc::Caller kDoctor = Person(kTownship, "doctor", policy::v1::ROLE_CLINIC_DOCTOR);
inline const rpc::Caller kScheduler = Person(kHospital, "scheduler", policy::v1::ROLE_SCHEDULER);
inline rpc::Caller Reader(int n) {
  return Person(kHospital, "reader " + std::to_string(n), policy::v1::ROLE_READER);
}
inline std::string IdOf(const rpc::Caller& caller) { return caller.practitioner_id.ToString(); }

class ReadingTest : public ::testing::Test {
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
    cipher_ = *crypto::FieldCipher::Open(pki_.folder());
    keys_ = std::make_unique<MysqlSigningKeys>(*pool_, *cipher_);
    relationships_ = std::make_unique<relationship::Check>(*pool_, directory_.NewChannel(), clock_);
    handlers_ = std::make_unique<ConsultationHandlers>(
        ConsultationHandlers::Deps{.store = *store_,
                                   .keys = *keys_,
                                   .centres = *centres_,
                                   .relationships = *relationships_,
                                   .sealer = *sealer_,
                                   .clocks = clocks_,
                                   .default_lease = absl::Minutes(10)});
    centre_handlers_ = std::make_unique<ReadingCentreHandlers>(
        ReadingCentreHandlers::Deps{.centres = *centres_, .sealer = *sealer_});
    timers_ = std::make_unique<saga::TimerRunner>(*pool_, clock_);
    DefineTimers(*timers_, *store_, clock_);
    ASSERT_THAT(test_support::Relate(*pool_, patient_.uuid(), kTownship.uuid(), clock_.Now()),
                IsOk());
  }

  v1::DefineReadingCentreRequest Plan(std::vector<v1::Kind> kinds, v1::Assignment assignment) {
    v1::DefineReadingCentreRequest request;
    request.set_request_id(base::Uuid::V7().ToString());
    request.set_organization_id(kHospital.ToString());
    request.mutable_plan()->set_name("区域心电诊断中心");
    for (const v1::Kind kind : kinds) request.mutable_plan()->add_kinds(kind);
    request.mutable_plan()->set_time_zone("Asia/Shanghai");
    request.mutable_plan()->set_assignment(assignment);
    return request;
  }
  absl::StatusOr<v1::ReadingCentre> Define(const v1::DefineReadingCentreRequest& request,
                                           const rpc::Caller& by = kScheduler) {
    return centre_handlers_->Define(TestCall(by, request), request);
  }
  // The centre of all that follows.
  void MakeCentre(std::vector<v1::Kind> kinds = {v1::KIND_ECG_READING},
                  v1::Assignment assignment = v1::ASSIGNMENT_CLAIM) {
    const auto made = Define(Plan(std::move(kinds), assignment));
    ASSERT_THAT(made, IsOk());
    centre_ = made->centre_id();
  }
  absl::StatusOr<v1::ReadingMember> SetMember(const rpc::Caller& reader,
                                              std::vector<v1::Kind> kinds = {v1::KIND_ECG_READING},
                                              bool may_sign = true, const std::string& etag = "") {
    v1::SetReadingMemberRequest request;
    request.set_request_id(base::Uuid::V7().ToString());
    request.set_organization_id(kHospital.ToString());
    request.set_centre_id(centre_);
    request.set_practitioner_id(IdOf(reader));
    request.set_etag(etag);
    for (const v1::Kind kind : kinds) request.mutable_rights()->add_kinds(kind);
    request.mutable_rights()->set_may_sign(may_sign);
    return centre_handlers_->SetMember(TestCall(kScheduler, request), request);
  }
  absl::StatusOr<v1::ReadingMember> Duty(const rpc::Caller& reader, v1::DutyAction action) {
    v1::SetReaderDutyRequest request;
    request.set_request_id(base::Uuid::V7().ToString());
    request.set_organization_id(kHospital.ToString());
    request.set_centre_id(centre_);
    request.set_action(action);
    return centre_handlers_->SetDuty(TestCall(reader, request), request);
  }
  void OnDuty(const rpc::Caller& reader, std::vector<v1::Kind> kinds = {v1::KIND_ECG_READING},
              bool may_sign = true) {
    ASSERT_THAT(SetMember(reader, std::move(kinds), may_sign), IsOk());
    ASSERT_THAT(Duty(reader, v1::DUTY_ACTION_START), IsOk());
  }
  std::string Ask(v1::Urgency urgency = v1::URGENCY_ROUTINE, v1::Kind kind = v1::KIND_ECG_READING) {
    v1::RequestConsultationRequest request;
    request.set_request_id(base::Uuid::V7().ToString());
    request.set_patient_id(patient_.ToString());
    request.set_kind(kind);
    request.set_urgency(urgency);
    request.set_consulted_organization_id(kHospital.ToString());
    request.set_specialty("CARDIOLOGY");
    request.set_question("是否缺血？");
    request.set_patient_consented(true);
    const auto asked = handlers_->Request(TestCall(kDoctor, request), request);
    EXPECT_THAT(asked, IsOk());
    clock_.Advance(absl::Seconds(1));
    return asked.ok() ? asked->consultation_id() : "";
  }
  absl::StatusOr<v1::Consultation> Claim(const rpc::Caller& reader, const std::string& id = "") {
    v1::ClaimConsultationRequest request;
    request.set_request_id(base::Uuid::V7().ToString());
    request.set_consultation_id(id);
    return handlers_->Claim(TestCall(reader, request), request);
  }
  template <typename Request>
  Request Opinion(const std::string& id, int64_t epoch) {
    Request request;
    request.set_request_id(base::Uuid::V7().ToString());
    request.set_consultation_id(id);
    request.set_lease_epoch(epoch);
    request.mutable_content()->set_impression("窦性心律");
    request.mutable_content()->set_advice("随访");
    return request;
  }
  absl::StatusOr<v1::Consultation> Draft(const rpc::Caller& reader, const std::string& id,
                                         int64_t epoch) {
    const auto request = Opinion<v1::SaveOpinionDraftRequest>(id, epoch);
    return handlers_->SaveDraft(TestCall(reader, request), request);
  }
  absl::StatusOr<v1::Consultation> Sign(const rpc::Caller& reader, const std::string& id,
                                        int64_t epoch) {
    const auto request = Opinion<v1::SignOpinionRequest>(id, epoch);
    return handlers_->Sign(TestCall(reader, request), request);
  }
  v1::Consultation Get(const std::string& id, const rpc::Caller& reader) {
    v1::GetConsultationRequest request;
    request.set_consultation_id(id);
    const auto found = handlers_->Get(TestCall(reader, request), request);
    EXPECT_THAT(found, IsOk());
    return found.ok() ? *found : v1::Consultation();
  }
  std::vector<std::string> Worklist(int page_size) {
    std::vector<std::string> ids;
    v1::ListConsultationsRequest request;
    request.set_worklist(v1::WORKLIST_READING);
    request.set_centre_id(centre_);
    request.mutable_page()->set_page_size(page_size);
    while (true) {
      const auto page = handlers_->List(TestCall(Reader(1), request), request);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) return ids;
      for (const auto& one : page->consultations()) ids.push_back(one.consultation_id());
      if (page->page().next_page_token().empty()) return ids;
      request.mutable_page()->set_page_token(page->page().next_page_token());
    }
  }
  void RunTimers() {
    for (auto fired = timers_->RunDue(); fired.ok() && *fired > 0; fired = timers_->RunDue()) {
    }
  }
  std::vector<std::string> EventsOf(const std::string& consultation) {
    static constexpr mysql::Query kTypes{
        "test.EventTypes",
        "SELECT type FROM outbox WHERE aggregate_id = ? ORDER BY aggregate_version"};
    std::vector<std::string> types;
    EXPECT_THAT(mysql::RunRead(*pool_, absl::Now() + absl::Seconds(20),
                               [&](mysql::Session& session) {
                                 return session.SelectValues(kTypes,
                                                             {*base::Uuid::Parse(consultation)},
                                                             [&](const mysql::Row& row) {
                                                               types.push_back(row.Text(0));
                                                               return absl::OkStatus();
                                                             });
                               }),
                IsOk());
    return types;
  }

  base::FakeClock clock_{absl::FromCivil(absl::CivilHour(2026, 3, 2, 1), absl::UTCTimeZone())};
  const Clocks clocks_;
  const PatientId patient_{base::Uuid::V7()};
  std::string centre_;
  contract::TestPki pki_;
  test_support::DirectoryConsents directory_;
  std::unique_ptr<mysql::Pool> pool_;
  std::unique_ptr<unit::UnitOfWork> unit_;
  std::unique_ptr<MysqlConsultationStore> store_;
  std::unique_ptr<MysqlReadingCentreStore> centres_;
  std::unique_ptr<crypto::Sealer> sealer_;
  std::unique_ptr<crypto::FieldCipher> cipher_;
  std::unique_ptr<MysqlSigningKeys> keys_;
  std::unique_ptr<relationship::Check> relationships_;
  std::unique_ptr<ConsultationHandlers> handlers_;
  std::unique_ptr<ReadingCentreHandlers> centre_handlers_;
  std::unique_ptr<saga::TimerRunner> timers_;
};

}  // namespace yilian::consultation
