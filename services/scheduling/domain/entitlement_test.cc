#include "services/scheduling/domain/entitlement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace yilian::scheduling {
namespace {

using ::testing::ElementsAre;

const OrganizationId kLead = OrganizationId(base::Uuid::V5(base::Uuid(), "lead"));
const OrganizationId kOtherLead = OrganizationId(base::Uuid::V5(base::Uuid(), "other lead"));
const OrganizationId kTownship = OrganizationId(base::Uuid::V5(base::Uuid(), "township"));

Booker Member(Tier tier, OrganizationId consortium = kLead, bool green = false) {
  return {.organization = {kTownship, tier, consortium}, .green = green};
}

std::vector<PoolKind> Kinds(const Booker& booker) {
  std::vector<PoolKind> kinds;
  for (const SeatPool& pool : PoolsToTry(booker, kLead)) kinds.push_back(pool.kind);
  return kinds;
}

TEST(Entitlement, TriesTheNarrowestReserveFirst) {
  EXPECT_THAT(Kinds(Member(Tier::kTownshipHospital)),
              ElementsAre(PoolKind::kOrganization, PoolKind::kConsortium, PoolKind::kOpen));
  EXPECT_THAT(Kinds(Member(Tier::kTownshipHospital, kLead, true)),
              ElementsAre(PoolKind::kOrganization, PoolKind::kGreen, PoolKind::kConsortium,
                          PoolKind::kOpen));
  EXPECT_THAT(Kinds(Member(Tier::kSecondaryHospital)),
              ElementsAre(PoolKind::kOrganization, PoolKind::kOpen));
  EXPECT_THAT(Kinds(Booker{}), ElementsAre(PoolKind::kOpen));
}

TEST(Entitlement, ConsortiumReserveIsForItsGrassRootsMembersOnly) {
  const SeatPool reserve{PoolKind::kConsortium};
  for (const Tier tier : {Tier::kCommunityCentre, Tier::kTownshipHospital, Tier::kVillageClinic}) {
    EXPECT_TRUE(MayTake(Member(tier), kLead, reserve));
    EXPECT_FALSE(MayTake(Member(tier, kOtherLead), kLead, reserve));
    EXPECT_FALSE(MayTake(Member(tier, OrganizationId()), OrganizationId(), reserve));
  }
  for (const Tier tier : {Tier::kUnknown, Tier::kHealthAuthority, Tier::kTertiaryHospital,
                          Tier::kSecondaryHospital, Tier::kLaboratory, Tier::kDiseaseControl}) {
    EXPECT_FALSE(MayTake(Member(tier), kLead, reserve));
  }
}

TEST(Entitlement, AnOrganizationsReserveIsItsOwn) {
  EXPECT_TRUE(
      MayTake(Member(Tier::kTownshipHospital), kLead, {PoolKind::kOrganization, kTownship}));
  EXPECT_FALSE(MayTake(Member(Tier::kTownshipHospital), kLead, {PoolKind::kOrganization, kLead}));
  EXPECT_FALSE(MayTake(Booker{}, kLead, {PoolKind::kOrganization, OrganizationId()}));
}

TEST(Entitlement, CountsWhatIsFreeForMeAndWhatIsKeptForOthers) {
  const std::vector<PoolCount> pools = {{{PoolKind::kOpen}, 5, 2},
                                        {{PoolKind::kConsortium}, 4, 3},
                                        {{PoolKind::kOrganization, kLead}, 2, 2},
                                        {{PoolKind::kGreen}, 1, 1}};
  const FreeSeats member = CountFree(Member(Tier::kVillageClinic), kLead, pools);
  EXPECT_EQ(member.mine, 5);
  EXPECT_EQ(member.reserved_elsewhere, 3);
  const FreeSeats green = CountFree(Member(Tier::kTertiaryHospital, kLead, true), kLead, pools);
  EXPECT_EQ(green.mine, 3);
  EXPECT_EQ(green.reserved_elsewhere, 5);
}

}  // namespace
}  // namespace yilian::scheduling
