#include "services/directory/rpc/organization_handlers.h"

#include <gmock/gmock.h>

#include "services/directory/testing/directory_fixture.h"

namespace yilian::directory {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::ElementsAre;

class OrganizationTest : public testing::DirectoryFixture {
 protected:
  static v1::CreateOrganizationRequest Wish(const std::string& name) {
    v1::CreateOrganizationRequest request;
    request.set_request_id(testing::NewId());
    request.set_name(name);
    request.set_tier(v1::TIER_TERTIARY_HOSPITAL);
    return request;
  }
  absl::StatusOr<v1::Organization> Create(const v1::CreateOrganizationRequest& request) {
    return As(Ctl(), *organization_handlers_, &OrganizationHandlers::CreateOrganization, request);
  }
  absl::StatusOr<v1::ListOrganizationsResponse> List(const rpc::Caller& caller, v1::Tier tier,
                                                     int size, const std::string& token) {
    v1::ListOrganizationsRequest request;
    request.set_tier(tier);
    request.mutable_page()->set_page_size(size);
    request.mutable_page()->set_page_token(token);
    return As(caller, *organization_handlers_, &OrganizationHandlers::ListOrganizations, request);
  }
  static std::vector<std::string> NamesOf(const v1::ListOrganizationsResponse& response) {
    std::vector<std::string> names;
    for (const auto& one : response.organizations()) names.push_back(one.name());
    return names;
  }
  static std::string KindOf(const absl::Status& status) {
    const auto info = status::InfoOf(status);
    return info ? info->metadata().at("kind") : "";
  }
};

TEST_F(OrganizationTest, IsCreatedOnceARequestAndReadBack) {
  const v1::CreateOrganizationRequest request = Wish("市第一医院");
  const auto made = Create(request);
  ASSERT_THAT(made, IsOk());
  const auto again = Create(request);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->organization_id(), made->organization_id());
  EXPECT_THAT(EventTypes(), ElementsAre("OrganizationRegistered"));
  v1::GetOrganizationRequest get;
  get.set_organization_id(made->organization_id());
  const auto read =
      As(Service("lab"), *organization_handlers_, &OrganizationHandlers::GetOrganization, get);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->SerializeAsString(), made->SerializeAsString());
  get.set_organization_id(testing::NewId());
  EXPECT_THAT(
      As(Service("lab"), *organization_handlers_, &OrganizationHandlers::GetOrganization, get),
      StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
}

TEST_F(OrganizationTest, NameAndIdAreTakenOnce) {
  v1::CreateOrganizationRequest request = Wish("市第一医院");
  request.set_organization_id(testing::NewId());
  ASSERT_THAT(Create(request), IsOk());
  v1::CreateOrganizationRequest same_name = Wish("市第一医院");
  const absl::Status name_taken = Create(same_name).status();
  EXPECT_THAT(name_taken, StatusIs(absl::StatusCode::kAlreadyExists, "IDENTIFIER_TAKEN"));
  EXPECT_EQ(KindOf(name_taken), "name");
  v1::CreateOrganizationRequest same_id = Wish("市第二医院");
  same_id.set_organization_id(request.organization_id());
  const absl::Status id_taken = Create(same_id).status();
  EXPECT_THAT(id_taken, StatusIs(absl::StatusCode::kAlreadyExists, "IDENTIFIER_TAKEN"));
  EXPECT_EQ(KindOf(id_taken), "organization_id");
}

TEST_F(OrganizationTest, AConsortiumIsNamedByItsLeadOnly) {
  v1::CreateOrganizationRequest lead = Wish("市第一医院");
  lead.set_organization_id(testing::NewId());
  lead.set_consortium_id(lead.organization_id());
  v1::CreateOrganizationRequest member = Wish("青山镇卫生院");
  member.set_consortium_id(lead.organization_id());
  EXPECT_THAT(Create(member),
              StatusIs(absl::StatusCode::kFailedPrecondition, "ORGANIZATION_OUTSIDE"));
  ASSERT_THAT(Create(lead), IsOk());
  const auto made = Create(member);
  ASSERT_THAT(made, IsOk());
  v1::CreateOrganizationRequest nested = Wish("青山村卫生室");
  nested.set_consortium_id(made->organization_id());
  EXPECT_THAT(Create(nested),
              StatusIs(absl::StatusCode::kFailedPrecondition, "ORGANIZATION_OUTSIDE"));
}

TEST_F(OrganizationTest, PagesFollowTheNameAndTheTokenBelongsToItsQuery) {
  for (const char* name : {"a", "b", "c", "d", "e"}) ASSERT_THAT(Create(Wish(name)), IsOk());
  MakeOrganization("bb", v1::TIER_LABORATORY);
  const rpc::Caller person = PersonOf(testing::NewId());
  const auto first = List(person, v1::TIER_TERTIARY_HOSPITAL, 2, "");
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(NamesOf(*first), ElementsAre("a", "b"));
  const std::string token = first->page().next_page_token();
  const auto second = List(person, v1::TIER_TERTIARY_HOSPITAL, 3, token);
  ASSERT_THAT(second, IsOk());
  EXPECT_THAT(NamesOf(*second), ElementsAre("c", "d", "e"));
  EXPECT_EQ(second->page().next_page_token(), "");
  EXPECT_THAT(NamesOf(*List(person, v1::TIER_UNSPECIFIED, 0, "")),
              ElementsAre("a", "b", "bb", "c", "d", "e"));

  EXPECT_THAT(List(PersonOf(testing::NewId()), v1::TIER_TERTIARY_HOSPITAL, 2, token),
              StatusIs(absl::StatusCode::kInvalidArgument))
      << "another caller";
  EXPECT_THAT(List(person, v1::TIER_LABORATORY, 2, token),
              StatusIs(absl::StatusCode::kInvalidArgument))
      << "another query";
}

