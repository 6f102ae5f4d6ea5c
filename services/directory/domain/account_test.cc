#include "services/directory/domain/account.h"

#include <gmock/gmock.h>

namespace yilian::directory {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

TEST(UserNameTest, TakesLowerCaseLettersDigitsAndThreeMarks) {
  EXPECT_TRUE(IsUserName("li.wei-2_a"));
  EXPECT_TRUE(IsUserName(std::string(64, 'a')));
  EXPECT_FALSE(IsUserName(""));
  EXPECT_FALSE(IsUserName(std::string(65, 'a')));
  EXPECT_FALSE(IsUserName("Li"));
  EXPECT_FALSE(IsUserName("李伟"));
  EXPECT_FALSE(IsUserName("a b"));
}

TEST(RolesTest, ClinicalRolesGoTogether) {
  EXPECT_THAT(CheckRoles({"ROLE_HOSPITAL_DOCTOR", "ROLE_EXPERT", "ROLE_READER"}), IsEmpty());
}

TEST(RolesTest, EachAdministratorRoleStandsAlone) {
  for (const std::string administrator :
       {"ROLE_REGIONAL_ADMINISTRATOR", "ROLE_SECURITY_ADMINISTRATOR", "ROLE_AUDITOR"}) {
    EXPECT_THAT(CheckRoles({administrator}), IsEmpty());
    EXPECT_THAT(CheckRoles({administrator, "ROLE_CLINIC_DOCTOR"}),
                ElementsAre(Violation{"roles", "an administrator role stands alone"}));
  }
  EXPECT_EQ(CheckRoles({"ROLE_AUDITOR", "ROLE_SECURITY_ADMINISTRATOR"}).size(), 1);
}

TEST(RolesTest, EveryFaultIsNamed) {
  EXPECT_EQ(CheckRoles({"ROLE_AUDITOR", "ROLE_AUDITOR", "ROLE_UNSPECIFIED"}).size(), 3);
}

TEST(ThrottleTest, FiveFailuresAreFreeAndThenTheDelayDoublesUpToItsLimit) {
  const ThrottleRules rules;
  Throttle throttle;
  for (int i = 1; i < 5; ++i) {
    throttle = AfterFailure(rules, throttle, kNow);
    EXPECT_EQ(throttle.failures, i);
    EXPECT_EQ(throttle.blocked_until, absl::InfinitePast()) << i;
  }
  for (const int seconds : {5, 10, 20, 40, 80, 160, 320, 640, 900, 900}) {
    throttle = AfterFailure(rules, throttle, kNow);
    EXPECT_EQ(throttle.blocked_until, kNow + absl::Seconds(seconds)) << throttle.failures;
  }
}

TEST(ThrottleTest, ADayWithoutAFailureStartsTheCountAnew) {
  const ThrottleRules rules;
  Throttle throttle;
  for (int i = 0; i < 8; ++i) throttle = AfterFailure(rules, throttle, kNow);
  const Throttle kept = AfterFailure(rules, throttle, kNow + absl::Hours(24));
  EXPECT_EQ(kept.failures, 9);
  const Throttle anew = AfterFailure(rules, throttle, kNow + absl::Hours(24) + absl::Seconds(1));
  EXPECT_EQ(anew.failures, 1);
  EXPECT_EQ(anew.blocked_until, absl::InfinitePast());
}

TEST(ThrottleTest, ASourceIsForgivenOneFailureEveryHalfMinute) {
  Throttle throttle;
  for (int i = 0; i < 99; ++i) throttle = AfterFailure(kSourceRules, throttle, kNow);
  EXPECT_EQ(throttle.blocked_until, absl::InfinitePast());
  const Throttle later = AfterFailure(kSourceRules, throttle, kNow + absl::Minutes(5));
  EXPECT_EQ(later.failures, 90);
  const Throttle blocked = AfterFailure(kSourceRules, throttle, kNow);
  EXPECT_EQ(blocked.blocked_until, kNow + absl::Seconds(1));
  EXPECT_NE(SourceKey("a"), SourceKey("b"));
}

}  // namespace
}  // namespace yilian::directory
