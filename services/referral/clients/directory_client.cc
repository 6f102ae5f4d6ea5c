#include "services/referral/clients/directory_client.h"

#include "common/base/status_macros.h"
#include "common/rpc/client_call.h"

namespace yilian::referral {
namespace {

using Directory = directory::v1::DirectoryService;

constexpr absl::Duration kRemembered = absl::Minutes(1);
// Far more than a region has departments; past it the memory starts anew.
constexpr size_t kMostRemembered = 100'000;

}  // namespace

DirectoryClient::DirectoryClient(std::shared_ptr<grpc::Channel> channel, const base::Clock& clock)
    : stub_(Directory::NewStub(std::move(channel))), clock_(clock) {}

absl::StatusOr<bool> DirectoryClient::Exists(OrganizationId organization, DepartmentId department,
                                             absl::Time deadline) {
  const Key key(organization, department);
  const absl::Time now = clock_.Now();
  {
    absl::MutexLock lock(&mutex_);
    const auto found = known_until_.find(key);
    if (found != known_until_.end() && now < found->second) return true;
  }
  ASSIGN_OR_RETURN(const bool exists, Ask(organization, department, deadline));
  if (exists) {
    absl::MutexLock lock(&mutex_);
    if (known_until_.size() >= kMostRemembered) known_until_.clear();
    known_until_[key] = now + kRemembered;
  }
  return exists;
}

absl::StatusOr<bool> DirectoryClient::Ask(OrganizationId organization, DepartmentId department,
                                          absl::Time deadline) {
  if (department.is_nil()) {
    directory::v1::GetOrganizationRequest request;
    request.set_organization_id(organization.ToString());
    const auto answer =
        rpc::ClientCall::Until(deadline).Invoke(*stub_, &Directory::Stub::GetOrganization, request);
    if (answer.status().code() == absl::StatusCode::kNotFound) return false;
    if (!answer.ok()) return answer.status();
    return true;
  }
  directory::v1::ListDepartmentsRequest request;
  request.set_organization_id(organization.ToString());
  const auto answer =
      rpc::ClientCall::Until(deadline).Invoke(*stub_, &Directory::Stub::ListDepartments, request);
  if (answer.status().code() == absl::StatusCode::kNotFound) return false;
  if (!answer.ok()) return answer.status();
  const std::string wanted = department.ToString();
  for (const auto& one : answer->departments()) {
    if (one.department_id() == wanted) return true;
  }
  return false;
}

}  // namespace yilian::referral
