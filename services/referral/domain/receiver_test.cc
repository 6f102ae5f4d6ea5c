#include "services/referral/domain/receiver.h"

#include <gtest/gtest.h>

#include "services/referral/domain/referral_fixture.h"

namespace yilian::referral {
namespace {

constexpr std::string_view kField = "receiving_organization_id";
const OrganizationId kConsortium = Org(2);

Organization Of(Tier tier, OrganizationId consortium = kConsortium) {
  return {.id = OrganizationId(base::Uuid::V7()), .tier = tier, .consortium = consortium};
}

bool Allowed(Direction direction, Tier from, Tier to) {
  return CheckReceiver(direction, Of(from), Of(to), false, kField).empty();
}

TEST(Receiver, EachDirectionLeadsToItsLevel) {
  constexpr Tier kTiers[] = {Tier::kVillageClinic, Tier::kTownshipHospital,
                             Tier::kSecondaryHospital, Tier::kTertiaryHospital};
  for (int from = 0; from < 4; ++from) {
    for (int to = 0; to < 4; ++to) {
      EXPECT_EQ(Allowed(Direction::kUp, kTiers[from], kTiers[to]), to > from);
      EXPECT_EQ(Allowed(Direction::kDown, kTiers[from], kTiers[to]), to < from);
      EXPECT_EQ(Allowed(Direction::kLateral, kTiers[from], kTiers[to]), to == from);
    }
  }
  EXPECT_TRUE(Allowed(Direction::kLateral, Tier::kCommunityCentre, Tier::kTownshipHospital));
}

TEST(Receiver, WhoTreatsNobodyReceivesNobody) {
  for (const Tier tier : {Tier::kHealthAuthority, Tier::kLaboratory, Tier::kDiseaseControl}) {
    const errors::Violations broken =
        CheckReceiver(Direction::kUp, Of(Tier::kTownshipHospital), Of(tier), true, kField);
    ASSERT_EQ(broken.size(), 1u);
    EXPECT_EQ(broken[0].first, kField);
  }
}

TEST(Receiver, StaysInTheConsortiumUnlessTheRegionAllowsMore) {
  const Organization township = Of(Tier::kTownshipHospital);
  const Organization stranger = Of(Tier::kTertiaryHospital, Org(3));
  EXPECT_EQ(CheckReceiver(Direction::kUp, township, stranger, false, kField).size(), 1u);
  EXPECT_TRUE(CheckReceiver(Direction::kUp, township, stranger, true, kField).empty());
  // Every broken rule is named.
  EXPECT_EQ(CheckReceiver(Direction::kDown, township, stranger, false, kField).size(), 2u);
}

}  // namespace
}  // namespace yilian::referral
