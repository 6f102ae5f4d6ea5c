// The service as its clients meet it: mutual TLS, tokens, policies, events.
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>

#include "common/crypto/es256.h"
#include "common/crypto/key_files.h"
#include "common/crypto/totp.h"
#include "common/outbox/event_stream.h"
#include "common/rpc/channel.h"
#include "common/rpc/client_call.h"
#include "common/service/context.h"
#include "common/status/matchers.h"
#include "services/directory/app/build.h"
#include "tests/contract/test_pki.h"
#include "tests/support/eventually.h"
#include "tests/support/test_database.h"
#include "yilian/audit/v1/audit.grpc.pb.h"
#include "yilian/directory/v1/access.grpc.pb.h"
#include "yilian/directory/v1/account.grpc.pb.h"
#include "yilian/directory/v1/directory.grpc.pb.h"
#include "yilian_directory_migrations.h"

namespace yilian::directory {
namespace {

using status::IsOk;
using status::StatusIs;

constexpr char kRegion[] = "test.region";
constexpr char kPassword[] = "correct horse battery";
using Auth = v1::AuthService;
using Access = v1::AccessService;
using Accounts = v1::AccountService;
using Directory = v1::DirectoryService;

std::string NewId() { return base::Uuid::V7().ToString(); }

class ServiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    MakeKeys();
    const service::Definition definition = DirectoryDefinition();
    const DirectoryConfig config = MakeConfig(
        test_support::TestDatabase::Get().NewSchema(service::AllMigrations(kMigrations)));
    auto context = service::ServiceContext::Open(definition, config.service());
    ASSERT_THAT(context, IsOk());
    context_ = *std::move(context);
    ASSERT_THAT(definition.build(*context_, config), IsOk());
    ASSERT_THAT(context_->Start(), IsOk());
    ctl_ = Channel("service/ctl");
    desk_ = Channel("client/desk");
    MakePeople();
  }
  void TearDown() override {
    if (context_) context_->Drain(absl::Seconds(5));
  }

  std::string Folder(const std::string& name) {
    std::string folder = pki_.folder() + "/" + name;
    std::filesystem::create_directories(folder);
    return folder;
  }
  void MakeKeys() {
    ASSERT_THAT(crypto::CreateKeyFile(Folder("field") + "/2026-11-22.key"), IsOk());
    ASSERT_THAT(crypto::CreateKeyFile(Folder("field") + "/blind-index.key"), IsOk());
    ASSERT_THAT(crypto::CreateKeyFile(Folder("seal") + "/2026-11-22.key"), IsOk());
    for (const char* kid : {"2025-01-01", "2026-11-22"}) {
      ASSERT_THAT(crypto::CreateSigningKey(Folder("token") + "/" + kid + ".key",
                                           Folder("token-public") + "/" + kid + ".pem"),
                  IsOk());
    }
  }
  DirectoryConfig MakeConfig(const mysql::PoolOptions& database) {
    DirectoryConfig config;
    config::Service& service = *config.mutable_service();
    service.set_listen("127.0.0.1:0");
    service.set_region(kRegion);
    const rpc::TlsFiles files = Certificate("service/directory");
    service.mutable_tls()->set_ca_file(files.ca_file);
    service.mutable_tls()->set_certificate_file(files.certificate_file);
    service.mutable_tls()->set_key_file(files.key_file);
    const std::string password_file = pki_.folder() + "/database";
    EXPECT_THAT(crypto::CreateFile(password_file, database.password + "\n", 0600), IsOk());
    service.mutable_database()->set_socket(database.socket);
    service.mutable_database()->set_schema(database.schema);
    service.mutable_database()->set_user(database.user);
    service.mutable_database()->set_password_file(password_file);
    service.mutable_database()->set_pool_size(8);
    service.mutable_database()->set_statement_timeout_ms(10000);
    service.mutable_tokens()->set_public_keys_folder(Folder("token-public"));
    service.mutable_tokens()->set_issuer("yilian.directory");
    service.mutable_tokens()->set_audience("yilian");
    service.mutable_admission()->set_queue_length(256);
    service.mutable_admission()->set_priority_threads(2);
    service.set_field_keys_folder(Folder("field"));
    service.set_seal_keys_folder(Folder("seal"));
    service.set_max_request_bytes(4 * 1024 * 1024);
    config.mutable_signing()->set_keys_folder(Folder("token"));
    config.mutable_signing()->set_lifetime_seconds(900);
    config.mutable_sign_in_throttle()->set_free_failures(5);
    config.mutable_sign_in_throttle()->set_first_delay_seconds(5);
    config.mutable_sign_in_throttle()->set_longest_delay_seconds(900);
    config.mutable_sign_in_throttle()->set_forget_after_hours(24);
    config.mutable_passwords()->set_checks_at_once(2);
    config.mutable_emergency_access()->set_open_minutes(60);
    config.mutable_emergency_access()->set_review_hours(72);
    return config;
  }
  rpc::TlsFiles Certificate(const std::string& path) {
    std::string name = path;
    std::replace(name.begin(), name.end(), '/', '-');
    return pki_.Issue(name, std::string("spiffe://") + kRegion + "/" + path);
  }
  std::shared_ptr<grpc::Channel> Channel(const std::string& path) {
    auto channel = rpc::MakeChannel("127.0.0.1:" + std::to_string(context_->port()),
                                    Certificate(path), {.region = kRegion, .service = "directory"});
    EXPECT_THAT(channel, IsOk());
    return *channel;
  }
  static rpc::ClientCall Call(const std::string& token = "") {
    return rpc::ClientCall(absl::Seconds(10)).WithToken(token);
  }

