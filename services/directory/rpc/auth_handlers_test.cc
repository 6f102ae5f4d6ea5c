#include "services/directory/rpc/auth_handlers.h"

#include <gmock/gmock.h>
#include <time.h>

#include <algorithm>

#include "services/directory/jobs/throttle_pruner.h"
#include "services/directory/testing/directory_fixture.h"

namespace yilian::directory {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::Contains;
using ::testing::ElementsAre;

constexpr char kPassword[] = "correct horse battery";

class AuthTest : public testing::DirectoryFixture {
 protected:
  void SetUp() override {
    DirectoryFixture::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    township_ = MakeOrganization("青山镇卫生院");
    practitioner_ = MakePractitioner(township_, "李伟");
    v1::CreateUserRequest request;
    request.set_request_id(testing::NewId());
    request.set_user_name("li.wei");
    request.set_password(kPassword);
    request.set_organization_id(township_);
    request.set_practitioner_id(practitioner_);
    request.set_display_name("李伟");
    request.add_roles(policy::v1::ROLE_CLINIC_DOCTOR);
    auto made = As(Ctl(), *organization_handlers_, &OrganizationHandlers::CreateUser, request);
    ASSERT_THAT(made, IsOk());
    user_ = made->user_id();
  }
  absl::StatusOr<v1::SignInResponse> TrySignIn(const std::string& name,
                                               const std::string& password) {
    v1::SignInRequest request;
    request.set_user_name(name);
    request.set_password(password);
    return As({.peer = "spiffe://yilian.test/service/gateway", .service = "gateway"},
              *auth_handlers_, &AuthHandlers::SignInPerson, request);
  }
  absl::StatusOr<v1::RevokeUserResponse> Revoke(const std::string& user, bool disable,
                                                const std::string& request_id = testing::NewId()) {
    v1::RevokeUserRequest request;
    request.set_request_id(request_id);
    request.set_user_id(user);
    request.set_reason("left the hospital");
    request.set_disable(disable);
    return As(administrator_, *auth_handlers_, &AuthHandlers::RevokeUser, request);
  }
  // Of this thread, on which the password is computed: a busy machine does not change it.
  static absl::Duration Spent() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return absl::DurationFromTimespec(time);
  }
  absl::Duration TimeOf(const std::string& name, const std::string& password) {
    absl::Duration least = absl::InfiniteDuration();
    for (int i = 0; i < 4; ++i) {
      const absl::Duration start = Spent();
      EXPECT_THAT(TrySignIn(name, password), StatusIs(absl::StatusCode::kUnauthenticated));
      least = std::min(least, Spent() - start);
    }
    return least;
  }

  std::string township_;
  std::string practitioner_;
  std::string user_;
  const rpc::Caller administrator_ = PersonOf(testing::NewId());
};

TEST_F(AuthTest, SignInGivesAShortTokenThatNamesThePerson) {
  const auto response = TrySignIn("li.wei", kPassword);
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->expires_at().seconds(), absl::ToUnixSeconds(clock_.Now()) + 900);
  EXPECT_EQ(response->caller().organization_name(), "青山镇卫生院");
  EXPECT_EQ(response->caller().display_name(), "李伟");
  EXPECT_THAT(response->caller().roles(), ElementsAre(policy::v1::ROLE_CLINIC_DOCTOR));

  const auto verifier = crypto::JwtVerifier::Open({.public_keys_folder = folder_ + "/public",
                                                   .issuer = "yilian.directory",
                                                   .audience = "yilian"},
                                                  clock_);
  ASSERT_THAT(verifier, IsOk());
  const auto claims = (*verifier)->Verify(response->access_token());
  ASSERT_THAT(claims, IsOk());
  EXPECT_EQ(claims->user_id.ToString(), user_);
  EXPECT_EQ(claims->organization_id.ToString(), township_);
  EXPECT_EQ(claims->practitioner_id.ToString(), practitioner_);
  EXPECT_THAT(claims->roles, ElementsAre("ROLE_CLINIC_DOCTOR"));
}

TEST_F(AuthTest, OneAnswerForAWrongNameAWrongPasswordAndADisabledAccount) {
  const absl::Status wrong_password = TrySignIn("li.wei", "wrong").status();
  EXPECT_THAT(wrong_password, StatusIs(absl::StatusCode::kUnauthenticated, "SIGN_IN_FAILED"));
  EXPECT_EQ(TrySignIn("nobody", kPassword).status(), wrong_password);
  EXPECT_EQ(TrySignIn("李 伟", kPassword).status(), wrong_password);
  ASSERT_THAT(Revoke(user_, true), IsOk());
  EXPECT_EQ(TrySignIn("li.wei", kPassword).status(), wrong_password);
}

