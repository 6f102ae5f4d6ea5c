#include "services/gateway/domain/hl7/datetime.h"

#include <gtest/gtest.h>

namespace yilian::gateway::hl7 {
namespace {

TEST(DateTimeTest, EveryPrecisionIsKept) {
  static const struct {
    const char* text;
    Precision precision;
    const char* iso;
  } cases[] = {
      {"1970", Precision::kYear, "1970"},
      {"197010", Precision::kMonth, "1970-10"},
      {"19701031", Precision::kDay, "1970-10-31"},
      {"1970103103", Precision::kHour, "1970-10-31T03"},
      {"197010310304", Precision::kMinute, "1970-10-31T03:04"},
      {"19701031030405", Precision::kSecond, "1970-10-31T03:04:05"},
      {"19701031030405.6", Precision::kTenth, "1970-10-31T03:04:05.6"},
      {"19701031030405.67", Precision::kHundredth, "1970-10-31T03:04:05.67"},
      {"19701031030405.678", Precision::kMillisecond, "1970-10-31T03:04:05.678"},
      {"19701031030405.6789", Precision::kTenthMillisecond, "1970-10-31T03:04:05.6789"},
      {"20280808152805.0000+0000", Precision::kTenthMillisecond, "2028-08-08T15:28:05.0000+00:00"},
      {"198808181126+0215", Precision::kMinute, "1988-08-18T11:26+02:15"},
      {"20230501102531-0430 ", Precision::kSecond, "2023-05-01T10:25:31-04:30"},
      {"1970+0800", Precision::kYear, "1970"},
  };
  for (const auto& one : cases) {
    const auto time = ParseDateTime(one.text);
    ASSERT_TRUE(time) << one.text;
    EXPECT_EQ(time->precision, one.precision) << one.text;
    EXPECT_EQ(time->ToIso(), one.iso);
  }
}

TEST(DateTimeTest, WhatDoesNotExistIsRefused) {
  for (const char* text : {"",
                           "0000",
                           "197",
                           "19701",
                           "19700",
                           "197013",
                           "19700230",
                           "20230229",
                           "1970103124",
                           "197010310360",
                           "19701031030460",
                           "19701031030405.",
                           "19701031030405.67890",
                           "197010310304.5",
                           "1970-10-31",
                           "abcd",
                           "19701031+08",
                           "19701031+0860",
                           "19701031+1500",
                           "19701031 030405",
                           "197010310304056"}) {
    EXPECT_FALSE(ParseDateTime(text)) << text;
  }
  EXPECT_TRUE(ParseDateTime("20240229"));
}

TEST(DateTimeTest, OffsetAsSentOrTheSendersZone) {
  const absl::TimeZone shanghai = absl::FixedTimeZone(8 * 3600);
  EXPECT_EQ(ParseDateTime("20261122080000")->Start(shanghai),
            ParseDateTime("20261122000000+0000")->Start(shanghai));
  EXPECT_EQ(ParseDateTime("20261122080000.25+0800")->Start(absl::UTCTimeZone()),
            ParseDateTime("20261122000000+0000")->Start(shanghai) + absl::Milliseconds(250));
}

TEST(DateTimeTest, TimeOfDay) {
  for (const char* text : {"22", "2231", "223100", "223100.0000", "2231+0800"})
    EXPECT_TRUE(IsTimeOfDay(text)) << text;
  for (const char* text : {"", "2", "24", "2260", "223100.", "22:31", "2231.5"})
    EXPECT_FALSE(IsTimeOfDay(text)) << text;
}

TEST(DateTimeTest, AnswersCarryMillisecondsInUtc) {
  EXPECT_EQ(FormatDateTime(absl::FromUnixMillis(1234)), "19700101000001.234+0000");
}

}  // namespace
}  // namespace yilian::gateway::hl7