  std::string MakeOrganization(const std::string& name) {
    v1::CreateOrganizationRequest organization;
    organization.set_request_id(NewId());
    organization.set_name(name);
    organization.set_tier(v1::TIER_TOWNSHIP_HOSPITAL);
    auto directory = Directory::NewStub(ctl_);
    auto made = Call().Invoke(*directory, &Directory::Stub::CreateOrganization, organization);
    EXPECT_THAT(made, IsOk());
    return made->organization_id();
  }
  void MakePeople() {
    township_ = MakeOrganization("青山镇卫生院");
    doctor_ = MakeUser("li.wei", policy::v1::ROLE_CLINIC_DOCTOR, township_);
    MakeUser("security", policy::v1::ROLE_SECURITY_ADMINISTRATOR, township_);
  }
  std::string MakeUser(const std::string& name, policy::v1::Role role,
                       const std::string& organization) {
    v1::CreateUserRequest user;
    user.set_request_id(NewId());
    user.set_user_name(name);
    user.set_password(kPassword);
    user.set_organization_id(organization);
    user.set_display_name("李伟");
    user.add_roles(role);
    auto directory = Directory::NewStub(ctl_);
    auto made = Call().Invoke(*directory, &Directory::Stub::CreateUser, user);
    EXPECT_THAT(made, IsOk());
    return made->user_id();
  }
  // Gives the person a second factor; the code that confirms it is of the step before.
  std::string MakeFactor(const std::string& name) {
    auto accounts = Accounts::NewStub(desk_);
    v1::EnrolSecondFactorRequest enrol;
    enrol.set_request_id(NewId());
    enrol.set_user_name(name);
    enrol.set_password(kPassword);
    auto enrolled = Call().Invoke(*accounts, &Accounts::Stub::EnrolSecondFactor, enrol);
    EXPECT_THAT(enrolled, IsOk());
    v1::ConfirmSecondFactorRequest confirm;
    confirm.set_request_id(NewId());
    confirm.set_user_name(name);
    confirm.set_password(kPassword);
    confirm.set_second_factor_code(CodeOf(enrolled->secret(), -1));
    EXPECT_THAT(Call().Invoke(*accounts, &Accounts::Stub::ConfirmSecondFactor, confirm), IsOk());
    return enrolled->secret();
  }
  static std::string CodeOf(const std::string& secret, int steps_ahead) {
    return crypto::TotpCode(*crypto::FromBase32(secret),
                            crypto::TotpStepOf(absl::Now()) + steps_ahead);
  }
  std::string TokenOf(const std::string& name, const std::string& code = "") {
    v1::SignInRequest request;
    request.set_user_name(name);
    request.set_password(kPassword);
    request.set_second_factor_code(code);
    auto auth = Auth::NewStub(desk_);
    auto response = Call().Invoke(*auth, &Auth::Stub::SignIn, request);
    EXPECT_THAT(response, IsOk());
    return response->access_token();
  }
  absl::Status WhoAmI(const std::string& token) {
    auto auth = Auth::NewStub(desk_);
    return Call(token).Invoke(*auth, &Auth::Stub::GetCaller, v1::GetCallerRequest()).status();
  }
  v1::RegisterPatientRequest Patient(const std::string& organization) {
    v1::RegisterPatientRequest request;
    request.set_request_id(NewId());
    request.set_organization_id(organization);
    request.set_name("王小芳");
    request.set_sex(v1::SEX_FEMALE);
    return request;
  }

