#include "services/gateway/domain/hl7/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/gateway/domain/hl7/escape.h"

namespace yilian::gateway::hl7 {
namespace {

constexpr std::string_view kHeader =
    "MSH|^~\\&|HIS|HOSP|YILIAN|REGION|20261122||ADT^A04^ADT_A01|C1|P|2.5.1\r";

std::optional<Message> Parse(std::string text, Faults* faults = nullptr, Limits limits = Limits()) {
  Faults ignored;
  return Message::Parse(std::move(text), Charset::kUtf8, limits,
                        faults == nullptr ? ignored : *faults);
}

Fault OnlyFault(std::string text, Limits limits = Limits()) {
  Faults faults;
  EXPECT_FALSE(Parse(std::move(text), &faults, limits));
  EXPECT_EQ(faults.size(), 1u);
  return faults.empty() ? Fault() : faults[0];
}

TEST(MessageTest, FieldsAreNumberedAsInTheStandard) {
  const auto message =
      Parse(std::string(kHeader) + "PID|1||7^^^HOSP&1.2&ISO^MR~8^^^X||王^小明||19800101|M\r");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->header().Raw(1), "|");
  EXPECT_EQ(message->header().Raw(2), "^~\\&");
  EXPECT_EQ(message->header().Text(3), "HIS");
  EXPECT_EQ(message->header().Text(9, 2), "A04");
  EXPECT_EQ(message->header().Text(12), "2.5.1");
  const Segment pid = *message->First("PID");
  EXPECT_EQ(pid.Text(3, 4, 1, 2), "1.2");
  EXPECT_EQ(pid.Text(3, 1, 2), "8");
  EXPECT_EQ(pid.Text(3, 1, 3), "");
  EXPECT_EQ(pid.Text(5, 2), "小明");
  EXPECT_EQ(pid.Text(99), "");
  EXPECT_EQ(pid.Repetitions(3).size(), 2u);
  EXPECT_TRUE(pid.Repetitions(4).empty());
}

TEST(MessageTest, EverySegmentEndIsTaken) {
  for (const char* end : {"\r", "\n", "\r\n"}) {
    std::string text = "MSH|^~\\&|A";
    text += end;
    text += "PID|1";
    text += end;
    text += end;
    text += "PV1|2";
    const auto message = Parse(text);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->size(), 3u);
    EXPECT_EQ((*message)[2].Text(1), "2");
  }
}

TEST(MessageTest, AnySeparatorsAndTheFifthAreTaken) {
  const auto message = Parse("MSH#:*!%@#A\rPID#1##7:x%y*8!F!9\r");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->separators().truncation, '@');
  EXPECT_EQ((*message)[1].Text(3, 2, 1, 2), "y");
  EXPECT_EQ((*message)[1].Text(3, 1, 2), "8#9");
}

TEST(MessageTest, SeparatorsThatCannotBeToldApartAreRefused) {
  for (const char* text :
       {"MSH|^^\\&|A", "MSH|^|A", "MSH||~\\&|A", "MSH|^~\\&#!|A", "MSH|A~\\&|A", "MSHA^~\\&A"}) {
    const Fault fault = OnlyFault(text);
    EXPECT_EQ(fault.code, FaultCode::kDataType) << text;
    EXPECT_EQ(fault.where.field, 2) << text;
  }
}

TEST(MessageTest, EscapesAreResolved) {
  const auto message =
      Parse(std::string(kHeader) +
            "NTE|1||a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f\\.br\\g\\X41\\\\XE78E8B\\h\\H\\i\\N\\\r");
  ASSERT_TRUE(message);
  EXPECT_EQ((*message)[1].Text(3), "a|b^c&d~e\\f\ngA王hi");
}

TEST(MessageTest, WhatIsNoEscapeStaysAsSent) {
  for (const char* text : {"C:\\dir", "a\\b\\c", "\\X4\\", "\\XZZ\\", "\\X00\\", "\\XFF\\",
                           "\\.xx\\", "\\", "\\\\", "\\C2842\\"}) {
    EXPECT_EQ(Unescape(text, Separators(), Charset::kUtf8), text);
  }
}

