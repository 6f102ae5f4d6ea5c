#include "services/scheduling/domain/travel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace yilian::scheduling {
namespace {

template <typename Id>
Id Named(std::string_view name) {
  return Id(base::Uuid::V5(base::Uuid(), name));
}

const OrganizationId kHospital = Named<OrganizationId>("hospital");
const OrganizationId kTownship = Named<OrganizationId>("township");
const OrganizationId kFarAway = Named<OrganizationId>("far away");
const SessionId kSession = Named<SessionId>("session");
const absl::Time kEight = absl::FromUnixSeconds(1'790'000'000);

Span At(int from_minute, int to_minute) {
  return {kEight + absl::Minutes(from_minute), kEight + absl::Minutes(to_minute)};
}

TravelTimes Given(int there, int back) {
  TravelTimes travel({});
  travel.Give({kHospital, kTownship}, absl::Minutes(there), 1);
  if (back >= 0) travel.Give({kTownship, kHospital}, absl::Minutes(back), 1);
  return travel;
}

TEST(TravelTimes, AreAsGivenElseBackElseByDistanceElseTheDefault) {
  TravelTimes travel({.default_time = absl::Minutes(25), .kilometres_an_hour = 30});
  travel.Give({kHospital, kTownship}, absl::Minutes(40), 3);
  const TravelTime there = travel.Between({kHospital, kTownship});
  EXPECT_EQ(there.time, absl::Minutes(40));
  EXPECT_EQ(there.source, TravelSource::kGiven);
  EXPECT_EQ(there.version, 3);
  const TravelTime back = travel.Between({kTownship, kHospital});
  EXPECT_EQ(back.time, absl::Minutes(40));
  EXPECT_EQ(back.source, TravelSource::kGivenBack);
  EXPECT_EQ(back.etag(), "");
  EXPECT_EQ(travel.Between({kHospital, kFarAway}).source, TravelSource::kDefault);
  EXPECT_EQ(travel.Between({kHospital, kFarAway}).time, absl::Minutes(25));
  travel.Give({kHospital, kFarAway}, std::nullopt, 2);
  EXPECT_EQ(travel.Between({kHospital, kFarAway}).source, TravelSource::kDefault);
  EXPECT_EQ(travel.Between({kHospital, kFarAway}).etag(), "v2");
  // A tenth of a degree of latitude is 11.12 km: 22.24 minutes.
  travel.Locate(kHospital, {120'000'000, 30'000'000});
  EXPECT_EQ(travel.Between({kHospital, kFarAway}).source, TravelSource::kDefault);
  travel.Locate(kFarAway, {120'000'000, 30'100'000});
  EXPECT_EQ(travel.Between({kHospital, kFarAway}).time, absl::Minutes(23));
  EXPECT_EQ(travel.Between({kFarAway, kHospital}).source, TravelSource::kDistance);
}

TEST(TravelTimes, TwoDirectionsMayDiffer) {
  const TravelTimes travel = Given(40, 60);
  EXPECT_EQ(travel.Between({kHospital, kTownship}).time, absl::Minutes(40));
  EXPECT_EQ(travel.Between({kTownship, kHospital}).time, absl::Minutes(60));
}

TEST(TravelTimes, NobodyTravelsWithinASiteOrForARemoteSession) {
  const TravelTimes travel = Given(40, 60);
  EXPECT_EQ(travel.Between({kHospital, kHospital}).time, absl::ZeroDuration());
  EXPECT_EQ(travel.Between({kHospital, OrganizationId()}).time, absl::ZeroDuration());
  EXPECT_TRUE(PlaceOf(SessionKind::kRemote, kHospital).is_nil());
  EXPECT_EQ(PlaceOf(SessionKind::kOutreach, kTownship), kTownship);
}

TEST(TravelTimes, AcrossTheWorldIsNotALongerWayThanIsPlannedFor) {
  TravelTimes travel({});
  travel.Locate(kHospital, {0, 0});
  travel.Locate(kFarAway, {180'000'000, 0});
  EXPECT_EQ(travel.Between({kHospital, kFarAway}).time, kLongestTravel);
}

TEST(TravelClash, TheWayThereAndTheWayBackCount) {
  // 40 minutes from the hospital to the township, 60 back; the expert is at the township from 100
  // to 200.
  const TravelTimes travel = Given(40, 60);
  const std::vector<BusySpan> busy = {{kSession, At(100, 200), kTownship}};
  EXPECT_FALSE(FirstTravelClash(busy, At(0, 60), kHospital, travel));
  const auto late = FirstTravelClash(busy, At(0, 61), kHospital, travel);
  ASSERT_TRUE(late);
  EXPECT_EQ(late->blocking, kSession);
  EXPECT_EQ(late->needed, absl::Minutes(40));
  EXPECT_EQ(late->available, absl::Minutes(39));
  EXPECT_FALSE(FirstTravelClash(busy, At(260, 300), kHospital, travel));
  const auto early = FirstTravelClash(busy, At(259, 300), kHospital, travel);
  ASSERT_TRUE(early);
  EXPECT_EQ(early->needed, absl::Minutes(60));
  EXPECT_EQ(early->available, absl::Minutes(59));
}

TEST(TravelClash, AtOneSiteSessionsMayTouchButNotOverlap) {
  const TravelTimes travel = Given(40, 60);
  const std::vector<BusySpan> busy = {{kSession, At(100, 200), kTownship}};
  EXPECT_FALSE(FirstTravelClash(busy, At(0, 100), kTownship, travel));
  EXPECT_FALSE(FirstTravelClash(busy, At(200, 300), kTownship, travel));
  const auto overlap = FirstTravelClash(busy, At(199, 300), kTownship, travel);
  ASSERT_TRUE(overlap);
  EXPECT_EQ(overlap->available, absl::ZeroDuration());
  EXPECT_EQ(overlap->needed, absl::ZeroDuration());
}

}  // namespace
}  // namespace yilian::scheduling