  contract::TestPki pki_;
  std::unique_ptr<service::ServiceContext> context_;
  std::shared_ptr<grpc::Channel> ctl_;
  std::shared_ptr<grpc::Channel> desk_;  // a workstation, from which people sign in
  std::string township_;
  std::string doctor_;
};

TEST_F(ServiceTest, APersonSignsInAndWorksWithTheToken) {
  const std::string token = TokenOf("li.wei");
  EXPECT_THAT(WhoAmI(token), IsOk());
  auto directory = Directory::NewStub(desk_);
  const auto made =
      Call(token).Invoke(*directory, &Directory::Stub::RegisterPatient, Patient(township_));
  ASSERT_THAT(made, IsOk());
  v1::GetPatientRequest get;
  get.set_patient_id(made->patient().patient_id());
  EXPECT_THAT(Call(token).Invoke(*directory, &Directory::Stub::GetPatient, get), IsOk());
}

TEST_F(ServiceTest, ARevokedTokenIsRefusedHereWithinSeconds) {
  const std::string token = TokenOf("li.wei");
  ASSERT_THAT(WhoAmI(token), IsOk());
  v1::RevokeUserRequest request;
  request.set_request_id(NewId());
  request.set_user_id(doctor_);
  request.set_reason("lost telephone");
  auto auth = Auth::NewStub(desk_);
  EXPECT_THAT(Call(token).Invoke(*auth, &Auth::Stub::RevokeUser, request),
              StatusIs(absl::StatusCode::kPermissionDenied))
      << "a doctor is no administrator";
  const std::string security = TokenOf("security", CodeOf(MakeFactor("security"), 0));
  ASSERT_THAT(Call(security).Invoke(*auth, &Auth::Stub::RevokeUser, request), IsOk());
  EXPECT_TRUE(test_support::Eventually(
      [&] { return WhoAmI(token).code() == absl::StatusCode::kUnauthenticated; },
      absl::Seconds(10)));
}

