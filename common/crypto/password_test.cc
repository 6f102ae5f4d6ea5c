#include "common/crypto/password.h"

#include <gtest/gtest.h>

#include <chrono>

namespace yilian::crypto {
namespace {

TEST(Password, IsKnownAgainAndNoOther) {
  const std::string encoded = *HashPassword("correct horse 电池");
  EXPECT_EQ(encoded.rfind("$argon2id$v=19$m=19456,t=2,p=1$", 0), 0u) << encoded;
  EXPECT_EQ(encoded.find('\0'), std::string::npos);
  EXPECT_TRUE(VerifyPassword("correct horse 电池", encoded));
  EXPECT_FALSE(VerifyPassword("correct horse 电", encoded));
  EXPECT_FALSE(VerifyPassword("Correct horse 电池", encoded));
  EXPECT_FALSE(VerifyPassword("", encoded));
  EXPECT_NE(*HashPassword("correct horse 电池"), encoded) << "a salt of its own";
}

TEST(Password, ReadsHashesThatArgon2ItselfMade) {
  // printf password | argon2 somesalt -id -t 2 -m 16 -p 1 (the reference implementation's test.c,
  // version 0x13).
  const std::string encoded =
      "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
  EXPECT_TRUE(VerifyPassword("password", encoded));
  EXPECT_FALSE(VerifyPassword("passwore", encoded));
  EXPECT_TRUE(NeedsRehash(encoded)) << "other parameters than ours";
  EXPECT_FALSE(NeedsRehash(*HashPassword("x")));
  EXPECT_TRUE(NeedsRehash("nonsense"));
}

TEST(Password, RefusesMalformedAndExcessiveHashes) {
  const std::string good = *HashPassword("password");
  for (size_t i = 0; i < good.size(); i += 3)
    EXPECT_FALSE(VerifyPassword("password", good.substr(0, i))) << i;
  for (const char* encoded :
       {"", "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$AAAA", "$2b$12$abcdefghijklmnopqrstuv",
        "$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=64,t=99999999,p=1$c29tZXNhbHQ$"
        "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"}) {
    EXPECT_FALSE(VerifyPassword("password", encoded)) << encoded;
  }
  EXPECT_FALSE(HashPassword("").ok());
  EXPECT_FALSE(HashPassword(std::string(kMaxPasswordBytes + 1, 'x')).ok());
}

TEST(Password, CostsAnAttackerSomething) {
  const auto start = std::chrono::steady_clock::now();
  ASSERT_TRUE(HashPassword("x").ok());
  const auto took = std::chrono::steady_clock::now() - start;
  RecordProperty(
      "hash_ms",
      static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
  EXPECT_GT(took, std::chrono::milliseconds(5));
  VerifyNobody("x");
}

}  // namespace
}  // namespace yilian::crypto
