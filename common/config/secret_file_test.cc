#include "common/config/secret_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

namespace yilian::config {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string MakeFile(const std::string& name, const std::string& content, mode_t mode) {
  std::string path = ::testing::TempDir() + name;
  std::remove(path.c_str());
  std::ofstream(path, std::ios::binary) << content;
  chmod(path.c_str(), mode);
  return path;
}

TEST(SecretFile, TrimsOneNewlineAndNoMore) {
  EXPECT_EQ(*ReadSecretFile(MakeFile("plain", "s3cret", 0600), "k"), "s3cret");
  EXPECT_EQ(*ReadSecretFile(MakeFile("line", "s3cret\n", 0400), "k"), "s3cret");
  EXPECT_EQ(*ReadSecretFile(MakeFile("windows", "s3cret\r\n", 0400), "k"), "s3cret");
  EXPECT_EQ(*ReadSecretFile(MakeFile("two", " s3cret \n\n", 0600), "k"), " s3cret \n");
}

TEST(SecretFile, RefusesAFileThatOthersMayReadAndSaysTheRemedy) {
  for (const mode_t mode : {0640, 0604, 0620, 0644, 0660, 0777}) {
    const std::string path = MakeFile("open", "s3cret", mode);
    const auto secret = ReadSecretFile(path, "database.password_file");
    ASSERT_EQ(secret.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(secret.status().message()),
                AllOf(HasSubstr("database.password_file: "), HasSubstr("chmod 600 " + path)));
    EXPECT_EQ(std::string(secret.status().message()).find("s3cret"), std::string::npos);
  }
}

TEST(SecretFile, RefusesWhatIsNoFileOrHoldsNothing) {
  EXPECT_EQ(ReadSecretFile("/nowhere/x", "k").status().code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(ReadSecretFile("", "k").ok());
  EXPECT_FALSE(ReadSecretFile(::testing::TempDir(), "k").ok());
  EXPECT_FALSE(ReadSecretFile("/dev/null", "k").ok());
  EXPECT_FALSE(ReadSecretFile(MakeFile("empty", "\n", 0600), "k").ok());
  EXPECT_FALSE(ReadSecretFile(MakeFile("large", std::string(70'000, 'x'), 0600), "k").ok());
  const std::string fifo = ::testing::TempDir() + "fifo";
  std::remove(fifo.c_str());
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_FALSE(ReadSecretFile(fifo, "k").ok()) << "and it does not wait for a writer";
}

}  // namespace
}  // namespace yilian::config
