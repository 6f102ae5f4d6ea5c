#include "tests/e2e/access-matrix/people.h"

#include <fmt/format.h>

#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "common/base/status_macros.h"
#include "services/ctl/demo/catalogue.h"
#include "services/ctl/sign_in.h"

namespace yilian::e2e {

using test_support::RegionCaller;

namespace {

constexpr std::string_view kPassword = "every role, every method";

bool HasSecondFactor(policy::v1::Role role) {
  return role == policy::v1::ROLE_REGIONAL_ADMINISTRATOR ||
         role == policy::v1::ROLE_SECURITY_ADMINISTRATOR || role == policy::v1::ROLE_AUDITOR;
}

// ROLE_CLINIC_DOCTOR -> clinic-doctor
std::string ShortName(policy::v1::Role role) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(policy::v1::Role_Name(role).substr(5)),
                             {{"_", "-"}});
}

}  // namespace

std::string OrganizationId(std::string_view key) {
  return ctl::demo::DemoId("organization", key).ToString();
}

std::string DepartmentId(std::string_view key) {
  return ctl::demo::DemoId("department", key).ToString();
}

absl::StatusOr<std::string> People::Token(policy::v1::Role role, const std::string& organization) {
  const auto found = tokens_.find({role, organization});
  if (found != tokens_.end()) return found->second;
  const std::string user = fmt::format("matrix.{}.{}", ShortName(role), organization);
  const std::string organization_id = OrganizationId(organization);
  ASSIGN_OR_RETURN(
      const auto practitioner,
      ctl_.Call("CreatePractitioner",
                fmt::format(R"({{"organization_id": "{}", "name": "矩阵", "expert": true}})",
                            organization_id)));
  RETURN_IF_ERROR(
      ctl_.Call("CreateUser",
                fmt::format(R"({{"user_name": "{}", "password": "{}", "organization_id": "{}",
                                 "practitioner_id": "{}", "display_name": "矩阵",
                                 "roles": ["{}"]}})",
                            user, kPassword, organization_id,
                            test_support::TextOf(*practitioner, "practitioner_id"),
                            policy::v1::Role_Name(role)))
          .status());
  const std::string password(kPassword);
  if (HasSecondFactor(role)) RETURN_IF_ERROR(ctl::MakeSecondFactor(region_, user, password));
  ASSIGN_OR_RETURN(const auto signed_in,
                   ctl::SignIn(region_, {.user = user, .password = password}));
  return tokens_[{role, organization}] = signed_in.access_token();
}

absl::StatusOr<RegionCaller> People::Person(policy::v1::Role role,
                                            const std::string& organization) {
  ASSIGN_OR_RETURN(std::string token, Token(role, organization));
  return workstation_.WithToken(std::move(token));
}

absl::StatusOr<RegionCaller> People::Demo(const std::string& user) {
  ASSIGN_OR_RETURN(const std::string password, region_.Secret("demo-password"));
  ASSIGN_OR_RETURN(const auto signed_in,
                   ctl::SignIn(region_, {.user = user, .password = password}));
  return workstation_.WithToken(signed_in.access_token());
}

absl::StatusOr<RegionCaller> People::Certified(const std::string& name, const std::string& path) {
  const auto found = certified_.find(name);
  if (found != certified_.end()) return found->second;
  ASSIGN_OR_RETURN(const std::string domain, region_.ConfigValue("directory", "service.region"));
  const std::string command =
      fmt::format("'{}' '{}' 'spiffe://{}/{}' >/dev/null", certificate_, name, domain, path);
  if (std::system(command.c_str()) != 0)
    return absl::InternalError(fmt::format("no certificate for {}", path));
  return certified_.emplace(name, RegionCaller(region_, name)).first->second;
}

absl::StatusOr<RegionCaller> People::System(const std::string& organization) {
  return Certified(fmt::format("matrix-{}", organization),
                   fmt::format("org/{}/system/his", OrganizationId(organization)));
}

absl::StatusOr<RegionCaller> People::Service(const std::string& name) {
  return Certified(fmt::format("matrix-service-{}", name), fmt::format("service/{}", name));
}

}  // namespace yilian::e2e
