// Sensitive classes and grants, without a database.
#include "services/lab/domain/sharing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/matchers.h"

namespace yilian::lab {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
const absl::Time kNow = absl::FromUnixSeconds(1'760'000'000);

ClassSet SetOf(std::initializer_list<SensitiveClass> classes) {
  ClassSet set;
  for (const SensitiveClass one : classes) set.Add(one);
  return set;
}

TEST(ClassSet, CoversWhatItHasAndNothingElse) {
  const ClassSet both = SetOf({SensitiveClass::kHiv, SensitiveClass::kReproductive});
  EXPECT_THAT(both.All(), ElementsAre(SensitiveClass::kHiv, SensitiveClass::kReproductive));
  EXPECT_THAT(ClassSet().All(), IsEmpty());
  EXPECT_TRUE(both.Covers({}));
  EXPECT_TRUE(both.Covers(SetOf({SensitiveClass::kHiv})));
  EXPECT_FALSE(SetOf({SensitiveClass::kHiv}).Covers(both));
  EXPECT_FALSE(ClassSet().Covers(both));
}

TEST(SensitiveCode, ALoincCodeHasATrueCheckDigit) {
  EXPECT_THAT((SensitiveCode{.system = "LN", .code = "7918-6"}).Check(), IsOk());
  EXPECT_THAT((SensitiveCode{.system = "LN", .code = "7918-5"}).Check(),
              StatusIs(kInvalid, "FIELD_INVALID"));
  EXPECT_THAT((SensitiveCode{.system = "L", .code = "HIV"}).Check(), IsOk());
}

TEST(NewGrant, EndsAfterNowAndWithinAYear) {
  NewGrant grant{.patient = PatientId(base::Uuid::V7()),
                 .organization = OrganizationId(base::Uuid::V7()),
                 .classes = {SensitiveClass::kHiv},
                 .ends_at = kNow + absl::Hours(1),
                 .by = OrganizationId(base::Uuid::V7())};
  EXPECT_THAT(grant.Check(kNow), IsOk());
  grant.ends_at = kNow;
  EXPECT_THAT(grant.Check(kNow), StatusIs(kInvalid, "FIELD_INVALID"));
  grant.ends_at = kNow + kLongestGrant + absl::Seconds(1);
  EXPECT_THAT(grant.Check(kNow), StatusIs(kInvalid, "FIELD_INVALID"));
  grant.ends_at = absl::InfiniteFuture();
  EXPECT_THAT(grant.Check(kNow), StatusIs(kInvalid, "FIELD_INVALID"));
}

TEST(NewGrant, NamesEachClassOnceAndAnotherOrganization) {
  NewGrant grant{.organization = OrganizationId(base::Uuid::V7()),
                 .classes = {SensitiveClass::kHiv, SensitiveClass::kHiv},
                 .ends_at = kNow + absl::Hours(1),
                 .by = OrganizationId(base::Uuid::V7())};
  EXPECT_THAT(grant.Check(kNow), StatusIs(kInvalid, "FIELD_INVALID"));
  grant.classes = {static_cast<SensitiveClass>(0)};
  EXPECT_THAT(grant.Check(kNow), StatusIs(kInvalid, "FIELD_INVALID"));
  grant.classes = {SensitiveClass::kHiv};
  grant.organization = grant.by;
  EXPECT_THAT(grant.Check(kNow), StatusIs(kInvalid, "FIELD_INVALID"));
}

}  // namespace
}  // namespace yilian::lab