TEST_F(ServiceTest, PoliciesAndFieldRulesHoldOnTheWire) {
  auto by_lab = Directory::NewStub(Channel("service/lab"));
  v1::CreateOrganizationRequest organization;
  organization.set_request_id(NewId());
  organization.set_name("市第一医院");
  organization.set_tier(v1::TIER_TERTIARY_HOSPITAL);
  EXPECT_THAT(Call().Invoke(*by_lab, &Directory::Stub::CreateOrganization, organization),
              StatusIs(absl::StatusCode::kUnauthenticated, "SIGN_IN_REQUIRED"))
      << "only ctl makes organizations without a person";

  // A hospital's system registers for its own organization, and checks its numbers.
  auto his = Directory::NewStub(Channel("org/" + township_ + "/system/his"));
  EXPECT_THAT(Call().Invoke(*his, &Directory::Stub::RegisterPatient, Patient(township_)), IsOk());
  EXPECT_THAT(Call().Invoke(*his, &Directory::Stub::RegisterPatient, Patient(NewId())),
              StatusIs(absl::StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
  v1::RegisterPatientRequest wrong = Patient(township_);
  wrong.set_national_id("110105194912310021");
  EXPECT_THAT(Call().Invoke(*his, &Directory::Stub::RegisterPatient, wrong),
              StatusIs(absl::StatusCode::kInvalidArgument))
      << "the check character is wrong";
  wrong.set_national_id("110105199003070914");
  const absl::Status contradicts =
      Call().Invoke(*his, &Directory::Stub::RegisterPatient, wrong).status();
  EXPECT_THAT(contradicts, StatusIs(absl::StatusCode::kInvalidArgument, "IDENTITY_CONTRADICTS"));
  EXPECT_EQ(status::BadRequestOf(contradicts)->field_violations(0).field(), "sex");
}

TEST_F(ServiceTest, AServiceFollowsRelationshipsAndAnOrganizationDoesNotSeeThem) {
  auto his = Directory::NewStub(Channel("org/" + township_ + "/system/his"));
  ASSERT_THAT(Call().Invoke(*his, &Directory::Stub::RegisterPatient, Patient(township_)), IsOk());
  const auto types_seen_by = [&](const std::string& path, const std::string& last) {
    std::vector<std::string> types;
    auto feed = event::v1::EventFeed::NewStub(Channel(path));
    event::v1::StreamRequest request;
    request.set_subscriber("test");
    outbox::EventStream stream(*feed, request);
    test_support::Eventually([&] {
      event::v1::StreamResponse response;
      if (stream.Next(absl::Milliseconds(50), response) == outbox::EventStream::Outcome::kMessage) {
        for (const auto& event : response.events()) types.push_back(event.type());
      }
      return !types.empty() && types.back() == last;
    });
    return types;
  };
  EXPECT_THAT(types_seen_by("service/lab", "CareRelationshipOpened"),
              ::testing::ElementsAre("OrganizationRegistered", "PatientRegistered",
                                     "CareRelationshipOpened"));
  EXPECT_THAT(types_seen_by("org/" + township_ + "/system/his", "PatientRegistered"),
              ::testing::ElementsAre("PatientRegistered"));
}

TEST_F(ServiceTest, AnAdministratorWithoutASecondFactorDoesNotSignIn) {
  auto auth = Auth::NewStub(desk_);
  v1::SignInRequest request;
  request.set_user_name("security");
  request.set_password(kPassword);
  const absl::Status refused = Call().Invoke(*auth, &Auth::Stub::SignIn, request).status();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition, "SECOND_FACTOR_MISSING"));
  ASSERT_TRUE(status::LocalizedOf(refused).has_value());
  const std::string secret = MakeFactor("security");
  EXPECT_THAT(Call().Invoke(*auth, &Auth::Stub::SignIn, request),
              StatusIs(absl::StatusCode::kUnauthenticated, "SECOND_FACTOR_WRONG"));
  EXPECT_THAT(WhoAmI(TokenOf("security", CodeOf(secret, 0))), IsOk());
}

TEST_F(ServiceTest, SigningOutEndsTheTokenHereWithinSeconds) {
  const std::string token = TokenOf("li.wei");
  auto accounts = Accounts::NewStub(desk_);
  v1::SignOutRequest request;
  request.set_request_id(NewId());
  ASSERT_THAT(Call(token).Invoke(*accounts, &Accounts::Stub::SignOut, request), IsOk());
  EXPECT_TRUE(test_support::Eventually(
      [&] { return WhoAmI(token).code() == absl::StatusCode::kUnauthenticated; },
      absl::Seconds(10)));
  EXPECT_THAT(WhoAmI(TokenOf("li.wei")), IsOk());
}

TEST_F(ServiceTest, KeysRotateWhileClientsCallAndNoCallIsRefused) {
  const auto signing_kid = [&] {
    auto accounts = Accounts::NewStub(desk_);
    const auto keys =
        Call().Invoke(*accounts, &Accounts::Stub::ListTokenKeys, v1::ListTokenKeysRequest());
    EXPECT_THAT(keys, IsOk());
    for (const auto& key : keys->keys()) {
      if (key.signs()) return key.kid();
    }
    return std::string();
  };
  EXPECT_EQ(signing_kid(), "2026-11-22");
  const std::string old_token = TokenOf("li.wei");
  std::atomic<bool> stop = false;
  std::atomic<int> calls = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 2; ++i) {
    clients.emplace_back([&] {
      while (!stop) {
        EXPECT_THAT(WhoAmI(TokenOf("li.wei")), IsOk());
        EXPECT_THAT(WhoAmI(old_token), IsOk());
        ++calls;
      }
    });
  }
  // The public half first, then the private one: as deploy/local/rotate-token-key does.
  ASSERT_THAT(crypto::CreateSigningKey(Folder("token") + "/2026-12-01.key.new",
                                       Folder("token-public") + "/2026-12-01.pem"),
              IsOk());
  std::filesystem::rename(Folder("token") + "/2026-12-01.key.new",
                          Folder("token") + "/2026-12-01.key");
  EXPECT_TRUE(
      test_support::Eventually([&] { return signing_kid() == "2026-12-01"; }, absl::Seconds(30)));
  const int at_rotation = calls;
  EXPECT_TRUE(
      test_support::Eventually([&] { return calls > at_rotation + 10; }, absl::Seconds(30)));
  stop = true;
  for (std::thread& client : clients) client.join();
  EXPECT_THAT(WhoAmI(old_token), IsOk()) << "valid until it expires";
}

