#include "services/referral/rpc/command_methods.h"

#include <gtest/gtest.h>

#include "common/base/uuid.h"

namespace yilian::referral {
namespace {

rpc::Caller Person(policy::v1::Role role) {
  return {.user_id = base::Uuid::V7(), .organization_id = base::Uuid::V7(), .roles = {role}};
}

TEST(CommandMethodsTest, EachCommandIsSomebodys) {
  for (int command = 1; command <= kLastCommand; ++command) {
    bool anybodys = false;
    for (int role = policy::v1::Role_MIN; role <= policy::v1::Role_MAX; ++role) {
      if (!policy::v1::Role_IsValid(role)) continue;
      anybodys = anybodys || MayCall(static_cast<Command>(command),
                                     Person(static_cast<policy::v1::Role>(role)));
    }
    EXPECT_TRUE(anybodys) << Name(static_cast<Command>(command));
  }
}

TEST(CommandMethodsTest, ARoleIsOfferedWhatItsPolicyAllows) {
  EXPECT_TRUE(MayCall(Command::kSubmit, Person(policy::v1::ROLE_CLINIC_DOCTOR)));
  EXPECT_TRUE(MayCall(Command::kAccept, Person(policy::v1::ROLE_REFERRAL_COORDINATOR)));
  EXPECT_FALSE(MayCall(Command::kSubmit, Person(policy::v1::ROLE_AUDITOR)));
  EXPECT_FALSE(MayCall(Command::kRate, Person(policy::v1::ROLE_EXPERT)));
  EXPECT_FALSE(MayCall(Command::kArrive, Person(policy::v1::ROLE_FAMILY_DOCTOR)));
}

TEST(CommandMethodsTest, ServicesAreOfferedWhatNamesThem) {
  EXPECT_FALSE(MayCall(Command::kRate, {.service = "lab"}));
  const rpc::Caller his{.system = "his", .organization_id = base::Uuid::V7()};
  EXPECT_TRUE(MayCall(Command::kAccept, his));
  EXPECT_FALSE(MayCall(Command::kRate, his));
}

}  // namespace
}  // namespace yilian::referral