TEST_F(AuthTest, AnUnknownNameTakesAsLongAsAWrongPassword) {
  const absl::Duration known = TimeOf("li.wei", "wrong");
  const absl::Duration unknown = TimeOf("nobody", "wrong");
  EXPECT_GT(unknown, known / 2);
  EXPECT_LT(unknown, known * 2);
}

TEST_F(AuthTest, AfterFiveFailuresANameWaitsWhetherOrNotItExists) {
  for (const std::string name : {"li.wei", "nobody"}) {
    for (int i = 0; i < 5; ++i) {
      EXPECT_THAT(TrySignIn(name, "wrong"), StatusIs(absl::StatusCode::kUnauthenticated));
    }
    const absl::Status status = TrySignIn(name, kPassword).status();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted, "SIGN_IN_THROTTLED"));
    ASSERT_TRUE(status::RetryOf(status).has_value());
    EXPECT_EQ(status::RetryOf(status)->retry_delay().seconds(), 5);
  }
  clock_.Advance(absl::Seconds(5));
  EXPECT_THAT(TrySignIn("li.wei", "wrong"), StatusIs(absl::StatusCode::kUnauthenticated));
  clock_.Advance(absl::Seconds(9));
  EXPECT_THAT(TrySignIn("li.wei", kPassword), StatusIs(absl::StatusCode::kResourceExhausted))
      << "the delay has doubled";
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(TrySignIn("li.wei", kPassword), IsOk());
  // A success forgets the failures.
  EXPECT_THAT(TrySignIn("li.wei", "wrong"), StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(TrySignIn("li.wei", kPassword), IsOk());
}

TEST_F(AuthTest, CountsOfFailuresAreForgottenAndWhatWasTypedIsNotStored) {
  ASSERT_THAT(TrySignIn("my secret password", "x"), StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_EQ(Count("SELECT COUNT(name_hash) FROM sign_in_throttle"), 2) << "the name, the source";
  EXPECT_EQ(
      Count("SELECT COUNT(name_hash) FROM sign_in_throttle WHERE LOCATE('secret', name_hash)"), 0);
  ThrottlePruner pruner(*accounts_, clock_, ThrottleRules());
  EXPECT_EQ(*pruner.RunOnce(), 0);
  clock_.Advance(absl::Hours(25));
  EXPECT_EQ(*pruner.RunOnce(), 2);
}

TEST_F(AuthTest, RevocationRefusesOldTokensEverywhereAndOnce) {
  const std::string request_id = testing::NewId();
  const auto first = Revoke(user_, false, request_id);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->not_before().seconds(), absl::ToUnixSeconds(clock_.Now()));
  EXPECT_THAT(EventTypes(), Contains("UserRevoked").Times(1));
  EXPECT_EQ(Count("SELECT COUNT(user_id) FROM user_revocation WHERE user_id = ? AND not_before = ?",
                  {*base::Uuid::Parse(user_), clock_.Now()}),
            1)
      << "the directory refuses them itself";
  EXPECT_EQ(Count("SELECT COUNT(audit_id) FROM audit_entry WHERE subject_type = 'user' AND "
                  "subject_id = ? AND method LIKE '%RevokeUser%'",
                  {*base::Uuid::Parse(user_)}),
            1);
  clock_.Advance(absl::Minutes(1));
  const auto again = Revoke(user_, false, request_id);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  EXPECT_THAT(TrySignIn("li.wei", kPassword), IsOk()) << "not disabled: a new token is given";
  EXPECT_THAT(EventTypes(), Contains("AccountClosed").Times(0));
  EXPECT_THAT(Revoke(testing::NewId(), true), StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
}

TEST_F(AuthTest, GetCallerTellsWhoTheTokenStandsFor) {
  rpc::Caller caller = PersonOf(township_);
  caller.user_id = *base::Uuid::Parse(user_);
  const auto identity =
      As(caller, *auth_handlers_, &AuthHandlers::GetCaller, v1::GetCallerRequest());
  ASSERT_THAT(identity, IsOk());
  EXPECT_EQ(identity->user_id(), user_);
  EXPECT_EQ(identity->practitioner_id(), practitioner_);
}

}  // namespace
}  // namespace yilian::directory
