#include "services/directory/domain/team.h"

#include <gmock/gmock.h>

#include "common/status/matchers.h"

namespace yilian::directory {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::IsEmpty;

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);
const absl::Time kLater = kNow + absl::Hours(24 * 30);

Period At(absl::Time at) { return {.start = at, .end = at + absl::Microseconds(1)}; }

class TeamTest : public ::testing::Test {
 protected:
  std::vector<PractitionerId> MembersAt(const Team& team, absl::Time at) {
    std::vector<PractitionerId> ids;
    for (const TeamMember& one : MembersIn(team, At(at))) ids.push_back(one.practitioner);
    return ids;
  }
  const PractitionerId leader_ = PractitionerId::New(kNow);
  const PractitionerId nurse_ = PractitionerId::New(kNow);
  const Team team_ = Founded({.id = TeamId::New(kNow), .name = "家医一队"}, leader_, kNow);
};

TEST_F(TeamTest, BeginsWithALeader) {
  EXPECT_EQ(RoleOf(team_, leader_, kNow), TeamRole::kLeader);
  EXPECT_EQ(RoleOf(team_, leader_, kNow - absl::Seconds(1)), std::nullopt);
}

TEST_F(TeamTest, RemembersWhoWasInItWhen) {
  const auto with = WithMember(team_, nurse_, TeamRole::kNurse, kNow + absl::Hours(1));
  ASSERT_THAT(with, IsOk());
  const auto without = WithoutMember(*with, nurse_, kLater);
  ASSERT_THAT(without, IsOk());
  EXPECT_EQ(without->version, 3);
  EXPECT_THAT(MembersAt(*without, kNow), ::testing::ElementsAre(leader_));
  EXPECT_THAT(MembersAt(*without, kLater - absl::Seconds(1)),
              ::testing::ElementsAre(leader_, nurse_));
  EXPECT_THAT(MembersAt(*without, kLater), ::testing::ElementsAre(leader_));
  const auto again = WithMember(*without, nurse_, TeamRole::kOther, kLater + absl::Hours(1));
  EXPECT_EQ(again->members.size(), 3u);
  EXPECT_EQ(RoleOf(*again, nurse_, kLater - absl::Seconds(1)), TeamRole::kNurse);
  EXPECT_EQ(RoleOf(*again, nurse_, kLater + absl::Hours(2)), TeamRole::kOther);
}

TEST_F(TeamTest, ANewLeaderReplacesTheOldOneWhoStays) {
  const PractitionerId next = PractitionerId::New(kNow);
  const auto team = WithMember(team_, next, TeamRole::kLeader, kLater);
  ASSERT_THAT(team, IsOk());
  EXPECT_EQ(RoleOf(*team, leader_, kLater - absl::Seconds(1)), TeamRole::kLeader);
  EXPECT_EQ(RoleOf(*team, next, kLater - absl::Seconds(1)), std::nullopt);
  EXPECT_EQ(RoleOf(*team, leader_, kLater), TeamRole::kPhysician);
  EXPECT_EQ(RoleOf(*team, next, kLater), TeamRole::kLeader);
  EXPECT_EQ(MembersIn(*team, At(kLater))[0].practitioner, next) << "the leader first";
}

TEST_F(TeamTest, IsNeverWithoutALeader) {
  EXPECT_THAT(WithoutMember(team_, leader_, kLater),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(WithMember(team_, leader_, TeamRole::kNurse, kLater),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(WithoutMember(team_, nurse_, kLater),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

TEST_F(TeamTest, WhatHappensInOneMomentLeavesOneEntry) {
  const auto joined = WithMember(team_, nurse_, TeamRole::kNurse, kNow);
  const auto left = WithoutMember(*joined, nurse_, kNow);
  ASSERT_THAT(left, IsOk());
  EXPECT_EQ(RoleOf(*left, nurse_, kNow), std::nullopt);
  const auto leads = WithMember(*left, nurse_, TeamRole::kLeader, kNow);
  ASSERT_THAT(leads, IsOk());
  EXPECT_EQ(leads->members.size(), 2u);
  EXPECT_EQ(RoleOf(*leads, nurse_, kNow), TeamRole::kLeader);
  EXPECT_EQ(RoleOf(*leads, leader_, kNow), TeamRole::kPhysician);
  EXPECT_THAT(MembersAt(*leads, kNow - absl::Seconds(1)), IsEmpty());
}

}  // namespace
}  // namespace yilian::directory
