#include "common/crypto/fingerprint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "common/crypto/hash.h"
#include "common/status/matchers.h"

namespace yilian::crypto {
namespace {

using ::testing::Contains;
using ::testing::Not;
using ::testing::SizeIs;

class FingerprintTest : public ::testing::Test {
 protected:
  FingerprintTest() : folder_(::testing::TempDir() + "/fingerprint-" + Hex(RandomBytes(6))) {
    std::filesystem::create_directories(folder_);
    std::filesystem::permissions(folder_, std::filesystem::perms::owner_all);
  }
  ~FingerprintTest() override { std::filesystem::remove_all(folder_); }

  void AddKey(const std::string& kid) const {
    const std::string path = folder_ + "/" + kid + ".key";
    std::ofstream(path) << Hex(RandomBytes(32)) << "\n";
    std::filesystem::permissions(
        path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  std::unique_ptr<Fingerprints> Open() const {
    auto fingerprints = Fingerprints::Open(folder_);
    EXPECT_THAT(fingerprints, status::IsOk());
    return *std::move(fingerprints);
  }

  std::string folder_;
};

TEST_F(FingerprintTest, SameContentAndPurposeOnly) {
  AddKey("2026-01-01");
  const auto fingerprints = Open();
  const auto digests = fingerprints->Of("request", "content");
  ASSERT_THAT(digests, SizeIs(1));
  EXPECT_THAT(digests.front(), SizeIs(32));
  EXPECT_EQ(Open()->Of("request", "content"), digests);
  EXPECT_NE(fingerprints->Of("request", "content "), digests);
  EXPECT_NE(fingerprints->Of("other", "content"), digests);
  EXPECT_NE(digests.front(), Sha256("content"));
}

TEST_F(FingerprintTest, AnotherKeyGivesAnotherDigest) {
  const Fingerprints one(KeyRing::Ephemeral());
  const Fingerprints two(KeyRing::Ephemeral());
  EXPECT_NE(one.Of("request", "content"), two.Of("request", "content"));
}

TEST_F(FingerprintTest, WhatWasStoredBeforeANewKeyIsStillRecognized) {
  AddKey("2026-01-01");
  const std::string before = Open()->Of("request", "content").front();
  AddKey("2026-02-01");
  const auto after = Open()->Of("request", "content");
  ASSERT_THAT(after, SizeIs(2));
  EXPECT_NE(after.front(), before);
  EXPECT_THAT(after, Contains(before));
  EXPECT_THAT(Open()->Of("request", "changed"), Not(Contains(before)));
}

}  // namespace
}  // namespace yilian::crypto