TEST_F(ServiceTest, ABrokenGlassOpensThePatientToItsBreakerAndTheReportShowsIt) {
  auto his = Directory::NewStub(Channel("org/" + township_ + "/system/his"));
  const auto made = Call().Invoke(*his, &Directory::Stub::RegisterPatient, Patient(township_));
  ASSERT_THAT(made, IsOk());
  const std::string patient = made->patient().patient_id();
  MakeUser("zhao.qiang", policy::v1::ROLE_HOSPITAL_DOCTOR, MakeOrganization("市第一医院"));
  const std::string doctor = TokenOf("zhao.qiang");
  auto directory = Directory::NewStub(desk_);
  v1::GetPatientRequest get;
  get.set_patient_id(patient);
  EXPECT_THAT(Call(doctor).Invoke(*directory, &Directory::Stub::GetPatient, get),
              StatusIs(absl::StatusCode::kNotFound));
  auto access = Access::NewStub(desk_);
  v1::BreakGlassRequest glass;
  glass.set_request_id(NewId());
  glass.set_patient_id(patient);
  glass.set_reason(v1::GLASS_REASON_EMERGENCY);
  glass.set_explanation("昏迷送医，无家属在场");
  ASSERT_THAT(Call(doctor).Invoke(*access, &Access::Stub::BreakGlass, glass), IsOk());
  EXPECT_THAT(Call(doctor).Invoke(*directory, &Directory::Stub::GetPatient, get), IsOk());

  MakeUser("auditor", policy::v1::ROLE_AUDITOR, township_);
  const std::string auditor = TokenOf("auditor", CodeOf(MakeFactor("auditor"), 0));
  v1::ListRecordAccessesRequest request;
  request.set_patient_id(patient);
  EXPECT_THAT(Call(doctor).Invoke(*access, &Access::Stub::ListRecordAccesses, request),
              StatusIs(absl::StatusCode::kPermissionDenied, "ROLE_NOT_ALLOWED"));
  absl::StatusOr<v1::ListRecordAccessesResponse> report;
  EXPECT_TRUE(test_support::Eventually([&] {
    report = Call(auditor).Invoke(*access, &Access::Stub::ListRecordAccesses, request);
    return report.ok() && report->accesses_size() >= 4;
  })) << report.status();
  std::vector<std::string> methods;
  for (const auto& one : report->accesses()) methods.push_back(one.access().method());
  EXPECT_THAT(methods, ::testing::Contains("/yilian.directory.v1.AccessService/BreakGlass"));
  EXPECT_THAT(methods, ::testing::Contains("/yilian.directory.v1.DirectoryService/GetPatient"));
  EXPECT_FALSE(report->complete()) << "no other service runs here, and the report says so";
  EXPECT_EQ(report->missing_size(), 5);
}

TEST_F(ServiceTest, TheAuditTrailIsServedToTheDirectoryOnly) {
  audit::v1::ListAccessesRequest request;
  request.add_data_subject_ids(NewId());
  request.set_limit(10);
  using Trail = audit::v1::AuditTrail;
  auto own = Trail::NewStub(Channel("service/directory"));
  EXPECT_THAT(Call().Invoke(*own, &Trail::Stub::ListAccesses, request), IsOk());
  auto other = Trail::NewStub(Channel("service/lab"));
  EXPECT_THAT(Call().Invoke(*other, &Trail::Stub::ListAccesses, request),
              StatusIs(absl::StatusCode::kPermissionDenied, "ROLE_NOT_ALLOWED"));
  auto person = Trail::NewStub(desk_);
  EXPECT_THAT(Call(TokenOf("li.wei")).Invoke(*person, &Trail::Stub::ListAccesses, request),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

}  // namespace
}  // namespace yilian::directory
