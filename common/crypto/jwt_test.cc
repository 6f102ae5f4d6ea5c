#include "common/crypto/jwt.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/time/clock.h"
#include "common/crypto/hash.h"
#include "common/crypto/test_folder.h"
#include "common/status/matchers.h"

namespace yilian::crypto {
namespace {

using absl::StatusCode;
using status::IsOk;
using status::StatusIs;
using ::testing::ElementsAre;
using ::testing::Not;

constexpr int64_t kStart = 1'795'000'000;

// The public key of RFC 7515, appendix A.3.1, as PEM.
std::string PemOfRfc7515() {
  const std::string der = *FromHex("3059301306072a8648ce3d020106082a8648ce3d03010703420004") +
                          *FromBase64Url("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU") +
                          *FromBase64Url("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
  return fmt::format("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
                     absl::Base64Escape({der.data(), der.size()}));
}

class JwtTest : public ::testing::Test {
 protected:
  JwtTest() {
    std::filesystem::create_directories(folder_ + "/public");
    AddKey("2026-11");
    signer_ = *OpenSigner("2026-11", "yilian");
    verifier_ = *JwtVerifier::Open(VerifierOptions(), clock_);
  }

  void AddKey(const std::string& kid) {
    EXPECT_THAT(CreateSigningKey(PrivateFile(kid), PublicFile(kid)), IsOk());
  }
  std::string PrivateFile(const std::string& kid) const { return folder_ + "/" + kid + ".key.pem"; }
  std::string PublicFile(const std::string& kid) const {
    return folder_ + "/public/" + kid + ".pem";
  }

  absl::StatusOr<std::unique_ptr<JwtSigner>> OpenSigner(const std::string& kid,
                                                        const std::string& audience) {
    return JwtSigner::Open({.private_key_file = PrivateFile(kid),
                            .kid = kid,
                            .issuer = "yilian.directory",
                            .audience = audience,
                            .lifetime = absl::Minutes(15)},
                           clock_);
  }
  JwtVerifier::Options VerifierOptions() const {
    return {.public_keys_folder = folder_ + "/public",
            .issuer = "yilian.directory",
            .audience = "yilian",
            .reload_interval = absl::ZeroDuration()};
  }

  // A token of any header and payload, signed by the good key.
  std::string Token(const std::string& header, const std::string& payload) const {
    std::ifstream file(PrivateFile("2026-11"));
    const std::string pem{std::istreambuf_iterator<char>(file), {}};
    const std::string text = Base64Url(header) + "." + Base64Url(payload);
    return text + "." + Base64Url(*Es256PrivateKey::FromPem(pem)->Sign(text));
  }
  std::string Payload(const std::string& from = "", const std::string& to = "") const {
    std::string payload = fmt::format(
        R"({{"iss":"yilian.directory","aud":"yilian","sub":"{0}","organization_id":"{0}","roles":["ROLE_EXPERT"],)"
        R"("jti":"{0}","iat":{1},"exp":{2}}})",
        base::Uuid::V7().ToString(), kStart, kStart + 900);
    if (!from.empty()) payload.replace(payload.find(from), from.size(), to);
    return payload;
  }

  const std::string folder_ = FreshFolder();
  const std::string header_ = R"({"alg":"ES256","kid":"2026-11","typ":"JWT"})";
  base::FakeClock clock_{absl::FromUnixSeconds(kStart)};
  const TokenClaims claims_{.user_id = base::Uuid::V7(),
                            .practitioner_id = base::Uuid::V7(),
                            .organization_id = base::Uuid::V7(),
                            .roles = {"ROLE_CLINIC_DOCTOR", "ROLE_FAMILY_DOCTOR"}};
  std::unique_ptr<JwtSigner> signer_;
  std::unique_ptr<JwtVerifier> verifier_;
};

TEST_F(JwtTest, SaysWhoThePersonIs) {
  const auto made = signer_->Sign(claims_);
  ASSERT_THAT(made, IsOk());
  const auto seen = verifier_->Verify(made->token);
  ASSERT_THAT(seen, IsOk());
  EXPECT_EQ(seen->user_id, claims_.user_id);
  EXPECT_EQ(seen->practitioner_id, claims_.practitioner_id);
  EXPECT_EQ(seen->organization_id, claims_.organization_id);
  EXPECT_THAT(seen->roles, ElementsAre("ROLE_CLINIC_DOCTOR", "ROLE_FAMILY_DOCTOR"));
  EXPECT_EQ(seen->token_id, made->claims.token_id);
  EXPECT_EQ(seen->issued_at, absl::FromUnixSeconds(kStart));
  EXPECT_EQ(seen->expires_at, absl::FromUnixSeconds(kStart + 900));
}

TEST_F(JwtTest, AcceptsAnAccountWithoutPractitionerOrRoles) {
  const auto made =
      signer_->Sign({.user_id = base::Uuid::V7(), .organization_id = base::Uuid::V7()});
  const auto seen = verifier_->Verify(made->token);
  ASSERT_THAT(seen, IsOk());
  EXPECT_TRUE(seen->practitioner_id.is_nil());
  EXPECT_TRUE(seen->roles.empty());
}

TEST_F(JwtTest, ExpiresToTheSecond) {
  const std::string token = signer_->Sign(claims_)->token;
  EXPECT_THAT(verifier_->Verify(token), IsOk());
  clock_.Advance(absl::Minutes(15) - absl::Microseconds(1));
  EXPECT_THAT(verifier_->Verify(token), IsOk());
  clock_.Advance(absl::Microseconds(1));
  EXPECT_THAT(verifier_->Verify(token), StatusIs(StatusCode::kUnauthenticated, "TOKEN_EXPIRED"));
}

TEST_F(JwtTest, RefusesATokenFromTheFuture) {
  const std::string token = signer_->Sign(claims_)->token;
  clock_.Advance(-absl::Seconds(30));
  EXPECT_THAT(verifier_->Verify(token), IsOk()) << "clocks differ a little";
  clock_.Advance(-absl::Seconds(1));
  EXPECT_THAT(verifier_->Verify(token), StatusIs(StatusCode::kUnauthenticated, "TOKEN_INVALID"));
}

TEST_F(JwtTest, RefusesAnyChangedCharacter) {
  const std::string token = signer_->Sign(claims_)->token;
  ASSERT_THAT(verifier_->Verify(token), IsOk());
  for (size_t i = 0; i < token.size(); ++i) {
    for (const char c : {'A', 'B', '_', '.', '=', '\0', '\x80'}) {
      if (token[i] == c) continue;
      std::string changed = token;
      changed[i] = c;
      EXPECT_THAT(verifier_->Verify(changed),
                  StatusIs(StatusCode::kUnauthenticated, "TOKEN_INVALID"))
          << i;
    }
    EXPECT_THAT(verifier_->Verify(token.substr(0, i)), Not(IsOk())) << i;
  }
  for (const std::string& bad :
       {token + "A", token + ".", token + ".A", "." + token, " " + token, token + "\n"}) {
    EXPECT_THAT(verifier_->Verify(bad), StatusIs(StatusCode::kUnauthenticated, "TOKEN_INVALID"));
  }
}

TEST_F(JwtTest, KnowsOneAlgorithmOnly) {
  const std::string payload = Payload();
  ASSERT_THAT(verifier_->Verify(Token(header_, payload)), IsOk())
      << "the others differ from this one";
  std::ifstream file(PublicFile("2026-11"));
  const std::string public_pem{std::istreambuf_iterator<char>(file), {}};
  const std::string hs256 =
      Base64Url(R"({"alg":"HS256","kid":"2026-11","typ":"JWT"})") + "." + Base64Url(payload);
  EXPECT_THAT(verifier_->Verify(hs256 + "." + Base64Url(HmacSha256(public_pem, hs256))),
              Not(IsOk()))
      << "the public key taken for a shared secret";
  for (const char* alg :
       {"none", "None", "HS256", "RS256", "ES384", "es256", "ES256K", "EdDSA", ""}) {
    const std::string header = fmt::format(R"({{"alg":"{}","kid":"2026-11"}})", alg);
    EXPECT_THAT(verifier_->Verify(Token(header, payload)), Not(IsOk())) << alg;
    EXPECT_THAT(verifier_->Verify(Base64Url(header) + "." + Base64Url(payload) + "."), Not(IsOk()))
        << alg;
  }
}

TEST_F(JwtTest, RefusesHeadersItDoesNotUnderstand) {
  for (const char* header :
       {R"({"alg":"ES256"})", R"({"kid":"2026-11"})",
        R"({"alg":"ES256","kid":"2026-11","crit":["exp"]})",
        R"({"alg":"ES256","kid":"2026-11","jku":"https://example.com/keys"})",
        R"({"alg":"ES256","kid":"2026-11","jwk":{}})",
        R"({"alg":"ES256","kid":"2026-11","zip":"DEF"})",
        R"({"alg":"ES256","alg":"none","kid":"2026-11"})", R"({"alg":["ES256"],"kid":"2026-11"})",
        R"({"alg":"ES256","kid":"2026-11","typ":"logout+jwt"})",
        R"({"alg":"ES256","kid":"../2026-11"})", R"({"alg":"ES256","kid":"2025-11"})", R"([])",
        R"("")", ""}) {
    EXPECT_THAT(verifier_->Verify(Token(header, Payload())),
                StatusIs(StatusCode::kUnauthenticated, "TOKEN_INVALID"))
        << header;
  }
}

TEST_F(JwtTest, RequiresEveryClaim) {
  for (const char* name : {"\"iss\"", "\"aud\"", "\"sub\"", "\"organization_id\"", "\"roles\"",
                           "\"jti\"", "\"iat\"", "\"exp\""}) {
    EXPECT_THAT(verifier_->Verify(Token(header_, Payload(name, "\"other\""))), Not(IsOk())) << name;
  }
}

TEST_F(JwtTest, ChecksEveryClaim) {
  const std::string exp = fmt::format("\"exp\":{}", kStart + 900);
  const std::pair<std::string, std::string> cases[] = {
      {"yilian.directory", "yilian.director"},
      {"\"aud\":\"yilian\"", "\"aud\":\"yilian.other\""},
      {"\"aud\":\"yilian\"", "\"aud\":[\"a\",\"b\"]"},
      {"\"aud\":\"yilian\"", "\"aud\":[]"},
      {"\"aud\":\"yilian\"", "\"aud\":{\"yilian\":1}"},
      {"\"roles\":[\"ROLE_EXPERT\"]", "\"roles\":\"ROLE_EXPERT\""},
      {"\"roles\":[\"ROLE_EXPERT\"]", "\"roles\":[1]"},
      {exp, fmt::format("\"exp\":\"{}\"", kStart + 900)},
      {exp, fmt::format("\"exp\":{}.5", kStart + 900)},
      {exp, "\"exp\":-1"},
      {exp, "\"exp\":99999999999999999999"},
      {exp, fmt::format("\"exp\":{}", kStart + 86'401)},
      {exp, fmt::format("\"exp\":{}", kStart)},
      {exp, fmt::format("\"nbf\":{},{}", kStart + 1, exp)},
      {exp, "\"practitioner_id\":\"x\"," + exp},
      {exp, exp + "," + exp},
  };
  for (const auto& [from, to] : cases) {
    EXPECT_THAT(verifier_->Verify(Token(header_, Payload(from, to))),
                StatusIs(StatusCode::kUnauthenticated, "TOKEN_INVALID"))
        << to;
  }
  EXPECT_THAT(verifier_->Verify(
                  Token(header_, Payload("\"aud\":\"yilian\"", "\"aud\":[\"x\",\"yilian\"]"))),
              IsOk());
  EXPECT_THAT(verifier_->Verify((*OpenSigner("2026-11", "other"))->Sign(claims_)->token),
              Not(IsOk()));
}

TEST_F(JwtTest, RefusesOversizedTokensUnread) {
  std::string payload = Payload();
  payload.insert(payload.size() - 1, ",\"x\":\"" + std::string(4096, 'x') + "\"");
  EXPECT_THAT(verifier_->Verify(Token(header_, payload)),
              StatusIs(StatusCode::kUnauthenticated, "TOKEN_INVALID"));
  // NOLINTNEXTLINE(bugprone-string-constructor): as long as it says
  EXPECT_THAT(verifier_->Verify(std::string(10'000'000, '.')), Not(IsOk()));
  EXPECT_THAT(verifier_->Verify(""), Not(IsOk()));
}

TEST_F(JwtTest, TakesUpAndDropsKeysAsTheirFolderChanges) {
  const std::string old_token = signer_->Sign(claims_)->token;
  ASSERT_THAT(verifier_->Verify(old_token), IsOk());
  const uint64_t before = verifier_->Generation();
  EXPECT_EQ(verifier_->Generation(), before);
  AddKey("2026-12");
  EXPECT_THAT(verifier_->Verify((*OpenSigner("2026-12", "yilian"))->Sign(claims_)->token), IsOk());
  EXPECT_THAT(verifier_->Verify(old_token), IsOk());
  std::filesystem::remove(PublicFile("2026-11"));
  EXPECT_THAT(verifier_->Verify(old_token),
              StatusIs(StatusCode::kUnauthenticated, "TOKEN_INVALID"));
  EXPECT_GT(verifier_->Generation(), before) << "so that nobody goes by what they remember";
}

TEST_F(JwtTest, KeepsAKeyWhoseFileGoesBadAndSaysSo) {
  std::vector<std::string> faults;
  JwtVerifier::Options options = VerifierOptions();
  options.on_fault = [&](std::string_view fault) { faults.emplace_back(fault); };
  const auto verifier = JwtVerifier::Open(options, clock_);
  const std::string token = signer_->Sign(claims_)->token;
  std::ofstream(PublicFile("2026-11")) << "not a key at all";
  EXPECT_THAT((*verifier)->Verify(token), IsOk());
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_NE(faults[0].find("2026-11.pem"), std::string::npos);
  EXPECT_THAT(JwtVerifier::Open(options, clock_), StatusIs(StatusCode::kFailedPrecondition))
      << "but does not start";
}

TEST_F(JwtTest, RefusesToStartWithoutGoodKeys) {
  JwtVerifier::Options options = VerifierOptions();
  options.public_keys_folder = folder_ + "/nowhere";
  EXPECT_THAT(JwtVerifier::Open(options, clock_), StatusIs(StatusCode::kFailedPrecondition));
  chmod(PrivateFile("2026-11").c_str(), 0644);
  EXPECT_THAT(OpenSigner("2026-11", "yilian"), StatusIs(StatusCode::kFailedPrecondition));
  chmod(PrivateFile("2026-11").c_str(), 0600);
  EXPECT_THAT(OpenSigner("2026-11", "a\"b"), StatusIs(StatusCode::kInvalidArgument));
  EXPECT_THAT(signer_->Sign({}), StatusIs(StatusCode::kInvalidArgument));
}

TEST(Es256, AcceptsThePublishedExample) {
  // RFC 7515, appendix A.3.
  const std::string text =
      "eyJhbGciOiJFUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnV"
      "lfQ";
  const std::string signature = *FromBase64Url(
      "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
  const auto key = Es256PublicKey::FromPem(PemOfRfc7515());
  ASSERT_THAT(key, IsOk());
  EXPECT_TRUE(key->Verify(text, signature));
  EXPECT_FALSE(key->Verify(text + "x", signature));
  EXPECT_FALSE(key->Verify(text, signature.substr(0, 63)));
  EXPECT_FALSE(key->Verify(text, signature + "x"));
  EXPECT_FALSE(key->Verify(text, std::string(64, '\0'))) << "CVE-2022-21449: r = s = 0";
  EXPECT_FALSE(key->Verify(text, std::string(64, '\xff')));
}

TEST(Es256, RefusesOtherKeys) {
  EXPECT_FALSE(Es256PublicKey::FromPem("").ok());
  EXPECT_FALSE(
      Es256PublicKey::FromPem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n").ok());
  // secp256k1 (another curve of the same size), made by: openssl ecparam -name secp256k1 -genkey |
  // openssl ec -pubout
  EXPECT_FALSE(
      Es256PublicKey::FromPem("-----BEGIN PUBLIC KEY-----\n"
                              "MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEM2xyTd70g49Le43erQpcb8RCKL7npcAb\n"
                              "xJ9f6bahXg2eAbD6R7j79c74FddcIFNALgD0Y2XUb1Kfrtw2otjbxw==\n"
                              "-----END PUBLIC KEY-----\n")
          .ok());
  const auto key = Es256PrivateKey::Generate();
  EXPECT_FALSE(Es256PublicKey::FromPem(*key->PrivatePem()).ok());
  EXPECT_FALSE(Es256PrivateKey::FromPem(*key->PublicPem()).ok());
  const auto pair = Es256PublicKey::FromPem(*key->PublicPem());
  EXPECT_TRUE(pair->Verify("m", *key->Sign("m")));
  EXPECT_FALSE(Es256PublicKey::FromPem(PemOfRfc7515())->Verify("m", *key->Sign("m")));
}

}  // namespace
}  // namespace yilian::crypto
