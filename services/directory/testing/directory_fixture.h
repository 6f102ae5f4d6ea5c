// The directory's handlers on a real database, called without a wire; for tests.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/audit/log.h"
#include "common/base/clock.h"
#include "common/crypto/es256.h"
#include "common/crypto/hash.h"
#include "common/crypto/rotating_signer.h"
#include "common/mysql/transaction.h"
#include "common/service/service.h"
#include "common/status/matchers.h"
#include "services/directory/clients/access_trails.h"
#include "services/directory/domain/sign_in.h"
#include "services/directory/rpc/access_handlers.h"
#include "services/directory/rpc/account_handlers.h"
#include "services/directory/rpc/auth_handlers.h"
#include "services/directory/rpc/organization_handlers.h"
#include "services/directory/rpc/own_account_handlers.h"
#include "services/directory/rpc/patient_handlers.h"
#include "services/directory/rpc/patient_index_handlers.h"
#include "services/directory/store/mysql_access_directory.h"
#include "services/directory/store/mysql_account_store.h"
#include "services/directory/store/mysql_admission_store.h"
#include "services/directory/store/mysql_affiliation_store.h"
#include "services/directory/store/mysql_broken_glass_store.h"
#include "services/directory/store/mysql_consent_store.h"
#include "services/directory/store/mysql_contract_store.h"
#include "services/directory/store/mysql_organization_store.h"
#include "services/directory/store/mysql_patient_index.h"
#include "services/directory/store/mysql_patient_store.h"
#include "services/directory/store/mysql_second_factor_store.h"
#include "tests/support/test_call.h"
#include "tests/support/test_database.h"  // lint:allow(include-layer) only tests include this header
#include "yilian_directory_migrations.h"

