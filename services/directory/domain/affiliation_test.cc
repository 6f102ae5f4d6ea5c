#include "services/directory/domain/affiliation.h"

#include <gmock/gmock.h>

#include "common/status/matchers.h"
#include "services/directory/domain/password_policy.h"

namespace yilian::directory {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::IsEmpty;

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);
const absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;

class AffiliationTest : public ::testing::Test {
 protected:
  Affiliation In(OrganizationId organization, std::vector<std::string> roles) {
    return {.id = AffiliationId::New(kNow),
            .user = user_,
            .organization = organization,
            .roles = std::move(roles),
            .started_at = kNow - absl::Hours(24)};
  }
  const UserId user_ = UserId::New(kNow);
  const OrganizationId hospital_ = OrganizationId::New(kNow);
  const OrganizationId township_ = OrganizationId::New(kNow);
};

TEST_F(AffiliationTest, APersonMayWorkForSeveralOrganizations) {
  const Affiliation there = In(hospital_, {"ROLE_EXPERT"});
  EXPECT_THAT(CheckAdded({there}, In(township_, {"ROLE_CLINIC_DOCTOR"}), kNow), IsOk());
}

TEST_F(AffiliationTest, OneWithAnOrganizationAtATime) {
  Affiliation there = In(hospital_, {"ROLE_EXPERT"});
  EXPECT_THAT(CheckAdded({there}, In(hospital_, {"ROLE_READER"}), kNow),
              StatusIs(absl::StatusCode::kAlreadyExists, "IDENTIFIER_TAKEN"));
  there.ends_at = kNow;
  Affiliation again = In(hospital_, {"ROLE_READER"});
  again.started_at = kNow;
  EXPECT_THAT(CheckAdded({there}, again, kNow), IsOk()) << "one after the other";
}

TEST_F(AffiliationTest, TheThreeAdministratorsAreSeparatePeopleAndTreatNobodyAnywhere) {
  for (const std::string one :
       {"ROLE_REGIONAL_ADMINISTRATOR", "ROLE_SECURITY_ADMINISTRATOR", "ROLE_AUDITOR"}) {
    for (const std::string other : {"ROLE_REGIONAL_ADMINISTRATOR", "ROLE_SECURITY_ADMINISTRATOR",
                                    "ROLE_AUDITOR", "ROLE_CLINIC_DOCTOR"}) {
      const absl::Status status = CheckAdded({In(hospital_, {one})}, In(township_, {other}), kNow);
      if (one == other) {
        EXPECT_THAT(status, IsOk()) << "the same role for two organizations";
      } else {
        EXPECT_THAT(status, StatusIs(kInvalid, "FIELD_INVALID")) << one << " " << other;
      }
    }
  }
  Affiliation over = In(hospital_, {"ROLE_AUDITOR"});
  over.ends_at = kNow - absl::Hours(1);
  EXPECT_THAT(CheckAdded({over}, In(township_, {"ROLE_CLINIC_DOCTOR"}), kNow), IsOk())
      << "what is over binds no more";
  Affiliation to_come = In(hospital_, {"ROLE_AUDITOR"});
  to_come.started_at = kNow + absl::Hours(1);
  EXPECT_THAT(CheckAdded({to_come}, In(township_, {"ROLE_CLINIC_DOCTOR"}), kNow),
              StatusIs(kInvalid, "FIELD_INVALID"));
}

TEST_F(AffiliationTest, TheEndIsAfterTheStartAndNeverMovedOut) {
  Affiliation added = In(hospital_, {"ROLE_EXPERT"});
  added.ends_at = kNow;
  EXPECT_THAT(CheckAdded({}, added, kNow), StatusIs(kInvalid, "FIELD_INVALID"));
  added.ends_at = kNow + absl::Hours(1);
  EXPECT_THAT(CheckAdded({}, added, kNow), IsOk());
  EXPECT_THAT(CheckEnd(added, kNow, kNow), IsOk());
  EXPECT_THAT(CheckEnd(added, kNow - absl::Seconds(1), kNow), StatusIs(kInvalid, "FIELD_INVALID"));
  EXPECT_THAT(CheckEnd(added, kNow + absl::Hours(2), kNow), StatusIs(kInvalid, "FIELD_INVALID"));
}

TEST_F(AffiliationTest, APersonActsForTheOrganizationTheyNameOrForTheirFirst) {
  Affiliation first = In(hospital_, {"ROLE_EXPERT"});
  Affiliation second = In(township_, {"ROLE_CLINIC_DOCTOR"});
  second.started_at = kNow - absl::Hours(1);
  EXPECT_EQ(Choose({second, first}, OrganizationId(), kNow)->id, first.id);
  EXPECT_EQ(Choose({second, first}, township_, kNow)->id, second.id);
  EXPECT_FALSE(Choose({first, second}, OrganizationId::New(kNow), kNow).has_value());
  first.ends_at = kNow;
  EXPECT_EQ(Choose({first, second}, OrganizationId(), kNow)->id, second.id);
  EXPECT_FALSE(Choose({first, second}, hospital_, kNow).has_value()) << "it is over";
  EXPECT_FALSE(Choose({second}, township_, kNow - absl::Hours(2)).has_value()) << "not yet";
}

TEST(PasswordPolicyTest, TakesLongOnesThatNobodyTriesFirst) {
  for (const char* good : {"correct horse battery", "Xu Hui 的三只猫都很胖", "9fk2-vbbq-77al-zzt0",
                           "password-of-the-blue-door"}) {
    EXPECT_THAT(CheckPassword(good, "li.wei", "password"), IsEmpty()) << good;
  }
}

TEST(PasswordPolicyTest, RefusesCommonOnesRunsRepetitionsAndTheUserName) {
  for (const char* bad :
       {"password1234", "Password2026!", "ADMIN1234567", "woaini1314520", "qwerty123456",
        "1qaz2wsx3edc", "123456789012", "abcdefghijkl", "210987654321", "aaaaaaaaaaaa",
        "121212121212", "li.wei-20261122", "my LI.WEI secret word"}) {
    const Violations violations = CheckPassword(bad, "li.wei", "password");
    ASSERT_FALSE(violations.empty()) << bad;
    EXPECT_EQ(violations[0].field, "password");
  }
}

}  // namespace
}  // namespace yilian::directory
