#include "services/directory/rpc/account_handlers.h"

#include <gmock/gmock.h>

#include "common/crypto/totp.h"
#include "services/directory/testing/directory_fixture.h"

namespace yilian::directory {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kPassword[] = "correct horse battery";
constexpr char kOther[] = "a pond with seven frogs";
const absl::StatusCode kUnauthenticated = absl::StatusCode::kUnauthenticated;
const absl::StatusCode kDenied = absl::StatusCode::kPermissionDenied;
const absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
const absl::StatusCode kPrecondition = absl::StatusCode::kFailedPrecondition;

class AccountTest : public testing::DirectoryFixture {
 protected:
  void SetUp() override {
    DirectoryFixture::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    township_ = MakeOrganization("青山镇卫生院");
    hospital_ = MakeOrganization("市第一医院");
    doctor_ = MakeUser("li.wei", policy::v1::ROLE_CLINIC_DOCTOR);
    auditor_ = MakeUser("auditor", policy::v1::ROLE_AUDITOR);
  }
  std::string MakeUser(const std::string& name, policy::v1::Role role) {
    v1::CreateUserRequest request;
    request.set_request_id(testing::NewId());
    request.set_user_name(name);
    request.set_password(kPassword);
    request.set_organization_id(township_);
    request.set_display_name("李伟");
    request.add_roles(role);
    auto made = As(Ctl(), *organization_handlers_, &OrganizationHandlers::CreateUser, request);
    EXPECT_THAT(made, IsOk());
    return made->user_id();
  }
  absl::StatusOr<v1::SignInResponse> TrySignIn(const std::string& name, const std::string& password,
                                               const std::string& code = "",
                                               const std::string& organization = "") {
    v1::SignInRequest request;
    request.set_user_name(name);
    request.set_password(password);
    request.set_second_factor_code(code);
    request.set_organization_id(organization);
    return As(desk_, *auth_handlers_, &AuthHandlers::SignInPerson, request);
  }
  absl::StatusOr<v1::EnrolSecondFactorResponse> Enrol(const std::string& name,
                                                      const std::string& code = "",
                                                      const std::string& id = testing::NewId()) {
    v1::EnrolSecondFactorRequest request;
    request.set_request_id(id);
    request.set_user_name(name);
    request.set_password(kPassword);
    request.set_second_factor_code(code);
    return As(desk_, *own_account_handlers_, &OwnAccountHandlers::EnrolSecondFactor, request);
  }
  absl::StatusOr<v1::ConfirmSecondFactorResponse> Confirm(
      const std::string& name, const std::string& code, const std::string& id = testing::NewId()) {
    v1::ConfirmSecondFactorRequest request;
    request.set_request_id(id);
    request.set_user_name(name);
    request.set_password(kPassword);
    request.set_second_factor_code(code);
    return As(desk_, *own_account_handlers_, &OwnAccountHandlers::ConfirmSecondFactor, request);
  }
  absl::StatusOr<v1::ChangePasswordResponse> Change(const std::string& name,
                                                    const std::string& from, const std::string& to,
                                                    const std::string& code = "",
                                                    const std::string& id = testing::NewId()) {
    v1::ChangePasswordRequest request;
    request.set_request_id(id);
    request.set_user_name(name);
    request.set_current_password(from);
    request.set_new_password(to);
    request.set_second_factor_code(code);
    return As(desk_, *own_account_handlers_, &OwnAccountHandlers::ChangePassword, request);
  }
  std::string CodeOf(const std::string& secret, absl::Duration ahead = absl::ZeroDuration()) {
    return crypto::TotpCode(*crypto::FromBase32(secret), crypto::TotpStepOf(clock_.Now() + ahead));
  }
  // Enrols and confirms; the clock moves on by a step.
  std::string MakeFactor(const std::string& name) {
    const auto enrolled = Enrol(name);
    EXPECT_THAT(enrolled, IsOk());
    const auto confirmed = Confirm(name, CodeOf(enrolled->secret()));
    EXPECT_THAT(confirmed, IsOk());
    recovery_codes_.assign(confirmed->recovery_codes().begin(), confirmed->recovery_codes().end());
    clock_.Advance(absl::Seconds(30));
    return enrolled->secret();
  }
  template <typename Request, typename Response>
  absl::StatusOr<Response> BySecurity(
      absl::StatusOr<Response> (AccountHandlers::*method)(const rpc::Call&, const Request&),
      Request request) {
    if constexpr (!std::is_same_v<Request, v1::GetUserRequest>) {
      request.set_request_id(testing::NewId());
    }
    return As(security_, *account_handlers_, method, request);
  }
  absl::StatusOr<v1::Account> Administer(absl::StatusOr<v1::Account> (AccountHandlers::*method)(
                                             const rpc::Call&, const v1::AdministerUserRequest&),
                                         const std::string& user) {
    v1::AdministerUserRequest request;
    request.set_user_id(user);
    request.set_reason("lost telephone");
    return BySecurity(method, request);
  }
  v1::Account Show(const std::string& user) {
    v1::GetUserRequest request;
    request.set_user_id(user);
    auto shown = BySecurity(&AccountHandlers::GetUser, request);
    EXPECT_THAT(shown, IsOk());
    return *shown;
  }
  absl::StatusOr<v1::Affiliation> Affiliate(const std::string& user, policy::v1::Role role,
                                            const std::string& organization) {
    v1::AddAffiliationRequest request;
    request.set_user_id(user);
    request.set_organization_id(organization);
    request.add_roles(role);
    return BySecurity(&AccountHandlers::AddAffiliation, request);
  }

