#include "services/scheduling/domain/limits.h"

#include <gtest/gtest.h>

#include "common/status/error.h"
#include "common/status/matchers.h"

namespace yilian::scheduling {
namespace {

using absl::StatusCode;
using status::IsOk;
using status::StatusIs;

const absl::Time kMissed = absl::FromUnixSeconds(1'790'000'000);

TEST(Limits, ADayIsTheRegions) {
  Limits limits;
  ASSERT_TRUE(absl::LoadTimeZone("Asia/Shanghai", &limits.zone));
  // 22:13 in Shanghai.
  const Span day = limits.DayOf(kMissed);
  EXPECT_EQ(absl::ToCivilHour(day.start, limits.zone), absl::CivilHour(2026, 9, 21, 0));
  EXPECT_EQ(day.end - day.start, absl::Hours(24));
}

TEST(Limits, WhoMissedTooManyVisitsIsToldUntilWhen) {
  const Limits limits{.no_shows = 2, .no_show_period = absl::Hours(24) * 30};
  EXPECT_THAT(limits.CheckNoShows({}), IsOk());
  EXPECT_THAT(limits.CheckNoShows({kMissed}), IsOk());
  const absl::Status refused =
      limits.CheckNoShows({kMissed, kMissed + absl::Hours(24), kMissed + absl::Hours(48)});
  EXPECT_THAT(refused, StatusIs(StatusCode::kFailedPrecondition, "NO_SHOW_LIMIT"));
  const auto info = status::InfoOf(refused);
  EXPECT_EQ(info->metadata().at("limit"), "2");
  EXPECT_EQ(info->metadata().at("days"), "30");
  // The second one is forgotten on 22 October; one is left then.
  EXPECT_EQ(info->metadata().at("until"), "2026-10-22T14:13:20+00:00");
}

TEST(Limits, NoneUnlessTheRegionSaysSo) {
  EXPECT_THAT(Limits().CheckNoShows({kMissed, kMissed, kMissed}), IsOk());
}

}  // namespace
}  // namespace yilian::scheduling
