#include "common/crypto/password.h"

#include <argon2.h>
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

TEST(Password, RefusesMalformedHashes) {
  const std::string good = *HashPassword("password");
  for (size_t i = 0; i < good.size(); i += 3) {
    EXPECT_FALSE(VerifyPassword("password", good.substr(0, i))) << i;
  }
  for (const char* encoded : {"", "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$AAAA",
                              "$2b$12$abcdefghijklmnopqrstuv", "$argon2id$v=19$m=,t=,p="}) {
    EXPECT_FALSE(VerifyPassword("password", encoded)) << encoded;
  }
  EXPECT_FALSE(HashPassword("").ok());
  EXPECT_FALSE(HashPassword(std::string(kMaxPasswordBytes + 1, 'x')).ok());
}

// Right for the password, but no hash of ours: whoever could plant one would make every sign-in
// take minutes.
TEST(Password, RefusesHashesThatCostTooMuchToCheck) {
  const auto hash = [](uint32_t memory_kib, uint32_t passes, uint32_t lanes) {
    char encoded[256] = {};
    EXPECT_EQ(argon2id_hash_encoded(passes, memory_kib, lanes, "password", 8, "somesalt", 8, 32,
                                    encoded, 256),
              ARGON2_OK);
    return std::string(encoded);
  };
  EXPECT_TRUE(VerifyPassword("password", hash(64, 10, 4)));
  EXPECT_FALSE(VerifyPassword("password", hash(64, 11, 1)));
  EXPECT_FALSE(VerifyPassword("password", hash(64, 1, 5)));
  EXPECT_FALSE(VerifyPassword("password", hash(256 * 1024 + 64, 1, 1)));
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