  std::string township_;
  std::string hospital_;
  std::string doctor_;
  std::string auditor_;
  std::vector<std::string> recovery_codes_;
  const rpc::Caller desk_{.peer = "spiffe://yilian.test/client/desk"};
  const rpc::Caller security_ = PersonOf(testing::NewId());
};

TEST_F(AccountTest, AnAdministratorSignsInWithASecondFactorOnly) {
  EXPECT_THAT(TrySignIn("auditor", kPassword), StatusIs(kPrecondition, "SECOND_FACTOR_MISSING"));
  const auto enrolled = Enrol("auditor");
  ASSERT_THAT(enrolled, IsOk());
  EXPECT_THAT(enrolled->otpauth_uri(), HasSubstr("otpauth://totp/Yilian%20test.region:auditor"));
  EXPECT_THAT(enrolled->otpauth_uri(), HasSubstr(enrolled->secret()));
  EXPECT_THAT(TrySignIn("auditor", kPassword, CodeOf(enrolled->secret())),
              StatusIs(kPrecondition, "SECOND_FACTOR_MISSING"))
      << "not confirmed yet";
  ASSERT_THAT(Confirm("auditor", CodeOf(enrolled->secret())), IsOk());
  EXPECT_THAT(TrySignIn("auditor", kPassword), StatusIs(kUnauthenticated, "SECOND_FACTOR_WRONG"));
  EXPECT_THAT(TrySignIn("auditor", kPassword, CodeOf(enrolled->secret())),
              StatusIs(kUnauthenticated, "SECOND_FACTOR_WRONG"))
      << "the confirmation used this code";
  const std::string next = CodeOf(enrolled->secret(), absl::Seconds(30));
  EXPECT_THAT(TrySignIn("auditor", kPassword, next), IsOk());
  EXPECT_THAT(TrySignIn("auditor", kPassword, next),
              StatusIs(kUnauthenticated, "SECOND_FACTOR_WRONG"))
      << "each code once";
  EXPECT_EQ(Count("SELECT COUNT(user_id) FROM second_factor WHERE LOCATE(?, secret_cipher) > 0",
                  {mysql::Blob{*crypto::FromBase32(enrolled->secret())}}),
            0)
      << "encrypted at rest";
}

TEST_F(AccountTest, WrongCodesAreCountedLikeWrongPasswords) {
  MakeFactor("li.wei");
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(TrySignIn("li.wei", kPassword, "000000"),
                StatusIs(kUnauthenticated, "SECOND_FACTOR_WRONG"));
  }
  EXPECT_THAT(TrySignIn("li.wei", kPassword, "000000"),
              StatusIs(absl::StatusCode::kResourceExhausted, "SIGN_IN_THROTTLED"));
}

