#include "common/config/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace yilian::config {
namespace {

using ::testing::HasSubstr;

std::string FaultOf(std::string_view text) {
  const auto json = ParseJson(text);
  return json.ok() ? "(accepted)" : std::string(json.status().message());
}

TEST(Json, ReadsEveryKindOfValueWithItsLine) {
  const auto json =
      ParseJson("{\n \"a\": [1, -2.5e+3, true, false, null],\n\n \"b\": {\"c\": \"\"}}\n");
  ASSERT_TRUE(json.ok()) << json.status();
  const Json* a = json->Find("a");
  ASSERT_NE(a, nullptr);
  EXPECT_EQ(a->line, 2);
  ASSERT_EQ(a->items.size(), 5u);
  EXPECT_EQ(a->items[1].text, "-2.5e+3");
  EXPECT_TRUE(a->items[2].boolean);
  EXPECT_EQ(a->items[4].type, Json::Type::kNull);
  EXPECT_EQ(json->Find("b")->line, 4);
  EXPECT_EQ(json->Find("b")->Find("c")->type, Json::Type::kString);
  EXPECT_EQ(json->Find("d"), nullptr);
}

TEST(Json, DecodesEscapesAndChinese) {
  const auto json =
      ParseJson(R"(["\"\\\/\b\f\n\r\t", "\u533b\u8054\u4f53", "医联体", "\uD83D\uDE00"])");
  ASSERT_TRUE(json.ok()) << json.status();
  EXPECT_EQ(json->items[0].text, "\"\\/\b\f\n\r\t");
  EXPECT_EQ(json->items[1].text, "医联体");
  EXPECT_EQ(json->items[2].text, "医联体");
  EXPECT_EQ(json->items[3].text, "😀");
}

TEST(Json, SaysWhatIsWrongAndOnWhichLine) {
  EXPECT_EQ(FaultOf("{\n \"a\": 1,\n \"a\": 2}"), "line 3: the key \"a\" stands twice");
  EXPECT_THAT(FaultOf("{\n \"a\": 1,\n}"), HasSubstr("line 3: expected a \"key\""));
  EXPECT_THAT(FaultOf("{\n \"a\": 1\n \"b\": 2}"), HasSubstr("line 3: expected , or }"));
  EXPECT_THAT(FaultOf("{\"a\" 1}"), HasSubstr("expected : after the key \"a\""));
  EXPECT_THAT(FaultOf("[1 2]"), HasSubstr("expected , or ]"));
  EXPECT_THAT(FaultOf("{} x"), HasSubstr("after the end"));
  EXPECT_THAT(FaultOf("\"a\nb\""), HasSubstr("on its own line"));
  EXPECT_THAT(FaultOf("\"a"), HasSubstr("no closing quote"));
  EXPECT_THAT(FaultOf(std::string(40, '[')), HasSubstr("nested too deeply"));
}

TEST(Json, RefusesWhatTheStandardRefuses) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "[",
                           "[1,]",
                           "tru",
                           "nul",
                           "+1",
                           "01",
                           "-",
                           "1.",
                           ".5",
                           "1e",
                           "'a'",
                           "{a:1}",
                           "// c\n{}",
                           "\"\\x41\"",
                           "\"\\u12\"",
                           "\"\\uD800\"",
                           "\"\\uDC00\"",
                           "\"\\uD800\\u0041\"",
                           "NaN",
                           "Infinity",
                           "\"\\"}) {
    EXPECT_FALSE(ParseJson(text).ok()) << text;
  }
}

TEST(Json, RefusesTextThatIsNotUtf8) {
  for (const char* bytes : {"\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
                            "\xF4\x90\x80\x80", "\x80", "\xFF", "\xE5\x8C", "\xC3"}) {
    EXPECT_FALSE(ParseJson("\"" + std::string(bytes) + "\"").ok());
  }
}

}  // namespace
}  // namespace yilian::config
