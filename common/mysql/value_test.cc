#include "common/mysql/value.h"

#include <gtest/gtest.h>

#include "common/status/matchers.h"

namespace yilian::mysql {
namespace {

using status::IsOk;

TEST(SqlTimeTest, IsWrittenInUtcWithMicroseconds) {
  EXPECT_EQ(ToSqlTime(absl::UnixEpoch()), "1970-01-01 00:00:00.000000");
  EXPECT_EQ(ToSqlTime(absl::FromUnixMicros(1'790'000'000'000'007)), "2026-09-21 14:13:20.000007");
}

TEST(SqlTimeTest, InfinityBecomesTheLastInstantOfTheColumn) {
  EXPECT_EQ(ToSqlTime(absl::InfiniteFuture()), "9999-12-31 23:59:59.999999");
  EXPECT_EQ(ToSqlTime(absl::InfinitePast()), "1000-01-01 00:00:00.000000");
}

TEST(SqlTimeTest, ComesBackAsItWent) {
  for (const int64_t micros :
       {int64_t{0}, int64_t{-1}, int64_t{951'782'399'999'999}, int64_t{4'102'444'800'000'001}}) {
    const absl::Time time = absl::FromUnixMicros(micros);
    const auto back = FromSqlTime(ToSqlTime(time));
    ASSERT_THAT(back, IsOk());
    EXPECT_EQ(*back, time);
  }
}

TEST(SqlTimeTest, ShorterFractionsArePadded) {
  EXPECT_EQ(*FromSqlTime("1970-01-01 00:00:00.5"), absl::FromUnixMillis(500));
  EXPECT_EQ(*FromSqlTime("1970-01-01 00:00:01"), absl::FromUnixSeconds(1));
}

TEST(SqlTimeTest, WhatIsNoTimeIsRefused) {
  for (const char* text :
       {"", "1970-01-01", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00", "1970-13-01 00:00:00",
        "1970-04-31 00:00:00", "1970-01-01 24:00:00", "1970-01-01 00:60:00", "1970-01-01 00:00:00.",
        "1970-01-01 00:00:00.1234567", "0000-00-00 00:00:00", "1970-01-0x 00:00:00",
        "1970-01-01 00:00:00,5"}) {
    EXPECT_FALSE(FromSqlTime(text).ok()) << text;
  }
}

TEST(ValueTest, NulloptAndNullptrAreNull) {
  EXPECT_TRUE(std::holds_alternative<std::monostate>(Value(nullptr).get()));
  EXPECT_TRUE(std::holds_alternative<std::monostate>(Value(std::optional<std::string>()).get()));
  EXPECT_EQ(std::get<std::string>(Value(std::optional<std::string>("")).get()), "");
}

}  // namespace
}  // namespace yilian::mysql
