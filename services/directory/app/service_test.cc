// The service as its clients meet it: mutual TLS, tokens, policies, events.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "common/crypto/es256.h"
#include "common/crypto/key_files.h"
#include "common/outbox/event_stream.h"
#include "common/rpc/channel.h"
#include "common/rpc/client_call.h"
#include "common/service/context.h"
#include "common/status/matchers.h"
#include "services/directory/app/build.h"
#include "tests/contract/test_pki.h"
#include "tests/support/eventually.h"
#include "tests/support/test_database.h"
#include "yilian/directory/v1/directory.grpc.pb.h"
#include "yilian_directory_migrations.h"

namespace yilian::directory {
namespace {

using status::IsOk;
using status::StatusIs;

constexpr char kRegion[] = "test.region";
constexpr char kPassword[] = "correct horse battery";
using Auth = v1::AuthService;
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

  void MakePeople() {
    township_ = NewId();
    v1::CreateOrganizationRequest organization;
    organization.set_request_id(NewId());
    organization.set_organization_id(township_);
    organization.set_name("青山镇卫生院");
    organization.set_tier(v1::TIER_TOWNSHIP_HOSPITAL);
    auto directory = Directory::NewStub(ctl_);
    ASSERT_THAT(Call().Invoke(*directory, &Directory::Stub::CreateOrganization, organization),
                IsOk());
    doctor_ = MakeUser("li.wei", policy::v1::ROLE_CLINIC_DOCTOR);
    MakeUser("security", policy::v1::ROLE_SECURITY_ADMINISTRATOR);
  }
  std::string MakeUser(const std::string& name, policy::v1::Role role) {
    v1::CreateUserRequest user;
    user.set_request_id(NewId());
    user.set_user_name(name);
    user.set_password(kPassword);
    user.set_organization_id(township_);
    user.set_display_name("李伟");
    user.add_roles(role);
    auto directory = Directory::NewStub(ctl_);
    auto made = Call().Invoke(*directory, &Directory::Stub::CreateUser, user);
    EXPECT_THAT(made, IsOk());
    return made->user_id();
  }
  std::string TokenOf(const std::string& name) {
    v1::SignInRequest request;
    request.set_user_name(name);
    request.set_password(kPassword);
    auto auth = Auth::NewStub(Channel("client/desk"));
    auto response = Call().Invoke(*auth, &Auth::Stub::SignIn, request);
    EXPECT_THAT(response, IsOk());
    return response->access_token();
  }
  absl::Status WhoAmI(const std::string& token) {
    auto auth = Auth::NewStub(Channel("client/desk"));
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
  std::string township_;
  std::string doctor_;
};

TEST_F(ServiceTest, APersonSignsInAndWorksWithTheToken) {
  const std::string token = TokenOf("li.wei");
  EXPECT_THAT(WhoAmI(token), IsOk());
  auto directory = Directory::NewStub(Channel("client/desk"));
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
  auto auth = Auth::NewStub(Channel("client/desk"));
  EXPECT_THAT(Call(token).Invoke(*auth, &Auth::Stub::RevokeUser, request),
              StatusIs(absl::StatusCode::kPermissionDenied))
      << "a doctor is no administrator";
  ASSERT_THAT(Call(TokenOf("security")).Invoke(*auth, &Auth::Stub::RevokeUser, request), IsOk());
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

TEST(BuildTest, TheNewestSigningKeyIsTheGreatestName) {
  const std::string folder =
      (std::filesystem::temp_directory_path() / ("directory-keys-" + NewId())).string();
  std::filesystem::create_directories(folder);
  EXPECT_THAT(NewestKeyId(folder), StatusIs(absl::StatusCode::kFailedPrecondition));
  for (const char* name : {"2026-01-01.key", "2026-11-22.key", "2025-12-31.key", "9.pem"}) {
    std::ofstream(folder + "/" + name) << "key";
  }
  EXPECT_EQ(*NewestKeyId(folder), "2026-11-22");
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace yilian::directory
