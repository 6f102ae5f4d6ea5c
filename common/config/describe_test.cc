#include "common/config/describe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/config/testing/example.pb.h"

namespace yilian::config {
namespace {

using ::testing::HasSubstr;

TEST(Describe, PrintsEveryFieldWithItsCommentRuleAndDefault) {
  const std::string text = Describe<testing::ExampleConfig>();
  EXPECT_THAT(text, HasSubstr("service  (object; required)\n   What every service has.\n"));
  EXPECT_THAT(text, HasSubstr("  listen  (text; required)\n     Address for mutual TLS"));
  EXPECT_THAT(text,
              HasSubstr("    port  (whole number; default 3306; 1 to 65535)\n       TCP port.\n"));
  EXPECT_THAT(text, HasSubstr("one of debug, info, warn, error"));
  EXPECT_THAT(text, HasSubstr("peers  (object of objects by name)"));
  EXPECT_THAT(text, HasSubstr("    target  (text; required)\n       gRPC target"));
  EXPECT_THAT(text, HasSubstr("rooms  (list of text; one of north, south)\n   Names of rooms.\n"));
  EXPECT_THAT(
      text,
      HasSubstr("  per_second  (whole number; default 100; 1 to 5000)\n     Calls a second.\n"));
  EXPECT_THAT(text, HasSubstr("warmth  (number; default 0.5)\n   How warm it shall be.\n"));
}

// Every field of every service's configuration is documented where it is declared.
TEST(Describe, TheCommonPartLeavesNoFieldWithoutAComment) {
  const std::string text = Describe<Service>();
  std::string before;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line); before = line) {
    const auto is_field = [](const std::string& l) {
      return l.find("  (") != std::string::npos && l.back() == ')';
    };
    EXPECT_FALSE(is_field(before) && is_field(line)) << before;
  }
  EXPECT_GT(text.size(), 1'000u);
}

}  // namespace
}  // namespace yilian::config
