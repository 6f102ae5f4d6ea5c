#include "common/crypto/rotating_signer.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "common/crypto/test_folder.h"
#include "common/status/matchers.h"

namespace yilian::crypto {
namespace {

using status::IsOk;
using status::StatusIs;

class RotatingSignerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder_ + "/private");
    std::filesystem::create_directories(folder_ + "/public");
  }
  std::string Private(const std::string& kid) { return folder_ + "/private/" + kid + ".key"; }
  std::string Public(const std::string& kid) { return folder_ + "/public/" + kid + ".pem"; }
  void MakeKey(const std::string& kid) {
    ASSERT_THAT(CreateSigningKey(Private(kid), Public(kid)), IsOk());
  }
  absl::StatusOr<std::unique_ptr<RotatingSigner>> Open() {
    return RotatingSigner::Open({.private_keys_folder = folder_ + "/private",
                                 .public_keys_folder = folder_ + "/public",
                                 .issuer = "yilian.directory",
                                 .audience = "yilian",
                                 .on_fault = [this](std::string_view) { ++faults_; }},
                                clock_);
  }
  std::string Sign(RotatingSigner& signer) {
    auto signed_token =
        signer.Sign({.user_id = base::Uuid::V7(), .organization_id = base::Uuid::V7()}, {});
    EXPECT_THAT(signed_token, IsOk());
    return signed_token->token;
  }
  static std::string KidOf(RotatingSigner& signer) {
    for (const auto& key : signer.PublicKeys()) {
      if (key.signs) return key.kid;
    }
    return "";
  }
  absl::Status Verify(const std::string& token) {
    auto verifier = JwtVerifier::Open({.public_keys_folder = folder_ + "/public",
                                       .issuer = "yilian.directory",
                                       .audience = "yilian"},
                                      clock_);
    EXPECT_THAT(verifier, IsOk());
    return (*verifier)->Verify(token).status();
  }

  const std::string folder_ = FreshFolder();
  base::FakeClock clock_{absl::FromUnixSeconds(1'790'000'000)};
  int faults_ = 0;
};

TEST_F(RotatingSignerTest, WithoutAKeyItDoesNotOpenAndSaysWhatToDo) {
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kFailedPrecondition));
  MakeKey("2026-01-01");
  std::filesystem::remove(Public("2026-01-01"));
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kFailedPrecondition))
      << "tokens that nobody can check";
}

TEST_F(RotatingSignerTest, ANewKeySignsOnceVerifiersHaveSeenItAndOldTokensStayGood) {
  MakeKey("2026-01-01");
  auto signer = *Open();
  const std::string old_token = Sign(*signer);
  MakeKey("2026-02-01");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(KidOf(*signer), "2026-01-01") << "not before verifiers have seen it";
  clock_.Advance(absl::Seconds(4));
  EXPECT_EQ(KidOf(*signer), "2026-01-01");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(KidOf(*signer), "2026-02-01");
  EXPECT_THAT(Verify(Sign(*signer)), IsOk());
  EXPECT_THAT(Verify(old_token), IsOk());
  clock_.Advance(absl::Minutes(15));
  EXPECT_THAT(Verify(old_token), StatusIs(absl::StatusCode::kUnauthenticated, "TOKEN_EXPIRED"));
}

TEST_F(RotatingSignerTest, AKeyThatIsTakenBackStopsSigningAtOnce) {
  MakeKey("2026-01-01");
  MakeKey("2026-02-01");
  auto signer = *Open();
  ASSERT_EQ(KidOf(*signer), "2026-02-01");
  std::filesystem::remove(Public("2026-02-01"));
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(KidOf(*signer), "2026-01-01");
}

TEST_F(RotatingSignerTest, AKeyWhoseHalvesDoNotBelongTogetherIsPassedOverAndTold) {
  MakeKey("2026-01-01");
  auto signer = *Open();
  MakeKey("2026-02-01");
  std::filesystem::remove(Public("2026-02-01"));
  std::filesystem::copy_file(Public("2026-01-01"), Public("2026-02-01"));
  clock_.Advance(absl::Seconds(1));
  Sign(*signer);
  clock_.Advance(absl::Seconds(6));
  EXPECT_EQ(KidOf(*signer), "2026-01-01");
  EXPECT_GT(faults_, 0);
  EXPECT_THAT(Verify(Sign(*signer)), IsOk());
}

TEST_F(RotatingSignerTest, ATokenMayEndEarlierAndBeginLater) {
  MakeKey("2026-01-01");
  auto signer = *Open();
  const absl::Time now = clock_.Now();
  auto signed_token = signer->Sign(
      {.user_id = base::Uuid::V7(), .organization_id = base::Uuid::V7()},
      {.not_before = now + absl::Milliseconds(300), .not_after = now + absl::Minutes(3)});
  ASSERT_THAT(signed_token, IsOk());
  EXPECT_EQ(signed_token->claims.issued_at, now + absl::Seconds(1));
  EXPECT_EQ(signed_token->claims.expires_at, now + absl::Minutes(3));
}

}  // namespace
}  // namespace yilian::crypto
