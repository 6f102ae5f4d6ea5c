#include "common/rpc/format.h"

#include <gtest/gtest.h>

namespace yilian::rpc {
namespace {

TEST(FormatTest, CodePointsOfValidAndInvalidUtf8) {
  EXPECT_EQ(CodePoints(""), 0u);
  EXPECT_EQ(CodePoints("abc"), 3u);
  EXPECT_EQ(CodePoints("转诊"), 2u);
  EXPECT_EQ(CodePoints("𠮷😀"), 2u);
  EXPECT_EQ(CodePoints("\xc0\x80"), std::nullopt) << "overlong";
  EXPECT_EQ(CodePoints("\xe0\x80\x80"), std::nullopt) << "overlong";
  EXPECT_EQ(CodePoints("\xed\xa0\x80"), std::nullopt) << "surrogate";
  EXPECT_EQ(CodePoints("\xf4\x90\x80\x80"), std::nullopt) << "past U+10FFFF";
  EXPECT_EQ(CodePoints("\xe8\xbd"), std::nullopt) << "cut off";
  EXPECT_EQ(CodePoints("\x80"), std::nullopt) << "continuation alone";
}

TEST(FormatTest, NationalIds) {
  EXPECT_TRUE(IsNationalId("11010519491231002X"));  // the example of GB 11643-1999
  EXPECT_TRUE(IsNationalId("440524188001010014"));  // the standard's second example
  EXPECT_FALSE(IsNationalId("11010519491231002x")) << "lower case";
  EXPECT_FALSE(IsNationalId("110105194912310021")) << "check character";
  EXPECT_FALSE(IsNationalId("11010519491331002X")) << "month 13";
  EXPECT_FALSE(IsNationalId("1101051949123100")) << "length";
  EXPECT_FALSE(IsNationalId("1101051949123100２X")) << "full-width digit";
}

TEST(FormatTest, Dates) {
  EXPECT_TRUE(IsDate("2024-02-29"));
  EXPECT_FALSE(IsDate("2100-02-29"));
  EXPECT_TRUE(IsDate("2000-02-29"));
  EXPECT_FALSE(IsDate("2026-04-31"));
  EXPECT_FALSE(IsDate("2026-4-30"));
  EXPECT_FALSE(IsDate("2026/04/30"));
  EXPECT_FALSE(IsDate("0000-01-01"));
}

TEST(FormatTest, PhonesCodesUuids) {
  EXPECT_TRUE(IsPhone("13800138000"));
  EXPECT_FALSE(IsPhone("+ - -")) << "no digit";
  EXPECT_FALSE(IsPhone("1234"));
  EXPECT_FALSE(IsPhone("123456789012345678901"));
  EXPECT_TRUE(IsCode("NO_BED_2"));
  EXPECT_FALSE(IsCode(""));
  EXPECT_FALSE(IsCode("No"));
  EXPECT_TRUE(IsUuid("0193f2c4-7b1e-7c3a-8a54-0123456789AB"));
  EXPECT_FALSE(IsUuid("0193f2c4-7b1e-7c3a-8a54-0123456789ag"));
  EXPECT_FALSE(IsUuid("0193f2c4x7b1e-7c3a-8a54-0123456789ab"));
}

}  // namespace
}  // namespace yilian::rpc
