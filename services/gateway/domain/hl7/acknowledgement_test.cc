#include "services/gateway/domain/hl7/acknowledgement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace yilian::gateway::hl7 {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

AckContext ContextOf(const std::string& text, Charset charset = Charset::kUtf8,
                     bool declared = false) {
  Faults faults;
  const auto message = Message::Parse(text, charset, Limits(), faults);
  EXPECT_TRUE(message);
  return AckContext::Of(*message, declared);
}

std::string Ack(const AckContext& to, AckCode code, const Faults& faults = {}) {
  return BuildAcknowledgement(to, code, faults, "OWN1", absl::FromUnixSeconds(0));
}

constexpr char kMessage[] =
    "MSH|^~\\&|HIS^1.2^ISO|HOSP|YILIAN|REGION|20261122||ADT^A04^ADT_A01|C\\T\\1|P|2.5.1\r";

TEST(AcknowledgementTest, AnswersToTheSenderWithItsControlId) {
  EXPECT_EQ(
      Ack(ContextOf(kMessage), AckCode::kAA),
      "MSH|^~\\&|YILIAN|REGION|HIS^1.2^ISO|HOSP|19700101000000.000+0000||ACK^A04^ACK|OWN1|P|2.5.1\r"
      "MSA|AA|C\\T\\1\r");
}

TEST(AcknowledgementTest, FaultsBecomeErrSegmentsWithPlaceAndRule) {
  const std::string ack =
      Ack(ContextOf(kMessage), AckCode::kAE,
          {{FaultCode::kRequiredFieldMissing, {"PID", 1, 3}, "an identifier is required"},
           {FaultCode::kDataType, {"OBX", 2, 5, 1, 1}, "a | b"}});
  EXPECT_THAT(ack, HasSubstr("MSA|AE|C\\T\\1\r"));
  EXPECT_THAT(
      ack, HasSubstr(
               "ERR||PID^1^3|101^Required field missing^HL70357|E||||an identifier is required\r"));
  EXPECT_THAT(ack, HasSubstr("ERR||OBX^2^5^1^1|102^Data type error^HL70357|E||||a \\F\\ b\r"));
}

TEST(AcknowledgementTest, OlderVersionsGetTheirOldErrorSegment) {
  const std::string ack = Ack(ContextOf("MSH|^~\\&|HIS|||||| ADT^A04|1|P|2.3\r"), AckCode::kAE,
                              {{FaultCode::kRequiredFieldMissing, {"PID", 1, 3}, "needed"}});
  EXPECT_THAT(ack, HasSubstr("|ACK|OWN1|P|2.3\r"));
  EXPECT_THAT(ack, HasSubstr("MSA|AE|1|101 PID[1]-3: needed\r"));
  EXPECT_THAT(ack, HasSubstr("ERR|PID^1^3^101&Required field missing&HL70357\r"));
}

TEST(AcknowledgementTest, GoesBackInTheSendersCharsetAndSeparators) {
  const AckContext gb =
      ContextOf("MSH|^~\\&|HIS|珅医院|||||ADT^A04|1|P|2.5.1\r", Charset::kGb18030, true);
  const std::string ack = Ack(gb, AckCode::kAA);
  EXPECT_THAT(ack, HasSubstr(FromUtf8("珅医院", Charset::kGb18030)));
  EXPECT_THAT(ack, HasSubstr("||||||GB 18030-2000\r"));
  size_t bad_offset;
  Faults faults;
  const auto read_back = Message::Parse(*ToUtf8(ack, Charset::kGb18030, &bad_offset),
                                        Charset::kGb18030, Limits(), faults);
  ASSERT_TRUE(read_back);
  EXPECT_EQ(read_back->header().Text(6), "珅医院");
  EXPECT_EQ(read_back->header().Text(18), "GB 18030-2000");

  EXPECT_EQ(Ack(ContextOf("MSH#:*!%@#A#B#C#D###ADT:A04#9#T#2.8\r"), AckCode::kCR).substr(0, 17),
            "MSH#:*!%@#C#D#A#B");
}

TEST(AcknowledgementTest, UnreadableMessagesAreAnsweredFromTheirHeaderAlone) {
  const auto readings = ReadHeader("MSH|^~\\&|HIS|HOSP|Y|R|||ADT^A04|C9|P|2.5.1\rPID|\xFF");
  ASSERT_FALSE(readings.empty());
  EXPECT_THAT(Ack(AckContext::Of(readings[0]), AckCode::kAE),
              HasSubstr("|ACK^A04^ACK|OWN1|P|2.5.1\rMSA|AE|C9\r"));
  const auto unusable = ReadHeader("MSH|^^\\&|HIS|HOSP|Y|R|||ADT^A04|C9|P|2.5.1\r");
  EXPECT_THAT(Ack(AckContext::Of(unusable[0]), AckCode::kAR), HasSubstr("MSA|AR|C9\r"));
  EXPECT_THAT(Ack(AckContext(), AckCode::kAR), HasSubstr("MSA|AR|\r"));
}

TEST(AcknowledgementTest, AnswerStaysShortHoweverManyFaults) {
  const Faults faults(1000, {FaultCode::kDataType, {"OBX", 1, 5}, "x"});
  EXPECT_LT(Ack(ContextOf(kMessage), AckCode::kAE, faults).size(), 8000u);
}

TEST(AcknowledgementTest, VersionDecidesTheErrorForm) {
  EXPECT_TRUE(IsAtLeast25("2.5"));
  EXPECT_TRUE(IsAtLeast25("2.5.1"));
  EXPECT_TRUE(IsAtLeast25("2.8.2"));
  EXPECT_TRUE(IsAtLeast25("nonsense"));
  EXPECT_FALSE(IsAtLeast25("2.3.1"));
  EXPECT_FALSE(IsAtLeast25("2.4"));
}

}  // namespace
}  // namespace yilian::gateway::hl7