TEST_F(AccountTest, ARecoveryCodeReplacesTheAuthenticatorOnce) {
  MakeFactor("auditor");
  ASSERT_EQ(recovery_codes_.size(), 10);
  EXPECT_THAT(TrySignIn("auditor", kPassword, recovery_codes_[4]), IsOk());
  EXPECT_THAT(TrySignIn("auditor", kPassword, recovery_codes_[4]),
              StatusIs(kUnauthenticated, "SECOND_FACTOR_WRONG"));
  EXPECT_EQ(Show(auditor_).recovery_codes_left(), 9);
}

TEST_F(AccountTest, EnrollingAgainNeedsThePresentFactor) {
  const std::string secret = MakeFactor("auditor");
  EXPECT_THAT(Enrol("auditor"), StatusIs(kUnauthenticated, "SECOND_FACTOR_WRONG"))
      << "the password alone does not replace it";
  const auto enrolled = Enrol("auditor", CodeOf(secret));
  ASSERT_THAT(enrolled, IsOk());
  EXPECT_NE(enrolled->secret(), secret);
  EXPECT_THAT(TrySignIn("auditor", kPassword, CodeOf(secret, absl::Seconds(30))), IsOk())
      << "the old one counts until the new one is confirmed";
  clock_.Advance(absl::Seconds(60));
  ASSERT_THAT(Confirm("auditor", CodeOf(enrolled->secret())), IsOk());
  clock_.Advance(absl::Seconds(30));
  EXPECT_THAT(TrySignIn("auditor", kPassword, CodeOf(secret)),
              StatusIs(kUnauthenticated, "SECOND_FACTOR_WRONG"));
  EXPECT_THAT(TrySignIn("auditor", kPassword, CodeOf(enrolled->secret())), IsOk());
}

TEST_F(AccountTest, ARepeatedEnrolmentOrConfirmationShowsTheSameAndTheLedgerKeepsNoSecret) {
  const std::string id = testing::NewId();
  const auto first = Enrol("auditor", "", id);
  const auto again = Enrol("auditor", "", id);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->secret(), first->secret());
  const std::string confirm_id = testing::NewId();
  const std::string code = CodeOf(first->secret());
  const auto confirmed = Confirm("auditor", code, confirm_id);
  const auto confirmed_again = Confirm("auditor", code, confirm_id);
  ASSERT_THAT(confirmed, IsOk());
  ASSERT_THAT(confirmed_again, IsOk());
  EXPECT_EQ(confirmed_again->SerializeAsString(), confirmed->SerializeAsString());
  EXPECT_EQ(Count("SELECT COUNT(request_id) FROM idempotency_ledger "
                  "WHERE LENGTH(response) > 0 AND method LIKE '%SecondFactor%'"),
            0);
}

TEST_F(AccountTest, AnEnrolmentThatIsNotConfirmedInTimeIsForgotten) {
  const auto enrolled = Enrol("auditor");
  ASSERT_THAT(enrolled, IsOk());
  clock_.Advance(absl::Minutes(15));
  EXPECT_THAT(Confirm("auditor", CodeOf(enrolled->secret())),
              StatusIs(kPrecondition, "SECOND_FACTOR_MISSING"));
}

TEST_F(AccountTest, AnotherSecurityAdministratorTakesALostFactorAway) {
  MakeFactor("auditor");
  rpc::Caller oneself = security_;
  oneself.user_id = *base::Uuid::Parse(auditor_);
  v1::AdministerUserRequest request;
  request.set_request_id(testing::NewId());
  request.set_user_id(auditor_);
  request.set_reason("lost telephone");
  EXPECT_THAT(As(oneself, *account_handlers_, &AccountHandlers::ResetSecondFactor, request),
              StatusIs(kDenied, "OWN_ACCOUNT"));
  EXPECT_TRUE(Show(auditor_).has_second_factor());
  const auto reset = Administer(&AccountHandlers::ResetSecondFactor, auditor_);
  ASSERT_THAT(reset, IsOk());
  EXPECT_FALSE(reset->has_second_factor());
  EXPECT_THAT(EventTypes(), Contains("UserRevoked"));
  EXPECT_THAT(TrySignIn("auditor", kPassword), StatusIs(kPrecondition, "SECOND_FACTOR_MISSING"));
}

