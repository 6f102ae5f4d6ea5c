#include "services/directory/domain/second_factor.h"

#include <gmock/gmock.h>

#include <set>

#include "common/crypto/totp.h"

namespace yilian::directory {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'010);
constexpr char kSecret[] = "12345678901234567890";

std::string CodeAt(absl::Time time) { return crypto::TotpCode(kSecret, crypto::TotpStepOf(time)); }

SecondFactor Confirmed() { return {.user = UserId::New(kNow), .secret = kSecret}; }

TEST(SecondFactorTest, ACodeCountsOnceWithinItsMinuteAndAHalf) {
  const SecondFactor factor = Confirmed();
  const auto after = AfterCode(factor, CodeAt(kNow), kNow);
  ASSERT_TRUE(after.has_value());
  EXPECT_FALSE(AfterCode(*after, CodeAt(kNow), kNow).has_value()) << "used before";
  EXPECT_TRUE(AfterCode(*after, CodeAt(kNow + absl::Seconds(30)), kNow).has_value());
  EXPECT_FALSE(AfterCode(factor, CodeAt(kNow - absl::Minutes(1)), kNow).has_value());
  EXPECT_FALSE(AfterCode(factor, "", kNow).has_value());
}

TEST(SecondFactorTest, EachRecoveryCodeReplacesTheAuthenticatorOnce) {
  SecondFactor factor = Confirmed();
  const std::vector<std::string> codes = RecoveryCodes(kSecret);
  ASSERT_EQ(codes.size(), 10);
  EXPECT_EQ(std::set<std::string>(codes.begin(), codes.end()).size(), 10);
  EXPECT_THAT(codes[0], ::testing::MatchesRegex("[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4}"));
  int left = 10;
  for (const std::string& code : codes) {
    EXPECT_EQ(RecoveryCodesLeft(factor), left--);
    const auto after = AfterCode(factor, code, kNow);
    ASSERT_TRUE(after.has_value());
    factor = *after;
    EXPECT_FALSE(AfterCode(factor, code, kNow).has_value());
  }
  EXPECT_EQ(RecoveryCodesLeft(factor), 0);
  EXPECT_FALSE(AfterCode(Confirmed(), "AAAA-AAAA-AAAA-AAAA", kNow).has_value());
}

TEST(SecondFactorTest, AnEnrolmentCountsOnceItIsConfirmedWithinAQuarterOfAnHour) {
  SecondFactor factor{.user = UserId::New(kNow), .pending = kSecret, .pending_since = kNow};
  EXPECT_FALSE(factor.counts());
  EXPECT_FALSE(AfterCode(factor, CodeAt(kNow), kNow).has_value());
  EXPECT_FALSE(AfterConfirmation(factor, "000000", kNow).has_value());
  const absl::Time late = kNow + absl::Minutes(15);
  EXPECT_FALSE(AfterConfirmation(factor, CodeAt(late), late).has_value());
  const auto after = AfterConfirmation(factor, CodeAt(kNow), kNow);
  ASSERT_TRUE(after.has_value());
  EXPECT_TRUE(after->counts());
  EXPECT_FALSE(after->IsPending(kNow));
  EXPECT_FALSE(AfterCode(*after, CodeAt(kNow), kNow).has_value()) << "the confirmation used it";
}

TEST(SecondFactorTest, ANewSecretLeavesTheOldOneCountingUntilItIsConfirmed) {
  SecondFactor factor = Confirmed();
  factor.pending = std::string(20, 'x');
  factor.pending_since = kNow;
  EXPECT_TRUE(AfterCode(factor, CodeAt(kNow), kNow).has_value());
  factor.recovery_used = 3;
  const auto after =
      AfterConfirmation(factor, crypto::TotpCode(factor.pending, crypto::TotpStepOf(kNow)), kNow);
  ASSERT_TRUE(after.has_value());
  EXPECT_FALSE(AfterCode(*after, CodeAt(kNow), kNow).has_value());
  EXPECT_EQ(RecoveryCodesLeft(*after), 10);
}

}  // namespace
}  // namespace yilian::directory
