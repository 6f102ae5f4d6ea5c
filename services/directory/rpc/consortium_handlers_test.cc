#include "services/directory/rpc/consortium_handlers.h"

#include <gmock/gmock.h>

#include "services/directory/store/mysql_consortium_store.h"
#include "services/directory/testing/directory_fixture.h"

namespace yilian::directory {
namespace {

using status::IsOk;
using status::StatusIs;

class ConsortiumTest : public testing::DirectoryFixture {
 protected:
  void SetUp() override {
    DirectoryFixture::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    store_ = std::make_unique<MysqlConsortiumStore>(*pool_);
    handlers_ = std::make_unique<ConsortiumHandlers>(
        ConsortiumHandlers::Deps{.unit = *unit_, .consortia = *store_});
  }
  absl::StatusOr<v1::Organization> Join(const std::string& organization, const std::string& etag,
                                        const std::string& lead) {
    v1::JoinConsortiumRequest request;
    request.set_request_id(testing::NewId());
    request.set_organization_id(organization);
    request.set_etag(etag);
    request.set_lead_organization_id(lead);
    return As(Ctl(), *handlers_, &ConsortiumHandlers::JoinConsortium, request);
  }
  absl::StatusOr<v1::Organization> Leave(const std::string& organization, const std::string& etag) {
    v1::LeaveConsortiumRequest request;
    request.set_request_id(testing::NewId());
    request.set_organization_id(organization);
    request.set_etag(etag);
    return As(Ctl(), *handlers_, &ConsortiumHandlers::LeaveConsortium, request);
  }
  absl::StatusOr<v1::ListConsortiumMembershipsResponse> List(const std::string& organization) {
    v1::ListConsortiumMembershipsRequest request;
    request.set_organization_id(organization);
    return As(Ctl(), *handlers_, &ConsortiumHandlers::ListConsortiumMemberships, request);
  }

  std::unique_ptr<MysqlConsortiumStore> store_;
  std::unique_ptr<ConsortiumHandlers> handlers_;
};

TEST_F(ConsortiumTest, AnOrganizationMovesFromOneToAnotherAndItsPastStays) {
  const std::string first = MakeOrganization("市第一医院", v1::TIER_TERTIARY_HOSPITAL);
  const std::string second = MakeOrganization("市第二医院", v1::TIER_TERTIARY_HOSPITAL);
  const std::string township = MakeOrganization("青山镇卫生院");
  ASSERT_THAT(Join(first, "v1", first), IsOk());
  ASSERT_THAT(Join(second, "v1", second), IsOk());
  const auto joined = Join(township, "v1", first);
  ASSERT_THAT(joined, IsOk());
  EXPECT_EQ(joined->consortium_id(), first);
  EXPECT_EQ(joined->etag(), "v2");
  EXPECT_EQ(EventTypes().back(), "OrganizationRegistered");
  EXPECT_THAT(Join(township, "v2", second),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"))
      << "leaves the first one before";
  EXPECT_THAT(Leave(township, "v1"), StatusIs(absl::StatusCode::kAborted, "ETAG_STALE"));

  clock_.Advance(absl::Hours(24));
  const auto left = Leave(township, "v2");
  ASSERT_THAT(left, IsOk());
  EXPECT_EQ(left->consortium_id(), "");
  clock_.Advance(absl::Hours(24));
  ASSERT_THAT(Join(township, "v3", second), IsOk());
  const auto past = List(township);
  ASSERT_THAT(past, IsOk());
  ASSERT_EQ(past->memberships_size(), 2);
  EXPECT_EQ(past->memberships(0).lead_organization_id(), second);
  EXPECT_FALSE(past->memberships(0).has_ended_at());
  EXPECT_EQ(past->memberships(1).lead_organization_id(), first);
  EXPECT_EQ(past->memberships(1).ended_at().seconds() - past->memberships(1).started_at().seconds(),
            24 * 60 * 60);
  EXPECT_THAT(List(testing::NewId()), StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
}

TEST_F(ConsortiumTest, OnlyAHospitalFoundsOneAndOnlyALeadIsJoined) {
  const std::string hospital = MakeOrganization("市第一医院", v1::TIER_SECONDARY_HOSPITAL);
  const std::string township = MakeOrganization("青山镇卫生院");
  EXPECT_THAT(Join(township, "v1", township),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(Join(township, "v1", hospital),
              StatusIs(absl::StatusCode::kFailedPrecondition, "ORGANIZATION_OUTSIDE"));
  EXPECT_THAT(Join(township, "v1", testing::NewId()),
              StatusIs(absl::StatusCode::kFailedPrecondition, "ORGANIZATION_OUTSIDE"));
  EXPECT_THAT(Join(testing::NewId(), "v1", hospital),
              StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
}

TEST_F(ConsortiumTest, ALeadLeavesLast) {
  const std::string lead = MakeOrganization("市第一医院", v1::TIER_TERTIARY_HOSPITAL);
  const std::string township = MakeOrganization("青山镇卫生院");
  EXPECT_THAT(Leave(lead, "v1"), StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"))
      << "it is in none";
  ASSERT_THAT(Join(lead, "v1", lead), IsOk());
  ASSERT_THAT(Join(township, "v1", lead), IsOk());
  EXPECT_THAT(Leave(lead, "v2"), StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  ASSERT_THAT(Leave(township, "v2"), IsOk());
  EXPECT_THAT(Leave(lead, "v2"), IsOk());
}

TEST_F(ConsortiumTest, AnOrganizationMadeAsAMemberHasItsMembership) {
  v1::CreateOrganizationRequest request;
  request.set_request_id(testing::NewId());
  request.set_organization_id(testing::NewId());
  request.set_name("市第一医院");
  request.set_tier(v1::TIER_TERTIARY_HOSPITAL);
  request.set_consortium_id(request.organization_id());
  ASSERT_THAT(
      As(Ctl(), *organization_handlers_, &OrganizationHandlers::CreateOrganization, request),
      IsOk());
  EXPECT_EQ(List(request.organization_id())->memberships_size(), 1);
}

}  // namespace
}  // namespace yilian::directory