TEST_F(OrganizationTest, DepartmentsAndPractitionersBelongToAnOrganization) {
  const std::string hospital = MakeOrganization("市第一医院");
  v1::CreateDepartmentRequest department;
  department.set_request_id(testing::NewId());
  department.set_organization_id(hospital);
  department.set_name("心内科");
  department.set_specialty("CARDIOLOGY");
  const auto made =
      As(Ctl(), *organization_handlers_, &OrganizationHandlers::CreateDepartment, department);
  ASSERT_THAT(made, IsOk());
  department.set_request_id(testing::NewId());
  const absl::Status taken =
      As(Ctl(), *organization_handlers_, &OrganizationHandlers::CreateDepartment, department)
          .status();
  EXPECT_THAT(taken, StatusIs(absl::StatusCode::kAlreadyExists, "IDENTIFIER_TAKEN"));
  EXPECT_EQ(KindOf(taken), "name");
  department.set_organization_id(testing::NewId());
  EXPECT_THAT(
      As(Ctl(), *organization_handlers_, &OrganizationHandlers::CreateDepartment, department),
      StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));

  v1::CreatePractitionerRequest practitioner;
  practitioner.set_request_id(testing::NewId());
  practitioner.set_organization_id(hospital);
  practitioner.set_department_id(made->department_id());
  practitioner.set_name("陈静");
  practitioner.set_title("主任医师");
  practitioner.set_expert(true);
  const auto expert =
      As(Ctl(), *organization_handlers_, &OrganizationHandlers::CreatePractitioner, practitioner);
  ASSERT_THAT(expert, IsOk());
  v1::GetPractitionerRequest get;
  get.set_practitioner_id(expert->practitioner_id());
  EXPECT_EQ(As(Ctl(), *organization_handlers_, &OrganizationHandlers::GetPractitioner, get)
                ->SerializeAsString(),
            expert->SerializeAsString());
  practitioner.set_request_id(testing::NewId());
  practitioner.set_organization_id(MakeOrganization("市第二医院"));
  EXPECT_THAT(
      As(Ctl(), *organization_handlers_, &OrganizationHandlers::CreatePractitioner, practitioner),
      StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"))
      << "the department is another organization's";

  v1::ListDepartmentsRequest list;
  list.set_organization_id(hospital);
  const auto departments =
      As(Ctl(), *organization_handlers_, &OrganizationHandlers::ListDepartments, list);
  ASSERT_THAT(departments, IsOk());
  EXPECT_EQ(departments->departments_size(), 1);
  list.set_organization_id(testing::NewId());
  EXPECT_THAT(As(Ctl(), *organization_handlers_, &OrganizationHandlers::ListDepartments, list),
              StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
}

TEST_F(OrganizationTest, AccountsHaveAnOrganizationANameOfTheirOwnAndRolesThatGoTogether) {
  v1::CreateUserRequest request;
  request.set_request_id(testing::NewId());
  request.set_user_name("chen.jing");
  request.set_password("a long enough password");
  request.set_organization_id(MakeOrganization("市第一医院"));
  request.set_display_name("陈静");
  request.add_roles(policy::v1::ROLE_AUDITOR);
  request.add_roles(policy::v1::ROLE_EXPERT);
  const auto create = [&] {
    return As(Ctl(), *organization_handlers_, &OrganizationHandlers::CreateUser, request);
  };
  EXPECT_THAT(create(), StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  request.clear_roles();
  request.add_roles(policy::v1::ROLE_EXPERT);
  const auto made = create();
  ASSERT_THAT(made, IsOk());
  EXPECT_THAT(made->roles(), ElementsAre(policy::v1::ROLE_EXPERT));
  EXPECT_EQ(Count("SELECT COUNT(user_id) FROM user_account WHERE password_hash LIKE "
                  "'$argon2id$%' AND password_hash NOT LIKE '%long enough%'"),
            1);
  request.set_request_id(testing::NewId());
  const absl::Status taken = create().status();
  EXPECT_THAT(taken, StatusIs(absl::StatusCode::kAlreadyExists, "IDENTIFIER_TAKEN"));
  EXPECT_EQ(KindOf(taken), "user_name");
  request.set_user_name("chen.jing.2");
  request.set_practitioner_id(testing::NewId());
  EXPECT_THAT(create(), StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
  request.clear_practitioner_id();
  request.set_organization_id(testing::NewId());
  EXPECT_THAT(create(), StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
}

}  // namespace
}  // namespace yilian::directory
