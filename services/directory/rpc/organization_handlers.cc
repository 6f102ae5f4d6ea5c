#include "services/directory/rpc/organization_handlers.h"

#include <optional>
#include <vector>

#include "common/base/status_macros.h"
#include "common/crypto/password.h"
#include "common/wire/pages.h"
#include "services/directory/domain/errors.h"
#include "services/directory/domain/password_policy.h"
#include "services/directory/rpc/convert.h"

namespace yilian::directory {

using convert::ToDomain;
using convert::ToProto;

namespace {

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
  const wire::Pages pages(deps_.sealer, call, request);
  ASSIGN_OR_RETURN(const std::optional<std::string> after_name, pages.AfterText());
  std::optional<Tier> tier;
  if (request.tier() != v1::TIER_UNSPECIFIED) tier = static_cast<Tier>(request.tier());
  ASSIGN_OR_RETURN(std::vector<Organization> found,
                   deps_.organizations.ListOrganizations(tier, after_name.value_or(""),
                                                         pages.rows(), call.deadline()));
  v1::ListOrganizationsResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(found, [](const Organization& last) { return last.name; }));
  for (const Organization& organization : found) {
    *response.add_organizations() = ToProto(organization);
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
  if (const Violations weak = CheckPassword(request.password(), account.user_name, "password");
      !weak.empty()) {
    return errors::PasswordWeak(weak);
  }
  // The administrator knows it; what `ctl` loads is a machine's choice.
  account.password_must_change = call.caller().is_person();
  // Before the transaction: it takes as long as fifty statements.
  ASSIGN_OR_RETURN(account.password_hash, crypto::HashPassword(request.password()));
  return AddOne<v1::User>(deps_.unit, call, deps_.accounts, account);
}

}  // namespace yilian::directory
