#include "services/directory/rpc/catalog_handlers.h"

#include "services/directory/testing/catalog_fixture.h"

namespace yilian::directory {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::ElementsAre;

class CatalogTest : public testing::CatalogFixture {};

TEST_F(CatalogTest, AnEntryIsDefinedReadAndReplacedByWhoHasReadIt) {
  const std::string hospital = MakeLead("市第一医院");
  const std::string department = MakeDepartment(hospital, "心内科");
  EXPECT_THAT(Get(department), StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
  const v1::DefineCatalogEntryRequest request = Entry(department);
  const auto made = Define(PersonOf(hospital), request);
  ASSERT_THAT(made, IsOk());
  EXPECT_EQ(made->etag(), "v1");
  EXPECT_THAT(made->capabilities(), ElementsAre("CORONARY_INTERVENTION", "ECHOCARDIOGRAPHY"));
  EXPECT_EQ(Get(department)->SerializeAsString(), made->SerializeAsString());
  EXPECT_EQ(EventTypes().back(), "CatalogEntryChanged");

  EXPECT_THAT(Define(PersonOf(hospital), Entry(department)),
              StatusIs(absl::StatusCode::kAborted, "ETAG_STALE"))
      << "there is one already";
  v1::DefineCatalogEntryRequest change = Entry(department, "v1");
  change.clear_required_items();
  change.clear_conditions();
  const auto changed = Define(PersonOf(hospital), change);
  ASSERT_THAT(changed, IsOk());
  EXPECT_EQ(changed->required_items_size(), 0);
  EXPECT_EQ(Get(department)->SerializeAsString(), changed->SerializeAsString());
}

TEST_F(CatalogTest, ACoordinatorSpeaksForTheirOrganizationAndAnAdministratorForAll) {
  const std::string hospital = MakeLead("市第一医院");
  const std::string department = MakeDepartment(hospital, "心内科");
  rpc::Caller other = PersonOf(MakeLead("市第二医院"));
  EXPECT_THAT(Define(other, Entry(department)),
              StatusIs(absl::StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
  EXPECT_THAT(Locate(other, hospital, 120, 30),
              StatusIs(absl::StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
  other.roles = {policy::v1::ROLE_REGIONAL_ADMINISTRATOR};
  EXPECT_THAT(Define(other, Entry(department)), IsOk());
  EXPECT_THAT(Define(other, Entry(testing::NewId())),
              StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
  v1::DefineCatalogEntryRequest wrong = Entry(department, "v1");
  wrong.mutable_required_items(0)->set_code("ECG");
  const absl::Status refused = Define(other, wrong).status();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_EQ(status::BadRequestOf(refused)->field_violations(0).field(), "required_items[0].code");
}

TEST_F(CatalogTest, EntriesAreListedByOrganizationAndCapability) {
  const std::string hospital = MakeLead("市第一医院");
  std::vector<std::string> departments;
  for (const char* name : {"a", "b", "c"}) {
    departments.push_back(MakeDepartment(hospital, name));
    v1::DefineCatalogEntryRequest entry = Entry(departments.back());
    if (*name == 'b') entry.add_capabilities("ABLATION");
    ASSERT_THAT(Define(Ctl(), entry), IsOk());
  }
  v1::ListCatalogEntriesRequest request;
  request.set_organization_id(hospital);
  request.mutable_page()->set_page_size(2);
  const auto list = [&] {
    return As(Ctl(), *handlers_, &CatalogHandlers::ListCatalogEntries, request);
  };
  const auto first = list();
  ASSERT_THAT(first, IsOk());
  ASSERT_EQ(first->entries_size(), 2);
  EXPECT_EQ(first->entries(0).required_items_size(), 1);
  request.mutable_page()->set_page_token(first->page().next_page_token());
  const auto second = list();
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->entries_size(), 1);
  EXPECT_EQ(second->page().next_page_token(), "");
  request.clear_page();
  request.set_capability("ABLATION");
  ASSERT_EQ(list()->entries_size(), 1);
  EXPECT_EQ(list()->entries(0).department_id(), departments[1]);
  request.set_organization_id(testing::NewId());
  EXPECT_THAT(list(), StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
}

TEST_F(CatalogTest, APlaceIsOnEarthAndReplacedByWhoHasReadIt) {
  const std::string hospital = MakeLead("市第一医院");
  const auto made = Locate(PersonOf(hospital), hospital, 120.1234567, 30.5);
  ASSERT_THAT(made, IsOk());
  EXPECT_DOUBLE_EQ(made->longitude(), 120.123457);
  EXPECT_EQ(EventTypes().back(), "OrganizationLocated");
  EXPECT_THAT(Locate(PersonOf(hospital), hospital, 121, 30.5),
              StatusIs(absl::StatusCode::kAborted, "ETAG_STALE"));
  EXPECT_THAT(Locate(PersonOf(hospital), hospital, 121, 30.5, made->etag()), IsOk());
  EXPECT_THAT(Locate(Ctl(), hospital, 181, std::nan("")),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

}  // namespace
}  // namespace yilian::directory