TEST(MessageTest, HexEscapesAreInTheMessagesCharset) {
  EXPECT_EQ(Unescape("\\XCDF5\\", Separators(), Charset::kGb18030), "王");
}

TEST(MessageTest, EscapeAndUnescapeRoundTrip) {
  const std::string text = "<0.41 | 1:640 ^ a\\b & c ~ d\nnext";
  EXPECT_EQ(Unescape(Escape(text, Separators()), Separators(), Charset::kUtf8), text);
  Separators five;
  five.truncation = '#';
  EXPECT_EQ(Unescape(Escape("a#b", five), five, Charset::kUtf8), "a#b");
}

TEST(MessageTest, FreeTextKeepsSeparatorsThatWereNotEscaped) {
  const auto message = Parse(std::string(kHeader) + "OBX|1|TX|X||10^9/L & more~second\r");
  EXPECT_EQ((*message)[1].FreeText(5), "10^9/L & more\nsecond");
}

TEST(MessageTest, DeletedFieldReadsAsEmpty) {
  const auto message = Parse(std::string(kHeader) + "PID|1||\"\"\r");
  EXPECT_TRUE((*message)[1].IsDeleted(3));
  EXPECT_EQ((*message)[1].Text(3), "");
}

TEST(MessageTest, SequenceCountsSegmentsOfOneName) {
  const auto message = Parse(std::string(kHeader) + "OBX|1\rNTE|1\rOBX|2\r");
  EXPECT_EQ((*message)[3].sequence(), 2);
  EXPECT_EQ((*message)[3].At(5, 1).ToString(), "OBX[2]-5.1");
}

TEST(MessageTest, TextBrokenOverLinesIsRefusedWithItsPlace) {
  const Fault fault = OnlyFault(std::string(kHeader) + "NTE|1||first\nsecond line\r");
  EXPECT_EQ(fault.code, FaultCode::kSegmentSequence);
  EXPECT_EQ(fault.where.segment, "NTE");
  EXPECT_EQ(fault.rule.find("second"), std::string::npos) << "content in an error";
}

TEST(MessageTest, WhatIsNoSingleMessageIsRefused) {
  EXPECT_EQ(OnlyFault("").code, FaultCode::kSegmentSequence);
  EXPECT_EQ(OnlyFault("PID|1\r").code, FaultCode::kSegmentSequence);
  EXPECT_EQ(OnlyFault("FHS|^~\\&\r" + std::string(kHeader)).code,
            FaultCode::kUnsupportedMessageType);
  EXPECT_EQ(OnlyFault(std::string(kHeader) + std::string(kHeader)).where.segment, "MSH");
  EXPECT_EQ(OnlyFault(std::string(kHeader) + std::string("PID|\0", 5)).code, FaultCode::kDataType);
}

TEST(MessageTest, LimitsHold) {
  Limits limits;
  limits.segments = 3;
  EXPECT_EQ(OnlyFault(std::string(kHeader) + "ZZ1\rZZ1\rZZ1\r", limits).code,
            FaultCode::kValueTooLong);
  limits = Limits();
  limits.fields = 100;
  EXPECT_EQ(OnlyFault(std::string(kHeader) + "ZZ1" + std::string(200, '|') + "\r", limits).code,
            FaultCode::kValueTooLong);
  limits = Limits();
  limits.bytes = 50;
  EXPECT_EQ(OnlyFault(std::string(kHeader), limits).code, FaultCode::kValueTooLong);
}

TEST(MessageTest, StaysReadableWhenMoved) {
  auto first = Parse("MSH|^~\\&|A\rPID|1\r");
  const Message second = *std::move(first);
  first.reset();  // NOLINT(bugprone-use-after-move): a message outlives the optional it was in
  EXPECT_EQ(second[1].Text(1), "1");
}

}  // namespace
}  // namespace yilian::gateway::hl7
