#include "services/directory/rpc/organization_handlers.h"

#include <fmt/format.h>

#include <optional>
#include <vector>

#include "common/base/status_macros.h"
#include "common/crypto/password.h"
#include "services/directory/domain/errors.h"
#include "services/directory/rpc/convert.h"

namespace yilian::directory {

using convert::ToDomain;
using convert::ToProto;

namespace {

constexpr std::string_view kPagePurpose = "directory.page.ListOrganizations";
constexpr int kDefaultPage = 50;

// Adds one thing in one unit of work and answers with it.
template <typename Message, typename Store, typename Thing>
absl::StatusOr<Message> AddOne(unit::UnitOfWork& unit, const rpc::Call& call, Store& store,
                               const Thing& thing) {
  return unit.Run<Message>(call.write_context(),
                           [&](unit::Scope& scope) -> absl::StatusOr<Message> {
                             RETURN_IF_ERROR(store.Add(scope, thing));
                             return ToProto(thing);
                           });
}

}  // namespace

absl::StatusOr<v1::Organization> OrganizationHandlers::CreateOrganization(
    const rpc::Call& call, const v1::CreateOrganizationRequest& request) {
  ASSIGN_OR_RETURN(const Organization organization, ToDomain(request, deps_.unit.clock().Now()));
  return AddOne<v1::Organization>(deps_.unit, call, deps_.organizations, organization);
}

absl::StatusOr<v1::Organization> OrganizationHandlers::GetOrganization(
    const rpc::Call& call, const v1::GetOrganizationRequest& request) {
  ASSIGN_OR_RETURN(const OrganizationId id, OrganizationId::Parse(request.organization_id()));
  ASSIGN_OR_RETURN(const Organization found,
                   deps_.organizations.GetOrganization(id, call.deadline()));
  return ToProto(found);
}

absl::StatusOr<v1::ListOrganizationsResponse> OrganizationHandlers::ListOrganizations(
    const rpc::Call& call, const v1::ListOrganizationsRequest& request) {
  const std::string bound_to =
      fmt::format("{} {}", call.caller().LedgerName(), static_cast<int>(request.tier()));
  std::string after_name;
  if (!request.page().page_token().empty()) {
    ASSIGN_OR_RETURN(after_name,
                     deps_.sealer.Unseal(kPagePurpose, bound_to, request.page().page_token()));
  }
  const int size = request.page().page_size() > 0 ? request.page().page_size() : kDefaultPage;
  std::optional<Tier> tier;
  if (request.tier() != v1::TIER_UNSPECIFIED) tier = static_cast<Tier>(request.tier());
  // One more than the page: whether there is a next one.
  ASSIGN_OR_RETURN(
      const std::vector<Organization> found,
      deps_.organizations.ListOrganizations(tier, after_name, size + 1, call.deadline()));
  v1::ListOrganizationsResponse response;
  for (const Organization& organization : found) {
    if (response.organizations_size() < size) {
      *response.add_organizations() = ToProto(organization);
      continue;
    }
    const std::string& last = response.organizations(size - 1).name();
    ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                     deps_.sealer.Seal(kPagePurpose, bound_to, last));
  }
  return response;
}

absl::StatusOr<v1::Department> OrganizationHandlers::CreateDepartment(
    const rpc::Call& call, const v1::CreateDepartmentRequest& request) {
  ASSIGN_OR_RETURN(const Department department, ToDomain(request, deps_.unit.clock().Now()));
  return AddOne<v1::Department>(deps_.unit, call, deps_.organizations, department);
}

absl::StatusOr<v1::ListDepartmentsResponse> OrganizationHandlers::ListDepartments(
    const rpc::Call& call, const v1::ListDepartmentsRequest& request) {
  ASSIGN_OR_RETURN(const OrganizationId id, OrganizationId::Parse(request.organization_id()));
  ASSIGN_OR_RETURN(const std::vector<Department> found,
                   deps_.organizations.ListDepartments(id, call.deadline()));
  v1::ListDepartmentsResponse response;
  for (const Department& department : found) *response.add_departments() = ToProto(department);
  return response;
}

absl::StatusOr<v1::Practitioner> OrganizationHandlers::CreatePractitioner(
    const rpc::Call& call, const v1::CreatePractitionerRequest& request) {
  ASSIGN_OR_RETURN(const Practitioner practitioner, ToDomain(request, deps_.unit.clock().Now()));
  return AddOne<v1::Practitioner>(deps_.unit, call, deps_.organizations, practitioner);
}

absl::StatusOr<v1::Practitioner> OrganizationHandlers::GetPractitioner(
    const rpc::Call& call, const v1::GetPractitionerRequest& request) {
  ASSIGN_OR_RETURN(const PractitionerId id, PractitionerId::Parse(request.practitioner_id()));
  ASSIGN_OR_RETURN(const Practitioner found,
                   deps_.organizations.GetPractitioner(id, call.deadline()));
  return ToProto(found);
}

absl::StatusOr<v1::User> OrganizationHandlers::CreateUser(const rpc::Call& call,
                                                          const v1::CreateUserRequest& request) {
  ASSIGN_OR_RETURN(Account account, ToDomain(request, deps_.unit.clock().Now()));
  if (const Violations violations = CheckRoles(account.roles); !violations.empty()) {
    return errors::FieldInvalid(violations);
  }
  // Before the transaction: it takes as long as fifty statements.
  ASSIGN_OR_RETURN(account.password_hash, crypto::HashPassword(request.password()));
  return AddOne<v1::User>(deps_.unit, call, deps_.accounts, account);
}

}  // namespace yilian::directory