TEST_F(AccountTest, APersonChangesTheirPasswordAndEveryTokenEnds) {
  EXPECT_THAT(Change("li.wei", "wrong wrong wrong", kOther),
              StatusIs(kUnauthenticated, "SIGN_IN_FAILED"));
  EXPECT_THAT(Change("li.wei", kPassword, "password1234"), StatusIs(kInvalid, "PASSWORD_WEAK"));
  EXPECT_THAT(Change("li.wei", kPassword, kPassword), StatusIs(kInvalid, "PASSWORD_WEAK"));
  EXPECT_THAT(Change("li.wei", kPassword, "li.wei sits by the pond"),
              StatusIs(kInvalid, "PASSWORD_WEAK"));
  const std::string id = testing::NewId();
  const auto changed = Change("li.wei", kPassword, kOther, "", id);
  ASSERT_THAT(changed, IsOk());
  const auto again = Change("li.wei", kPassword, kOther, "", id);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->SerializeAsString(), changed->SerializeAsString());
  EXPECT_THAT(EventTypes(), Contains("UserRevoked").Times(1));
  EXPECT_THAT(TrySignIn("li.wei", kPassword), StatusIs(kUnauthenticated, "SIGN_IN_FAILED"));
  const auto signed_in = TrySignIn("li.wei", kOther);
  ASSERT_THAT(signed_in, IsOk());
  EXPECT_EQ(Count("SELECT COUNT(user_id) FROM user_revocation WHERE user_id = ?",
                  {*base::Uuid::Parse(doctor_)}),
            1);
}

TEST_F(AccountTest, ATokenThatIsGivenInTheSecondOfARevocationIsNotMetByIt) {
  clock_.Advance(absl::Milliseconds(400));
  ASSERT_THAT(Change("li.wei", kPassword, kOther), IsOk());
  clock_.Advance(absl::Milliseconds(100));
  const auto signed_in = TrySignIn("li.wei", kOther);
  ASSERT_THAT(signed_in, IsOk());
  const auto verifier = crypto::JwtVerifier::Open({.public_keys_folder = folder_ + "/public",
                                                   .issuer = "yilian.directory",
                                                   .audience = "yilian"},
                                                  clock_);
  const auto claims = (*verifier)->Verify(signed_in->access_token());
  ASSERT_THAT(claims, IsOk());
  EXPECT_EQ(Count("SELECT COUNT(user_id) FROM user_revocation WHERE user_id = ? "
                  "AND not_before > ?",
                  {*base::Uuid::Parse(doctor_), claims->issued_at}),
            0);
}

TEST_F(AccountTest, APasswordThatAnAdministratorSetIsChangedBeforeAnythingElse) {
  v1::ResetPasswordRequest request;
  request.set_user_id(doctor_);
  request.set_password("123456789012");
  request.set_reason("forgotten");
  EXPECT_THAT(BySecurity(&AccountHandlers::ResetPassword, request),
              StatusIs(kInvalid, "PASSWORD_WEAK"));
  request.set_password(kOther);
  const auto reset = BySecurity(&AccountHandlers::ResetPassword, request);
  ASSERT_THAT(reset, IsOk());
  EXPECT_TRUE(reset->password_must_change());
  EXPECT_THAT(TrySignIn("li.wei", kOther), StatusIs(kPrecondition, "PASSWORD_MUST_CHANGE"));
  ASSERT_THAT(Change("li.wei", kOther, "three geese on a roof"), IsOk());
  EXPECT_THAT(TrySignIn("li.wei", "three geese on a roof"), IsOk());
}

