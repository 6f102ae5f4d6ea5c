#include "services/gateway/domain/hl7/charset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/gateway/domain/hl7/message.h"

namespace yilian::gateway::hl7 {
namespace {

std::string Header(std::string_view charset, std::string_view facility = "HOSP") {
  return "MSH|^~\\&|HIS|" + std::string(facility) +
         "|YILIAN|REGION|20261122||ADT^A04|1|P|2.5.1||||||" + std::string(charset) + "\r";
}

std::string Gb(std::string_view text) { return FromUtf8(text, Charset::kGb18030); }

std::optional<DecodedMessage> Decode(std::string_view raw,
                                     Charset sender_default = Charset::kUtf8) {
  Faults faults;
  return DecodeMessage(raw, sender_default, faults);
}

// Second byte is |, ^, \ or ~ in GB18030.
constexpr std::string_view kTreacherous[] = {"珅", "瑋", "誠", "﨑"};

TEST(CharsetTest, NamesOfTable0211AndTheirCommonSpellingsAreKnown) {
  EXPECT_EQ(CharsetNamed("UNICODE UTF-8"), Charset::kUtf8);
  EXPECT_EQ(CharsetNamed("utf-8"), Charset::kUtf8);
  EXPECT_EQ(CharsetNamed("GB 18030-2000"), Charset::kGb18030);
  EXPECT_EQ(CharsetNamed("GB18030"), Charset::kGb18030);
  EXPECT_EQ(CharsetNamed("GBK"), Charset::kGb18030);
  EXPECT_EQ(CharsetNamed("ASCII"), Charset::kAscii);
  EXPECT_EQ(CharsetNamed("8859/1"), Charset::kLatin1);
  EXPECT_EQ(CharsetNamed("UNICODE UTF-16"), std::nullopt);
  EXPECT_EQ(CharsetNamed("BIG-5"), std::nullopt);
}

TEST(CharsetTest, Utf8RefusesOverlongSurrogateAndCutSequences) {
  EXPECT_TRUE(IsUtf8("王小明𠮷"));
  EXPECT_FALSE(IsUtf8("\xC0\xAF"));
  EXPECT_FALSE(IsUtf8("\xE0\x80\xAF"));
  EXPECT_FALSE(IsUtf8("\xED\xA0\x80"));
  EXPECT_FALSE(IsUtf8("\xF4\x90\x80\x80"));
  EXPECT_FALSE(IsUtf8("\xE7\x8E"));
  EXPECT_FALSE(IsUtf8("\xFF"));
}

TEST(CharsetTest, EveryCharacterWhoseSecondByteIsASeparatorComesThroughAndBack) {
  int met = 0;
  for (unsigned lead = 0x81; lead <= 0xFE; ++lead) {
    for (const char trail : {'|', '^', '\\', '~'}) {
      const std::string bytes{static_cast<char>(lead), trail};
      size_t bad_offset = 0;
      const std::optional<std::string> text = ToUtf8(bytes, Charset::kGb18030, &bad_offset);
      if (!text) continue;
      ++met;
      EXPECT_EQ(FromUtf8(*text, Charset::kGb18030), bytes);
      const auto decoded =
          Decode(Header("GB18030") + "PID|1||7^^^^MR||" + bytes + "^" + bytes + "\r");
      ASSERT_TRUE(decoded);
      Faults faults;
      const auto message = Message::Parse(decoded->text, decoded->charset, Limits(), faults);
      ASSERT_TRUE(message);
      EXPECT_EQ((*message)[1].Text(5, 1), *text);
      EXPECT_EQ((*message)[1].Text(5, 2), *text);
    }
  }
  EXPECT_GT(met, 400);  // 126 lead bytes by four second bytes, nearly all assigned
}

TEST(CharsetTest, FacilityNameInGb18030DoesNotHideMsh18) {
  for (const std::string_view name : kTreacherous) {
    const auto decoded =
        Decode(Header("GB18030", Gb(std::string(name) + "医院" + std::string(name))));
    ASSERT_TRUE(decoded) << name;
    EXPECT_EQ(decoded->charset, Charset::kGb18030);
    EXPECT_TRUE(decoded->declared);
    EXPECT_NE(decoded->text.find("医院"), std::string::npos);
  }
}

TEST(CharsetTest, SupplementaryPlaneNamesComeThrough) {
  const std::string name = "𠮷𫍯";  // U+20BB7, U+2B36F
  for (const Charset charset : {Charset::kUtf8, Charset::kGb18030}) {
    const auto decoded =
        Decode(Header(Hl7Name(charset)) + "PID|1||7||" + FromUtf8(name, charset) + "\r");
    ASSERT_TRUE(decoded);
    EXPECT_NE(decoded->text.find(name), std::string::npos);
  }
}

TEST(CharsetTest, WithoutMsh18Utf8IsRecognizedElseTheSendersDefaultHolds) {
  EXPECT_EQ(Decode(Header("") + "PID|1||7||王小明\r")->charset, Charset::kUtf8);
  EXPECT_EQ(Decode(Header("") + "PID|1||7||王小明\r", Charset::kGb18030)->charset, Charset::kUtf8);
  const std::string gb = Header("") + "PID|1||7||" + Gb("王小明") + "\r";
  EXPECT_EQ(Decode(gb, Charset::kGb18030)->charset, Charset::kGb18030);
  EXPECT_FALSE(Decode(gb));
}

TEST(CharsetTest, Gb18030ThatIsUtf8ByChanceStaysGb18030ForItsSender) {
  const std::string raw =
      Header("") + "PID|1||7||" + Gb("一") + "\r";  // D2 BB, also U+04BB in UTF-8
  ASSERT_TRUE(IsUtf8(raw));
  EXPECT_NE(Decode(raw, Charset::kGb18030)->text.find("一"), std::string::npos);
}

TEST(CharsetTest, ByteOrderMarksAreTakenOff) {
  EXPECT_EQ(Decode("\xEF\xBB\xBF" + Header(""))->text.substr(0, 3), "MSH");
  const auto gb = Decode("\x84\x31\x95\x33" + Header("") + "PID|1||7||" + Gb("王") + "\r");
  ASSERT_TRUE(gb);
  EXPECT_EQ(gb->charset, Charset::kGb18030);
}

TEST(CharsetTest, BytesThatContradictMsh18AreRefusedWithTheirOffset) {
  for (const std::string& raw :
       {Header("UNICODE UTF-8") + "PID|1||7||" + Gb("王小明") + "\r",
        Header("UNICODE UTF-8", Gb("王医院")), Header("ASCII") + "PID|1||7||王\r",
        Header("GB18030") + "PID|1||7||\xFF\xFF\r"}) {
    Faults faults;
    EXPECT_FALSE(DecodeMessage(raw, Charset::kGb18030, faults));
    ASSERT_EQ(faults.size(), 1u);
    EXPECT_EQ(faults[0].code, FaultCode::kDataType);
    EXPECT_EQ(faults[0].where.ToString(), "MSH[1]-18");
    EXPECT_NE(faults[0].rule.find("offset"), std::string::npos);
  }
}

TEST(CharsetTest, UnknownSetIsRefusedByTable) {
  Faults faults;
  EXPECT_FALSE(DecodeMessage(Header("BIG-5"), Charset::kUtf8, faults));
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].code, FaultCode::kTableValueNotFound);
}

TEST(CharsetTest, Latin1WithASeparatorBehindAnAccentIsReadAsDeclared) {
  const auto decoded = Decode(Header("8859/1", "Clinique Sant\xE9"), Charset::kGb18030);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->charset, Charset::kLatin1);
  EXPECT_NE(decoded->text.find("Clinique Santé|YILIAN"), std::string::npos);
}

TEST(CharsetTest, WhatASetDoesNotHaveBecomesAQuestionMark) {
  EXPECT_EQ(FromUtf8("é王", Charset::kLatin1), "\xE9?");
  EXPECT_EQ(FromUtf8("é王", Charset::kAscii), "??");
}

TEST(CharsetTest, LongGb18030TextCrossesTheConversionBuffers) {
  std::string text;
  for (int i = 0; i < 20000; ++i) text += i % 3 == 0 ? "珅" : i % 3 == 1 ? "a" : "𠮷";
  size_t bad_offset;
  EXPECT_EQ(ToUtf8(Gb(text), Charset::kGb18030, &bad_offset), text);
}

}  // namespace
}  // namespace yilian::gateway::hl7
