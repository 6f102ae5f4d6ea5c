#include "services/directory/domain/catalog.h"

#include <gmock/gmock.h>

#include "common/status/matchers.h"

namespace yilian::directory {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

CatalogEntry Cardiology() {
  return {.capabilities = {"ECHOCARDIOGRAPHY", "CORONARY_INTERVENTION"},
          .settings = {Setting::kOutpatient},
          .channels = {Channel::kStandard, Channel::kGreen},
          .required_items = {{.code = "LAB_REPORT", .kind = RequiredItemKind::kReport},
                             {.code = "HISTORY", .kind = RequiredItemKind::kText},
                             {.code = "ECG", .kind = RequiredItemKind::kAttachment},
                             {.code = "BLOOD_PRESSURE", .kind = RequiredItemKind::kVital}},
          .conditions = {{"I10", "I20"}, {"I10", "I21"}}};
}

TEST(CatalogEntry, OfAWorkingDepartmentIsFine) { EXPECT_THAT(Check(Cardiology()), IsEmpty()); }

TEST(CatalogEntry, NamesEveryRuleItBreaks) {
  CatalogEntry entry = Cardiology();
  entry.capabilities.emplace_back("ECHOCARDIOGRAPHY");
  entry.required_items[0].code = "CARDIAC_REPORT";
  entry.required_items[1].code = "MOOD";
  entry.required_items[3].code = "ECG";
  entry.conditions.push_back({"I10", "I20"});
  entry.conditions.push_back({"", "I22"});
  EXPECT_THAT(Check(entry),
              ElementsAre(Violation{"capabilities[2]", "is given once"},
                          Violation{"required_items[0].code",
                                    "is LAB_REPORT, IMAGING_STUDY or OPINION for a report"},
                          Violation{"required_items[1].code",
                                    "is HISTORY, TREATMENT, QUESTION or DIAGNOSIS_CODE for a text"},
                          Violation{"required_items[3].code", "is given once"},
                          Violation{"conditions[2]", "is given once"},
                          Violation{"conditions[3]", "has a system and a code"}));
}

TEST(Location, IsAPlaceOnEarth) {
  EXPECT_THAT(Check(Location{180'000'000, -90'000'000}), IsEmpty());
  EXPECT_THAT(Check(Location{180'000'001, 90'000'001}),
              ElementsAre(Violation{"longitude", "is -180 to 180 degrees"},
                          Violation{"latitude", "is -90 to 90 degrees"}));
}

TEST(MaySpeakFor, OnesOwnOrganizationOrTheRegion) {
  const OrganizationId hospital = OrganizationId::New(absl::Now());
  EXPECT_THAT(MaySpeakFor({.organization = hospital}, hospital), IsOk());
  EXPECT_THAT(MaySpeakFor({.is_service = true}, hospital), IsOk());
  EXPECT_THAT(MaySpeakFor({.organization = OrganizationId::New(absl::Now())}, hospital),
              StatusIs(absl::StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
}

TEST(NextVersion, FollowsTheOneThatWasRead) {
  EXPECT_EQ(*NextVersion(0, 0), 1);
  EXPECT_EQ(*NextVersion(7, 7), 8);
  EXPECT_THAT(NextVersion(7, 6).status(), StatusIs(absl::StatusCode::kAborted, "ETAG_STALE"));
  EXPECT_THAT(NextVersion(7, 0).status(), StatusIs(absl::StatusCode::kAborted, "ETAG_STALE"));
}

}  // namespace
}  // namespace yilian::directory