TEST_F(AccountTest, SigningOutEndsOnesOwnTokens) {
  rpc::Caller doctor = PersonOf(township_);
  doctor.user_id = *base::Uuid::Parse(doctor_);
  v1::SignOutRequest request;
  request.set_request_id(testing::NewId());
  ASSERT_THAT(As(doctor, *own_account_handlers_, &OwnAccountHandlers::SignOut, request), IsOk());
  EXPECT_THAT(EventTypes(), Contains("UserRevoked"));
  EXPECT_THAT(TrySignIn("li.wei", kPassword), IsOk());
}

TEST_F(AccountTest, APersonActsForOneOrganizationATokenAndSwitchesByANewSignIn) {
  const auto added = Affiliate(doctor_, policy::v1::ROLE_EXPERT, hospital_);
  ASSERT_THAT(added, IsOk());
  EXPECT_EQ(added->organization_name(), "市第一医院");
  const auto first = TrySignIn("li.wei", kPassword);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->caller().organization_id(), township_);
  EXPECT_EQ(first->affiliations_size(), 2);
  const auto switched = TrySignIn("li.wei", kPassword, "", hospital_);
  ASSERT_THAT(switched, IsOk());
  EXPECT_EQ(switched->caller().organization_id(), hospital_);
  EXPECT_EQ(switched->caller().organization_name(), "市第一医院");
  EXPECT_THAT(switched->caller().roles(), ElementsAre(policy::v1::ROLE_EXPERT));
  EXPECT_THAT(TrySignIn("li.wei", kPassword, "", MakeOrganization("白云镇卫生院")),
              StatusIs(kDenied, "NO_AFFILIATION"));
}

TEST_F(AccountTest, AnAffiliationEndsAndATokenDoesNotOutliveIt) {
  const auto added = Affiliate(doctor_, policy::v1::ROLE_EXPERT, hospital_);
  ASSERT_THAT(added, IsOk());
  v1::EndAffiliationRequest end;
  end.set_user_id(doctor_);
  end.set_affiliation_id(added->affiliation_id());
  end.mutable_ends_at()->set_seconds(absl::ToUnixSeconds(clock_.Now()) + 120);
  ASSERT_THAT(BySecurity(&AccountHandlers::EndAffiliation, end), IsOk());
  EXPECT_THAT(EventTypes(), Contains("AffiliationEndSet").Times(1));
  const auto token = TrySignIn("li.wei", kPassword, "", hospital_);
  ASSERT_THAT(token, IsOk());
  EXPECT_EQ(token->expires_at().seconds(), end.ends_at().seconds());
  end.clear_ends_at();
  ASSERT_THAT(BySecurity(&AccountHandlers::EndAffiliation, end), IsOk());
  EXPECT_THAT(TrySignIn("li.wei", kPassword, "", hospital_), StatusIs(kDenied, "NO_AFFILIATION"));
  EXPECT_THAT(TrySignIn("li.wei", kPassword), IsOk()) << "the other one goes on";
  EXPECT_EQ(Show(doctor_).affiliations_size(), 2) << "what was stays on record";
  end.set_user_id(auditor_);
  EXPECT_THAT(BySecurity(&AccountHandlers::EndAffiliation, end),
              StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
}

TEST_F(AccountTest, TheThreeAdministratorRolesAreNotGivenToOnePerson) {
  EXPECT_THAT(Affiliate(auditor_, policy::v1::ROLE_SECURITY_ADMINISTRATOR, hospital_),
              StatusIs(kInvalid, "FIELD_INVALID"));
  EXPECT_THAT(Affiliate(auditor_, policy::v1::ROLE_CLINIC_DOCTOR, hospital_),
              StatusIs(kInvalid, "FIELD_INVALID"));
  EXPECT_THAT(Affiliate(doctor_, policy::v1::ROLE_AUDITOR, hospital_),
              StatusIs(kInvalid, "FIELD_INVALID"));
}

TEST_F(AccountTest, AnAccountOfAnEarlierReleaseIsAffiliatedAsItSays) {
  ASSERT_EQ(Count("SELECT COUNT(user_id) FROM user_affiliation WHERE user_id = ?",
                  {*base::Uuid::Parse(doctor_)}),
            1);
  EXPECT_THAT(
      mysql::RunTransaction(
          *pool_, {.name = "test", .deadline = absl::Now() + absl::Seconds(10)},
          [&](mysql::Session& session) {
            return session.Execute({"test.Forget", "DELETE FROM user_affiliation"}).status();
          }),
      IsOk());
  EXPECT_THAT(TrySignIn("li.wei", kPassword), IsOk());
  ASSERT_THAT(Affiliate(doctor_, policy::v1::ROLE_EXPERT, hospital_), IsOk());
  EXPECT_EQ(Show(doctor_).affiliations_size(), 2);
  v1::EndAffiliationRequest end;
  end.set_user_id(doctor_);
  end.set_affiliation_id(doctor_);
  ASSERT_THAT(BySecurity(&AccountHandlers::EndAffiliation, end), IsOk());
  EXPECT_EQ(TrySignIn("li.wei", kPassword)->caller().organization_id(), hospital_);
}

TEST_F(AccountTest, ASecurityAdministratorUnlocksANameAndASource) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(TrySignIn("li.wei", "wrong"), StatusIs(kUnauthenticated));
  }
  EXPECT_THAT(TrySignIn("li.wei", kPassword), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_TRUE(Show(doctor_).has_blocked_until());
  v1::UnlockSignInRequest unlock;
  EXPECT_THAT(BySecurity(&AccountHandlers::UnlockSignIn, unlock),
              StatusIs(kInvalid, "FIELD_INVALID"));
  unlock.set_user_id(doctor_);
  ASSERT_THAT(BySecurity(&AccountHandlers::UnlockSignIn, unlock), IsOk());
  EXPECT_THAT(TrySignIn("li.wei", kPassword), IsOk());
}

