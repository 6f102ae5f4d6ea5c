// The methods of yilian.directory.v1.DirectoryService about organizations and their people.
#pragma once

#include "absl/status/statusor.h"
#include "common/crypto/sealed.h"
#include "common/rpc/call.h"
#include "common/unit/unit_of_work.h"
#include "services/directory/domain/account.h"
#include "services/directory/domain/organization.h"
#include "yilian/directory/v1/directory.pb.h"

namespace yilian::directory {

// Thread-safe; owned by the service's context.
class OrganizationHandlers {
 public:
  struct Deps {
    unit::UnitOfWork& unit;
    OrganizationStore& organizations;
    AccountStore& accounts;
    const crypto::Sealer& sealer;
  };
  explicit OrganizationHandlers(Deps deps) : deps_(deps) {}

  absl::StatusOr<v1::Organization> CreateOrganization(const rpc::Call& call,
                                                      const v1::CreateOrganizationRequest& request);
  absl::StatusOr<v1::Organization> GetOrganization(const rpc::Call& call,
                                                   const v1::GetOrganizationRequest& request);
  absl::StatusOr<v1::ListOrganizationsResponse> ListOrganizations(
      const rpc::Call& call, const v1::ListOrganizationsRequest& request);
  absl::StatusOr<v1::Department> CreateDepartment(const rpc::Call& call,
                                                  const v1::CreateDepartmentRequest& request);
  absl::StatusOr<v1::ListDepartmentsResponse> ListDepartments(
      const rpc::Call& call, const v1::ListDepartmentsRequest& request);
  absl::StatusOr<v1::Practitioner> CreatePractitioner(const rpc::Call& call,
                                                      const v1::CreatePractitionerRequest& request);
  absl::StatusOr<v1::Practitioner> GetPractitioner(const rpc::Call& call,
                                                   const v1::GetPractitionerRequest& request);
  absl::StatusOr<v1::User> CreateUser(const rpc::Call& call, const v1::CreateUserRequest& request);

 private:
  const Deps deps_;
};

}  // namespace yilian::directory
