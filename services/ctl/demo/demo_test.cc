#include <gtest/gtest.h>

#include <map>
#include <set>

#include "services/ctl/demo/catalogue.h"
#include "services/ctl/demo/mllp.h"

namespace yilian::ctl::demo {
namespace {

TEST(Catalogue, HasThirtyThreeOrganizationsWithLeadsThatExist) {
  std::set<std::string> keys;
  for (const DemoOrganization& one : Organizations())
    EXPECT_TRUE(keys.insert(one.key).second) << one.key;
  EXPECT_EQ(keys.size(), 33u);
  for (const DemoOrganization& one : Organizations()) {
    EXPECT_TRUE(one.lead.empty() || keys.contains(one.lead)) << one.key;
  }
}

TEST(Catalogue, PeopleAndDepartmentsBelongToWhatIsThere) {
  std::set<std::string> organizations;
  for (const DemoOrganization& one : Organizations()) organizations.insert(one.key);
  std::set<std::string> departments = {""};
  for (const DemoDepartment& one : Departments()) {
    EXPECT_TRUE(organizations.contains(one.organization));
    departments.insert(one.key);
  }
  std::set<std::string> names;
  for (const DemoPerson& one : People()) {
    EXPECT_TRUE(organizations.contains(one.organization)) << one.key;
    EXPECT_TRUE(departments.contains(one.department)) << one.key;
    EXPECT_TRUE(names.insert(one.key).second) << one.key;
  }
}

TEST(Catalogue, ATeamOfEachCentreIsLedByItsFamilyDoctor) {
  std::map<std::string, std::string> organizations;
  for (const DemoPerson& one : People()) organizations[one.key] = one.organization;
  std::set<std::string> with_team;
  for (const DemoTeam& one : Teams()) {
    EXPECT_EQ(organizations[one.leader], one.organization);
    with_team.insert(one.organization);
  }
  for (const DemoResident& one : Residents()) {
    EXPECT_TRUE(with_team.contains(one.organization)) << one.key;
  }
  EXPECT_EQ(LicenceNumber(7), "999901000000007");
}

TEST(Catalogue, TheGatewaysConfigurationNamesTheTownship) {
  // deploy/config/gateway.json: the senders' organization.
  EXPECT_EQ(DemoId("organization", "taoxi").ToString(), "e2ae4f4b-c093-5341-b373-e7a9bf093df4");
}

TEST(NationalId, HasTheCheckCharacterOfTheStandard) {
  // GB 11643-1999, the standard's own weights, computed by hand for this number.
  EXPECT_EQ(NationalId("1980-01-01", 1).substr(0, 17), "99990119800101001");
  EXPECT_EQ(NationalId("1980-01-01", 1), "999901198001010016");
}

TEST(Mllp, FindsTheAcknowledgementCode) {
  EXPECT_EQ(AcknowledgementCode("MSH|^~\\&|A\rMSA|AE|17|x\r"), "AE");
  EXPECT_EQ(AcknowledgementCode("MSH|^~\\&|A\r"), "");
}

TEST(Mllp, KnowsWhoAsksForNoAnswer) {
  EXPECT_FALSE(AsksForAnswer("MSH|^~\\&|A|B|C|D|1||ADT^A40|17|P|2.5|||NE|NE\rPID|1"));
  EXPECT_FALSE(AsksForAnswer("MSH|^~\\&|A|B|C|D|1||ADT^A40|17|P|2.5|||NE|AL\nPID|1"));
  EXPECT_TRUE(AsksForAnswer("MSH|^~\\&|A|B|C|D|1||ADT^A40|17|P|2.5|||AL|NE\rPID|1"));
  EXPECT_TRUE(AsksForAnswer("MSH|^~\\&|A|B|C|D|1||ADT^A40|17|P|2.5\rPID|1"));
}

TEST(Mllp, WritesAnotherControlIdAndNothingElse) {
  EXPECT_EQ(WithControlId("MSH|^~\\&|A|B|C|D|1||ADT^A40|17|P|2.5\nPID|1|17", "x"),
            "MSH|^~\\&|A|B|C|D|1||ADT^A40|x|P|2.5\nPID|1|17");
}

TEST(Mllp, WritesGb18030WithItsTreacherousSecondBytes) {
  const std::string bytes = *ToGb18030("珅");
  ASSERT_EQ(bytes.size(), 2u);
  // The second byte is one that HL7 uses as a delimiter: why a message is decoded before it is
  // split.
  EXPECT_NE(std::string("|^~\\").find(bytes[1]), std::string::npos);
}

}  // namespace
}  // namespace yilian::ctl::demo
