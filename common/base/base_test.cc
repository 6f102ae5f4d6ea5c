#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "common/base/clock.h"
#include "common/base/name_table.h"
#include "common/base/uuid.h"

namespace yilian::base {
namespace {

TEST(Uuid, TextGoesThereAndBack) {
  const Uuid id = Uuid::V7();
  EXPECT_EQ(*Uuid::Parse(id.ToString()), id);
  EXPECT_EQ(*Uuid::FromBytes(id.ToBytes()), id);
  EXPECT_EQ(id.ToString()[14], '7');
}

TEST(Uuid, SortsInTheOrderOfMakingWithinOneMillisecond) {
  const absl::Time now = absl::FromUnixMillis(1'700'000'000'123);
  std::vector<Uuid> ids;
  for (int i = 0; i < 2'000; ++i) ids.push_back(Uuid::V7(now));
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
  EXPECT_EQ(std::set<Uuid>(ids.begin(), ids.end()).size(), ids.size());
}

TEST(Uuid, V5IsThePublishedExample) {
  // RFC 9562, appendix A.4: name www.example.com in the DNS name space.
  const Uuid dns = *Uuid::Parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
  EXPECT_EQ(Uuid::V5(dns, "www.example.com").ToString(), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

TEST(Uuid, RefusesWhatIsNoUuid) {
  for (const char* text :
       {"", "x", "0193f2c4-7b1e-7c3a-8a54-0123456789a", "0193f2c4x7b1e-7c3a-8a54-0123456789ab",
        "g193f2c4-7b1e-7c3a-8a54-0123456789ab", "0193f2c4-7b1e-7c3a-8a54-0123456789ab0"}) {
    EXPECT_FALSE(Uuid::Parse(text).ok()) << text;
  }
}

TEST(FakeClock, StandsUntilMoved) {
  FakeClock clock(absl::FromUnixSeconds(100));
  EXPECT_EQ(clock.Now(), absl::FromUnixSeconds(100));
  clock.Advance(absl::Seconds(5));
  EXPECT_EQ(clock.Now(), absl::FromUnixSeconds(105));
}

enum class Colour { kRed = 1, kGreen, kBlue };
constexpr auto kColours = Names<Colour>({{Colour::kRed, "RED"}, {Colour::kGreen, "GREEN"}});

TEST(NameTable, NamesGoThereAndBack) {
  for (const Colour colour : {Colour::kRed, Colour::kGreen}) {
    EXPECT_EQ(kColours.ValueOf(kColours.NameOf(colour)), colour);
  }
  static_assert(kColours.NameOf(Colour::kGreen) == "GREEN");
}

TEST(NameTable, WhatItLacksHasNoNameAndNoValue) {
  EXPECT_EQ(kColours.NameOf(Colour::kBlue), "");
  EXPECT_EQ(kColours.ValueOf("BLUE"), std::nullopt);
  EXPECT_EQ(kColours.ValueOf(""), std::nullopt);
}

}  // namespace
}  // namespace yilian::base
