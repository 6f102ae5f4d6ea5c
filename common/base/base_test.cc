#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "absl/synchronization/notification.h"
#include "common/base/clock.h"
#include "common/base/etag.h"
#include "common/base/name_table.h"
#include "common/base/repeated.h"
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

TEST(Etag, VersionsGoThereAndBack) {
  for (const int64_t version : {int64_t{0}, int64_t{1}, int64_t{42}, INT64_MAX}) {
    EXPECT_EQ(VersionOf(EtagOf(version)), version);
  }
}

TEST(Etag, WhatWasNeverGivenIsOfNoVersion) {
  for (const char* text :
       {"", "v", "1", "v01", "v+1", "v 1", "v1 ", "v-1", "V1", "v1x", "v9223372036854775808"}) {
    EXPECT_EQ(VersionOf(text), kNoVersion) << text;
  }
}

TEST(Repeated, ComesRoundUntilItsOwnerGoes) {
  std::atomic<int> rounds = 0;
  absl::Notification third;
  {
    const Repeated repeated(absl::Milliseconds(1), [&](const auto&) {
      if (++rounds == 3) third.Notify();
    });
    ASSERT_TRUE(third.WaitForNotificationWithTimeout(absl::Seconds(30)));
  }
  // Nothing runs any more: the counter may go.
  EXPECT_GE(rounds, 3);
}

TEST(Repeated, AnHourIsNotWaitedForWhenItEnds) {
  const absl::Time begin = absl::Now();
  {
    const Repeated repeated(absl::Hours(1), [](const auto&) { FAIL(); });
  }
  EXPECT_LT(absl::Now() - begin, absl::Seconds(30));
}

TEST(Repeated, LongWorkLearnsThatItIsToStop) {
  absl::Notification begun;
  std::atomic<bool> ended = false;
  {
    const Repeated repeated(absl::Milliseconds(1), [&](const std::function<bool()>& stopping) {
      if (!begun.HasBeenNotified()) begun.Notify();
      while (!stopping()) std::this_thread::yield();
      ended = true;
    });
    begun.WaitForNotification();
  }
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace yilian::base
