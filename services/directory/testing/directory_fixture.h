// The directory's handlers on a real database, called without a wire; for tests.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/crypto/es256.h"
#include "common/crypto/hash.h"
#include "common/crypto/jwt.h"
#include "common/mysql/transaction.h"
#include "common/rpc/call.h"
#include "common/service/service.h"
#include "common/status/matchers.h"
#include "services/directory/domain/sign_in.h"
#include "services/directory/rpc/auth_handlers.h"
#include "services/directory/rpc/organization_handlers.h"
#include "services/directory/rpc/patient_handlers.h"
#include "services/directory/store/mysql_account_store.h"
#include "services/directory/store/mysql_contract_store.h"
#include "services/directory/store/mysql_organization_store.h"
#include "services/directory/store/mysql_patient_store.h"
#include "tests/support/test_database.h"  // lint:allow(include-layer) only tests include this header
#include "yilian_directory_migrations.h"

namespace yilian::directory::testing {

// A call that the frame has let in.
class TestCall : public rpc::Call {
 public:
  struct Read {
    std::string type;
    base::Uuid id;
  };
  TestCall(rpc::Caller caller, const google::protobuf::Message& request,
           const std::string& request_id)
      : caller_(std::move(caller)) {
    write_.key.caller = caller_.LedgerName();
    write_.key.method = "/test/" + request.GetTypeName();
    write_.key.request_hash = crypto::Sha256(request.SerializeAsString());
    if (auto id = base::Uuid::Parse(request_id); id.ok()) write_.key.request_id = *id;
    write_.audit.method = write_.key.method;
    write_.audit.organization_id = caller_.organization_id;
    write_.deadline = deadline_;
  }
  const rpc::Caller& caller() const override { return caller_; }
  absl::Time deadline() const override { return deadline_; }
  std::string_view method() const override { return write_.key.method; }
  std::string_view traceparent() const override { return ""; }
  std::string_view token() const override { return ""; }
  const unit::WriteContext& write_context() const override { return write_; }
  void Subject(std::string type, const base::Uuid& id, const base::Uuid&) const override {
    reads_.push_back({std::move(type), id});
  }
  const std::vector<Read>& reads() const { return reads_; }

 private:
  const rpc::Caller caller_;
  const absl::Time deadline_ = absl::Now() + absl::Seconds(30);
  unit::WriteContext write_;
  mutable std::vector<Read> reads_;
};

inline std::string NewId() { return base::Uuid::V7().ToString(); }

class DirectoryFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    mysql::PoolOptions options =
        test_support::TestDatabase::Get().NewSchema(service::AllMigrations(kMigrations));
    options.size = 16;
    auto pool = mysql::Pool::Open(options);
    ASSERT_THAT(pool, status::IsOk());
    pool_ = *std::move(pool);
    MakeSigner();
    unit_ = std::make_unique<unit::UnitOfWork>(*pool_, nullptr, clock_, "yilian.directory");
    organizations_ = std::make_unique<MysqlOrganizationStore>(*pool_);
    accounts_ = std::make_unique<MysqlAccountStore>(*pool_);
    patients_ = std::make_unique<MysqlPatientStore>(*pool_, cipher_, index_);
    sign_in_ = std::make_unique<SignIn>(*accounts_, clock_, ThrottleRules(), 2);
    auth_handlers_ = std::make_unique<AuthHandlers>(AuthHandlers::Deps{
        .unit = *unit_, .accounts = *accounts_, .sign_in = *sign_in_, .signer = *signer_});
    organization_handlers_ = std::make_unique<OrganizationHandlers>(
        OrganizationHandlers::Deps{.unit = *unit_,
                                   .organizations = *organizations_,
                                   .accounts = *accounts_,
                                   .sealer = sealer_});
    patient_handlers_ = std::make_unique<PatientHandlers>(
        PatientHandlers::Deps{.unit = *unit_, .patients = *patients_, .contracts = contracts_});
  }

  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  void MakeSigner() {
    folder_ = (std::filesystem::temp_directory_path() / ("directory-test-" + NewId())).string();
    std::filesystem::create_directories(folder_ + "/public");
    ASSERT_THAT(crypto::CreateSigningKey(folder_ + "/test.key", folder_ + "/public/test.pem"),
                status::IsOk());
    auto signer = crypto::JwtSigner::Open({.private_key_file = folder_ + "/test.key",
                                           .kid = "test",
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
    TestCall call(caller, request, RequestIdOf(request));
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

  // A number that `sql` selects, `?` bound to `values`; -1 without a row.
  int64_t Count(const std::string& sql, const mysql::Values& values = {}) {
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
  std::unique_ptr<mysql::Pool> pool_;
  crypto::FieldCipher cipher_{crypto::KeyRing::Ephemeral()};
  crypto::BlindIndex index_{crypto::SecretBytes(crypto::RandomBytes(32))};
  crypto::Sealer sealer_{crypto::KeyRing::Ephemeral()};
  std::unique_ptr<crypto::JwtSigner> signer_;
  std::unique_ptr<unit::UnitOfWork> unit_;
  std::unique_ptr<MysqlOrganizationStore> organizations_;
  std::unique_ptr<MysqlAccountStore> accounts_;
  std::unique_ptr<MysqlPatientStore> patients_;
  MysqlContractStore contracts_;
  std::unique_ptr<SignIn> sign_in_;
  std::unique_ptr<AuthHandlers> auth_handlers_;
  std::unique_ptr<OrganizationHandlers> organization_handlers_;
  std::unique_ptr<PatientHandlers> patient_handlers_;
  std::vector<TestCall::Read> reads_;  // subjects that the last call named

 private:
  static std::string RequestIdOf(const google::protobuf::Message& request) {
    const auto* field = request.GetDescriptor()->FindFieldByName("request_id");
    return field == nullptr ? "" : request.GetReflection()->GetString(request, field);
  }
};

}  // namespace yilian::directory::testing
