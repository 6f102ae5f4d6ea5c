#include "common/crypto/totp.h"

#include <gtest/gtest.h>

namespace yilian::crypto {
namespace {

constexpr char kSecret[] = "12345678901234567890";  // of RFC 6238, appendix B

absl::Time At(int64_t seconds) { return absl::FromUnixSeconds(seconds); }

TEST(TotpTest, IsThePublishedExample) {
  // RFC 6238, appendix B, SHA-1; six digits are the last six of its eight.
  EXPECT_EQ(TotpCode(kSecret, TotpStepOf(At(59))), "287082");
  EXPECT_EQ(TotpCode(kSecret, TotpStepOf(At(1111111109))), "081804");
  EXPECT_EQ(TotpCode(kSecret, TotpStepOf(At(1111111111))), "050471");
  EXPECT_EQ(TotpCode(kSecret, TotpStepOf(At(1234567890))), "005924");
  EXPECT_EQ(TotpCode(kSecret, TotpStepOf(At(2000000000))), "279037");
  EXPECT_EQ(TotpCode(kSecret, TotpStepOf(At(20000000000))), "353130");
}

TEST(TotpTest, OneStepBeforeAndAfterAreTaken) {
  const absl::Time now = At(1'790'000'010);
  const int64_t step = TotpStepOf(now);
  EXPECT_EQ(MatchTotp(kSecret, TotpCode(kSecret, step), now, 0), step);
  EXPECT_EQ(MatchTotp(kSecret, TotpCode(kSecret, step - 1), now, 0), step - 1);
  EXPECT_EQ(MatchTotp(kSecret, TotpCode(kSecret, step + 1), now, 0), step + 1);
  EXPECT_EQ(MatchTotp(kSecret, TotpCode(kSecret, step - 2), now, 0), std::nullopt);
  EXPECT_EQ(MatchTotp(kSecret, TotpCode(kSecret, step + 2), now, 0), std::nullopt);
}

TEST(TotpTest, ACodeCountsOnceAndNoEarlierOneAfterIt) {
  const absl::Time now = At(1'790'000'010);
  const int64_t step = TotpStepOf(now);
  EXPECT_EQ(MatchTotp(kSecret, TotpCode(kSecret, step), now, step), std::nullopt);
  EXPECT_EQ(MatchTotp(kSecret, TotpCode(kSecret, step - 1), now, step), std::nullopt);
  EXPECT_EQ(MatchTotp(kSecret, TotpCode(kSecret, step + 1), now, step), step + 1);
}

TEST(TotpTest, WhatIsNoCodeIsNoCode) {
  for (const char* text : {"", "28708", "2870822", "abcdef", "12345678901234567890"}) {
    EXPECT_EQ(MatchTotp(kSecret, text, At(59), 0), std::nullopt) << text;
  }
}

TEST(TotpTest, TheUriIsWhatApplicationsRead) {
  EXPECT_EQ(TotpUri("Yilian yilian.local", "li.wei", kSecret),
            "otpauth://totp/Yilian%20yilian.local:li.wei?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
            "&issuer=Yilian%20yilian.local&algorithm=SHA1&digits=6&period=30");
}

TEST(Base32Test, IsThePublishedExample) {
  // RFC 4648, section 10.
  EXPECT_EQ(Base32(""), "");
  EXPECT_EQ(Base32("f"), "MY");
  EXPECT_EQ(Base32("fo"), "MZXQ");
  EXPECT_EQ(Base32("foo"), "MZXW6");
  EXPECT_EQ(Base32("foob"), "MZXW6YQ");
  EXPECT_EQ(Base32("fooba"), "MZXW6YTB");
  EXPECT_EQ(Base32("foobar"), "MZXW6YTBOI");
  EXPECT_EQ(FromBase32("MZXW6YTBOI======"), "foobar");
  EXPECT_EQ(FromBase32("mzxw 6ytb-oi"), "foobar");
  EXPECT_EQ(FromBase32("MZXW6YT1"), std::nullopt) << "1 is no letter of it";
}

}  // namespace
}  // namespace yilian::crypto
