#include "common/rpc/identity.h"

#include <gmock/gmock.h>

#include "common/status/matchers.h"

namespace yilian::rpc {
namespace {

using status::IsOk;
using status::StatusIs;
constexpr char kOrganization[] = "0193f2c4-7b1e-7c3a-8a54-00000000c111";

TEST(SpiffeTest, NamesServicesSystemsAndClients) {
  const auto service = ParseSpiffe("spiffe://region/service/referral", "region");
  ASSERT_THAT(service, IsOk());
  EXPECT_EQ(service->service, "referral");
  EXPECT_TRUE(service->is_service());
  const auto system =
      ParseSpiffe(std::string("spiffe://region/org/") + kOrganization + "/system/his", "region");
  ASSERT_THAT(system, IsOk());
  EXPECT_EQ(system->system, "his");
  EXPECT_EQ(system->organization_id.ToString(), kOrganization);
  EXPECT_EQ(system->LedgerName(), system->peer);
  const auto client = ParseSpiffe("spiffe://region/client/desk", "region");
  ASSERT_THAT(client, IsOk());
  EXPECT_FALSE(client->is_service());
  EXPECT_EQ(ParseSpiffe("spiffe://region", "region").status().code(),
            absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(ParseSpiffe("https://region/service/x", "region"),
              StatusIs(absl::StatusCode::kUnauthenticated, "CERTIFICATE_IDENTITY_MISSING"));
}

// Counts how often it is asked.
class CountingVerifier final : public crypto::TokenVerifier {
 public:
  absl::StatusOr<crypto::TokenClaims> Verify(std::string_view token) const override {
    ++asked;
    if (token == "broken") return absl::InternalError("a verifier's own trouble");
    crypto::TokenClaims claims;
    claims.user_id = user;
    claims.organization_id = *base::Uuid::Parse(kOrganization);
    claims.roles = {"ROLE_EXPERT"};
    claims.issued_at = absl::FromUnixSeconds(1000);
    claims.expires_at = absl::FromUnixSeconds(2000);
    return claims;
  }
  uint64_t Generation() const override { return generation; }
  mutable int asked = 0;
  uint64_t generation = 1;
  const base::Uuid user = base::Uuid::V5(base::Uuid(), "user");
};

class IdentityTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::shared_ptr<const Identity>> Resolve(const std::string& authorization) {
    return resolver_.Resolve("spiffe://region/client/desk", "", authorization);
  }
  CountingVerifier verifier_;
  RevocationList revocations_;
  base::FakeClock clock_{absl::FromUnixSeconds(1500)};
  IdentityResolver resolver_{{"region", "/nowhere/ca.pem", &verifier_, &revocations_, &clock_}};
};

TEST_F(IdentityTest, TokenIsVerifiedOnceAndRememberedUntilItExpires) {
  for (int i = 0; i < 3; ++i) {
    const auto identity = Resolve("Bearer good");
    ASSERT_THAT(identity, IsOk());
    EXPECT_TRUE((*identity)->caller.HasRole(policy::v1::ROLE_EXPERT));
  }
  EXPECT_EQ(verifier_.asked, 1);
  clock_.Set(absl::FromUnixSeconds(2000));
  EXPECT_THAT(Resolve("Bearer good"),
              StatusIs(absl::StatusCode::kUnauthenticated, "TOKEN_EXPIRED"));
}

TEST_F(IdentityTest, TakenBackKeyForgetsWhatWasRemembered) {
  ASSERT_THAT(Resolve("Bearer good"), IsOk());
  ++verifier_.generation;
  ASSERT_THAT(Resolve("Bearer good"), IsOk());
  EXPECT_EQ(verifier_.asked, 2);
}

TEST_F(IdentityTest, RevocationReachesRememberedTokens) {
  const auto identity = Resolve("Bearer good");
  ASSERT_THAT(identity, IsOk());
  revocations_.Revoke(verifier_.user, absl::FromUnixSeconds(1001));
  EXPECT_THAT(Resolve("Bearer good"),
              StatusIs(absl::StatusCode::kUnauthenticated, "TOKEN_REVOKED"));
  EXPECT_THAT(resolver_.Recheck(**identity, "Bearer good"),
              StatusIs(absl::StatusCode::kUnauthenticated, "TOKEN_REVOKED"));
  // An older revocation does not undo a newer one; loading the table does.
  revocations_.Revoke(verifier_.user, absl::FromUnixSeconds(5));
  EXPECT_TRUE(revocations_.IsRevoked(verifier_.user, absl::FromUnixSeconds(1000)));
  revocations_.Load({});
  EXPECT_THAT(Resolve("Bearer good"), IsOk());
}

TEST_F(IdentityTest, VerifiersTroubleIsNotTold) {
  const auto identity = Resolve("Bearer broken");
  EXPECT_THAT(identity, StatusIs(absl::StatusCode::kUnauthenticated, "TOKEN_INVALID"));
  EXPECT_EQ(identity.status().ToString().find("trouble"), std::string::npos);
}

TEST(DigestCacheTest, StaysBoundedAndKeepsWhatIsUsed) {
  DigestCache<int> cache(10);
  const Digest kept = DigestOf("kept", "");
  cache.Put(kept, std::make_shared<int>(7));
  for (int i = 0; i < 1000; ++i) {
    cache.Put(DigestOf(std::to_string(i), ""), std::make_shared<int>(i));
    const auto found = cache.Find(kept);
    ASSERT_NE(found, nullptr) << i;
    EXPECT_EQ(*found, 7);
    EXPECT_LE(cache.size(), 20u);
  }
  EXPECT_EQ(cache.Find(DigestOf("0", "")), nullptr);
  EXPECT_NE(DigestOf("ab", "c"), DigestOf("a", "bc"));
}

}  // namespace
}  // namespace yilian::rpc
