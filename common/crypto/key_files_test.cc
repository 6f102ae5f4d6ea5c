#include "common/crypto/key_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "common/crypto/key_ring.h"
#include "common/crypto/test_folder.h"
#include "common/status/matchers.h"

namespace yilian::crypto {
namespace {

using absl::StatusCode;
using status::IsOk;
using status::StatusIs;
using ::testing::HasSubstr;

void Write(const std::string& path, const std::string& content, mode_t mode = 0600) {
  std::ofstream(path) << content;
  chmod(path.c_str(), mode);
}

TEST(KeyFiles, CreatesAKeyThatOnlyItsOwnerMayRead) {
  const std::string path = FreshFolder() + "/a.key";
  ASSERT_THAT(CreateKeyFile(path), IsOk());
  struct stat info = {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
  const auto key = ReadKeyFile(path);
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(key->size(), kKeyBytes);
}

TEST(KeyFiles, NeverOverwritesAKey) {
  const std::string path = FreshFolder() + "/a.key";
  ASSERT_THAT(CreateKeyFile(path), IsOk());
  const std::string before(ReadKeyFile(path)->view());
  EXPECT_THAT(CreateKeyFile(path), StatusIs(StatusCode::kAlreadyExists));
  EXPECT_EQ(ReadKeyFile(path)->view(), before);
}

TEST(KeyFiles, RefusesWhatIsNoKeyWithoutShowingIt) {
  const std::string path = FreshFolder() + "/a.key";
  for (const std::string& content :
       {std::string(63, 'a'), std::string(66, 'a'), std::string(64, 'z'), std::string()}) {
    Write(path, content);
    const auto key = ReadKeyFile(path);
    EXPECT_THAT(key, StatusIs(StatusCode::kFailedPrecondition));
    if (!content.empty()) {
      EXPECT_EQ(std::string(key.status().message()).find(content), std::string::npos);
    }
  }
  Write(path, std::string(64, 'a'), 0644);
  const auto key = ReadKeyFile(path);
  EXPECT_THAT(key, StatusIs(StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(key.status().message()), HasSubstr("chmod 600 " + path));
}

TEST(KeyRing, SaysHowToMakeAKeyWhenThereIsNone) {
  const std::string folder = FreshFolder();
  const auto none = KeyRing::Open(folder);
  EXPECT_THAT(none, StatusIs(StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(none.status().message()), HasSubstr("openssl rand -hex 32"));
  EXPECT_THAT(KeyRing::Open(folder + "/nowhere"), StatusIs(StatusCode::kNotFound));
  Write(folder + "/Bad Name.key", std::string(64, 'a'));
  EXPECT_THAT(KeyRing::Open(folder), StatusIs(StatusCode::kFailedPrecondition));
}

TEST(KeyRing, KnowsItsKeysById) {
  const std::string folder = FreshFolder();
  Write(folder + "/a.key", std::string(64, 'a'));
  Write(folder + "/b.key", std::string(64, 'b') + "\n");
  Write(folder + "/note.txt", "not a key", 0644);
  const auto ring = KeyRing::Open(folder);
  ASSERT_THAT(ring, IsOk());
  EXPECT_EQ((*ring)->Newest()->kid, "b");
  EXPECT_EQ((*ring)->Find("a")->bytes.view(), std::string(32, '\xaa'));
  EXPECT_EQ((*ring)->Find("c"), nullptr);
  EXPECT_EQ((*ring)->Find(""), nullptr);
}

TEST(SecretBytes, WipesWhatItTookOver) {
  std::string key(32, 'k');
  SecretBytes secret(std::move(key));
  // NOLINTNEXTLINE(bugprone-use-after-move): that is the point
  EXPECT_EQ(key.find('k'), std::string::npos);
  SecretBytes other = std::move(secret);
  EXPECT_EQ(other.view(), std::string(32, 'k'));
  EXPECT_EQ(secret.size(), 0u);  // NOLINT(bugprone-use-after-move)
}

}  // namespace
}  // namespace yilian::crypto