TEST_F(AccountTest, ASourceThatTriesManyNamesWaitsWhateverTheName) {
  for (int i = 0; i < 100; ++i) {
    ASSERT_THAT(accounts_->CountFailure(kSourceRules, SourceKey(desk_.peer), clock_.Now(),
                                        absl::Now() + absl::Seconds(10)),
                IsOk());
  }
  EXPECT_THAT(TrySignIn("li.wei", kPassword),
              StatusIs(absl::StatusCode::kResourceExhausted, "SIGN_IN_THROTTLED"));
  v1::UnlockSignInRequest unlock;
  unlock.set_source(desk_.peer);
  ASSERT_THAT(BySecurity(&AccountHandlers::UnlockSignIn, unlock), IsOk());
  EXPECT_THAT(TrySignIn("li.wei", kPassword), IsOk());
}

TEST_F(AccountTest, ADisabledAccountIsEnabledAgain) {
  v1::RevokeUserRequest revoke;
  revoke.set_request_id(testing::NewId());
  revoke.set_user_id(doctor_);
  revoke.set_reason("on leave");
  revoke.set_disable(true);
  ASSERT_THAT(As(security_, *auth_handlers_, &AuthHandlers::RevokeUser, revoke), IsOk());
  EXPECT_THAT(EventTypes(), Contains("AccountClosed").Times(1));
  EXPECT_THAT(TrySignIn("li.wei", kPassword), StatusIs(kUnauthenticated, "SIGN_IN_FAILED"));
  const auto enabled = Administer(&AccountHandlers::EnableUser, doctor_);
  ASSERT_THAT(enabled, IsOk());
  EXPECT_FALSE(enabled->disabled());
  EXPECT_THAT(TrySignIn("li.wei", kPassword), IsOk());
}

TEST_F(AccountTest, AnAccountIsFoundByItsNameToo) {
  v1::GetUserRequest request;
  request.set_user_name("li.wei");
  const auto found = BySecurity(&AccountHandlers::GetUser, request);
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->user_id(), doctor_);
  EXPECT_EQ(reads_.size(), 1) << "audited";
  request.set_user_name("nobody");
  EXPECT_THAT(BySecurity(&AccountHandlers::GetUser, request),
              StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
  request.set_user_id(doctor_);
  EXPECT_THAT(BySecurity(&AccountHandlers::GetUser, request), StatusIs(kInvalid, "FIELD_INVALID"));
}

}  // namespace
}  // namespace yilian::directory