namespace yilian::directory::testing {

using test_support::TestCall;

inline std::string NewId() { return base::Uuid::V7().ToString(); }

class DirectoryFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    pool_options_ =
        test_support::TestDatabase::Get().NewSchema(service::AllMigrations(kMigrations));
    pool_options_.size = 16;
    auto pool = mysql::Pool::Open(pool_options_);
    ASSERT_THAT(pool, status::IsOk());
    pool_ = *std::move(pool);
    MakeSigner();
    unit_ = std::make_unique<unit::UnitOfWork>(*pool_, nullptr, clock_, "yilian.directory");
    organizations_ = std::make_unique<MysqlOrganizationStore>(*pool_);
    accounts_ = std::make_unique<MysqlAccountStore>(*pool_);
    patients_ = std::make_unique<MysqlPatientStore>(*pool_, cipher_, index_, NamesOnce());
    patient_index_ = std::make_unique<MysqlPatientIndex>(*pool_, cipher_, index_, NamesOnce());
    patient_index_handlers_ = std::make_unique<PatientIndexHandlers>(PatientIndexHandlers::Deps{
        .unit = *unit_, .patients = *patients_, .index = *patient_index_, .sealer = sealer_});
    MakeAccountHandlers();
    MakeAccessHandlers();
    organization_handlers_ = std::make_unique<OrganizationHandlers>(
        OrganizationHandlers::Deps{.unit = *unit_,
                                   .organizations = *organizations_,
                                   .accounts = *accounts_,
                                   .sealer = sealer_});
    contracts_ = std::make_unique<MysqlContractStore>(*pool_);
    patient_handlers_ = std::make_unique<PatientHandlers>(
        PatientHandlers::Deps{.unit = *unit_, .patients = *patients_, .contracts = *contracts_});
  }

  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  void MakeAccountHandlers() {
    affiliations_ = std::make_unique<MysqlAffiliationStore>(*pool_);
    factors_ = std::make_unique<MysqlSecondFactorStore>(*pool_, cipher_);
    sign_in_ = std::make_unique<SignIn>(SignIn::Deps{.accounts = *accounts_,
                                                     .affiliations = *affiliations_,
                                                     .factors = *factors_,
                                                     .clock = clock_},
                                        ThrottleRules(), 2);
    auth_handlers_ =
        std::make_unique<AuthHandlers>(AuthHandlers::Deps{.unit = *unit_,
                                                          .accounts = *accounts_,
                                                          .affiliations = *affiliations_,
                                                          .sign_in = *sign_in_,
                                                          .signer = *signer_});
    own_account_handlers_ =
        std::make_unique<OwnAccountHandlers>(OwnAccountHandlers::Deps{.unit = *unit_,
                                                                      .accounts = *accounts_,
                                                                      .factors = *factors_,
                                                                      .sign_in = *sign_in_,
                                                                      .signer = *signer_,
                                                                      .region = "test.region"});
    account_handlers_ =
        std::make_unique<AccountHandlers>(AccountHandlers::Deps{.unit = *unit_,
                                                                .accounts = *accounts_,
                                                                .affiliations = *affiliations_,
                                                                .factors = *factors_});
  }

  void MakeAccessHandlers() {
    access_directory_ = std::make_unique<MysqlAccessDirectory>(*pool_);
    admissions_ = std::make_unique<MysqlAdmissionStore>(index_);
    consents_ = std::make_unique<MysqlConsentStore>(*pool_, cipher_);
    glasses_ = std::make_unique<MysqlBrokenGlassStore>(*pool_, cipher_);
    own_trail_ = std::make_unique<OwnAccessTrail>("directory", *pool_);
    access_handlers_ =
        std::make_unique<AccessHandlers>(AccessHandlers::Deps{.unit = *unit_,
                                                              .directory = *access_directory_,
                                                              .admissions = *admissions_,
                                                              .consents = *consents_,
                                                              .glasses = *glasses_,
                                                              .glass_rules = GlassRules(),
                                                              .trails = {own_trail_.get()},
                                                              .sealer = sealer_});
  }

  void MakeSigner() {
    folder_ = (std::filesystem::temp_directory_path() / ("directory-test-" + NewId())).string();
    std::filesystem::create_directories(folder_ + "/public");
    ASSERT_THAT(crypto::CreateSigningKey(folder_ + "/test.key", folder_ + "/public/test.pem"),
                status::IsOk());
    auto signer = crypto::RotatingSigner::Open({.private_keys_folder = folder_,
                                                .public_keys_folder = folder_ + "/public",
                                                .issuer = "yilian.directory",
                                                .audience = "yilian"},
                                               clock_);
    ASSERT_THAT(signer, status::IsOk());
    signer_ = *std::move(signer);
  }

  // Runs a handler as `caller`.
  template <typename H, typename Request, typename Response>
  absl::StatusOr<Response> As(const rpc::Caller& caller, H& handlers,
                              absl::StatusOr<Response> (H::*method)(const rpc::Call&,
                                                                    const Request&),
                              const Request& request) {
    TestCall call(caller, request);
    absl::StatusOr<Response> response = (handlers.*method)(call, request);
    reads_ = call.reads();
    return response;
  }

  static rpc::Caller Ctl() {
    return {.peer = "spiffe://yilian.test/service/ctl", .service = "ctl"};
  }
  static rpc::Caller Service(const std::string& name) {
    return {.peer = "spiffe://yilian.test/service/" + name, .service = name};
  }
  static rpc::Caller PersonOf(const std::string& organization) {
    return {.peer = "spiffe://yilian.test/service/nginx",
            .service = "nginx",
            .user_id = base::Uuid::V7(),
            .organization_id = *base::Uuid::Parse(organization)};
  }

  // Its tables take half a second to read.
  static const NameReader& NamesOnce() {
    static const NameReader* const names = new NameReader();
    return *names;
  }

  // An organization of its own, in no consortium.
  std::string MakeOrganization(const std::string& name,
                               v1::Tier tier = v1::TIER_TOWNSHIP_HOSPITAL) {
    v1::CreateOrganizationRequest request;
    request.set_request_id(NewId());
    request.set_name(name);
    request.set_tier(tier);
    auto made =
        As(Ctl(), *organization_handlers_, &OrganizationHandlers::CreateOrganization, request);
    EXPECT_THAT(made, status::IsOk());
    return made->organization_id();
  }
  std::string MakePractitioner(const std::string& organization, const std::string& name) {
    v1::CreatePractitionerRequest request;
    request.set_request_id(NewId());
    request.set_organization_id(organization);
    request.set_name(name);
    auto made =
        As(Ctl(), *organization_handlers_, &OrganizationHandlers::CreatePractitioner, request);
    EXPECT_THAT(made, status::IsOk());
    return made->practitioner_id();
  }
  v1::RegisterPatientRequest NewPatient(const std::string& organization) {
    v1::RegisterPatientRequest request;
    request.set_request_id(NewId());
    request.set_organization_id(organization);
    request.set_name("王小芳");
    request.set_sex(v1::SEX_FEMALE);
    return request;
  }
  std::string MakePatient(const std::string& organization) {
    auto made = As(Service("gateway"), *patient_handlers_, &PatientHandlers::RegisterPatient,
                   NewPatient(organization));
    EXPECT_THAT(made, status::IsOk());
    return made->patient().patient_id();
  }
  bool MaySee(const std::string& organization, const std::string& patient) {
    v1::CheckCareRelationshipRequest request;
    request.set_organization_id(organization);
    request.set_patient_id(patient);
    auto answer =
        As(Service("lab"), *patient_handlers_, &PatientHandlers::CheckCareRelationship, request);
    EXPECT_THAT(answer, status::IsOk());
    return answer->holds();
  }

  // A number that `sql` selects, `?` bound to `values`; -1 without a row. The audit trail is linked
  // before.
  int64_t Count(const std::string& sql, const mysql::Values& values = {}) {
    EXPECT_THAT(audit::LinkAll(*pool_), status::IsOk());
    int64_t number = -1;
    EXPECT_THAT(mysql::RunRead(*pool_, absl::Now() + absl::Seconds(10),
                               [&](mysql::Session& session) {
                                 return session.SelectValues({"test.Count", sql}, values,
                                                             [&](const mysql::Row& row) {
                                                               number = row.Int(0);
                                                               return absl::OkStatus();
                                                             });
                               }),
                status::IsOk());
    return number;
  }
  // Types of all events so far, in order.
  std::vector<std::string> EventTypes() {
    std::vector<std::string> types;
    EXPECT_THAT(mysql::RunRead(*pool_, absl::Now() + absl::Seconds(10),
                               [&](mysql::Session& session) {
                                 types.clear();
                                 return session.SelectValues(
                                     {"test.Events", "SELECT type FROM outbox ORDER BY outbox_id"},
                                     {}, [&](const mysql::Row& row) {
                                       types.push_back(row.Text(0));
                                       return absl::OkStatus();
                                     });
                               }),
                status::IsOk());
    return types;
  }

  base::FakeClock clock_{absl::FromUnixSeconds(1'795'000'000)};
  std::string folder_;
  mysql::PoolOptions pool_options_;
  std::unique_ptr<mysql::Pool> pool_;
  crypto::FieldCipher cipher_{crypto::KeyRing::Ephemeral()};
  crypto::BlindIndex index_{crypto::SecretBytes(crypto::RandomBytes(32))};
  crypto::Sealer sealer_{crypto::KeyRing::Ephemeral()};
  std::unique_ptr<crypto::RotatingSigner> signer_;
  std::unique_ptr<unit::UnitOfWork> unit_;
  std::unique_ptr<MysqlOrganizationStore> organizations_;
  std::unique_ptr<MysqlAccountStore> accounts_;
  std::unique_ptr<MysqlPatientStore> patients_;
  std::unique_ptr<MysqlPatientIndex> patient_index_;
  std::unique_ptr<PatientIndexHandlers> patient_index_handlers_;
  std::unique_ptr<MysqlContractStore> contracts_;
  std::unique_ptr<MysqlAffiliationStore> affiliations_;
  std::unique_ptr<MysqlSecondFactorStore> factors_;
  std::unique_ptr<SignIn> sign_in_;
  std::unique_ptr<AuthHandlers> auth_handlers_;
  std::unique_ptr<OwnAccountHandlers> own_account_handlers_;
  std::unique_ptr<AccountHandlers> account_handlers_;
  std::unique_ptr<OrganizationHandlers> organization_handlers_;
  std::unique_ptr<PatientHandlers> patient_handlers_;
  std::unique_ptr<MysqlAccessDirectory> access_directory_;
  std::unique_ptr<MysqlAdmissionStore> admissions_;
  std::unique_ptr<MysqlConsentStore> consents_;
  std::unique_ptr<MysqlBrokenGlassStore> glasses_;
  std::unique_ptr<OwnAccessTrail> own_trail_;
  std::unique_ptr<AccessHandlers> access_handlers_;
  std::vector<TestCall::Read> reads_;  // subjects that the last call named
};

}  // namespace yilian::directory::testing
