#include "services/referral/clients/organization_client.h"

#include "common/base/status_macros.h"
#include "common/rpc/client_call.h"
#include "common/wire/timestamp.h"

namespace yilian::referral {
namespace {

using Directory = directory::v1::DirectoryService;

constexpr absl::Duration kRemembered = absl::Minutes(1);

}  // namespace

OrganizationClient::OrganizationClient(std::shared_ptr<grpc::Channel> channel,
                                       const base::Clock& clock)
    : stub_(Directory::NewStub(std::move(channel))), clock_(clock) {}

absl::StatusOr<std::optional<Organization>> OrganizationClient::Find(OrganizationId organization,
                                                                     absl::Time deadline) {
  const absl::Time now = clock_.Now();
  {
    absl::MutexLock lock(&mutex_);
    const auto found = known_.find(organization);
    if (found != known_.end() && now < found->second.first) return found->second.second;
  }
  directory::v1::GetOrganizationRequest request;
  request.set_organization_id(organization.ToString());
  const auto answer =
      rpc::ClientCall::Until(deadline).Invoke(*stub_, &Directory::Stub::GetOrganization, request);
  if (absl::IsNotFound(answer.status())) return std::optional<Organization>();
  if (!answer.ok()) return answer.status();
  Organization one{.id = organization, .tier = static_cast<Tier>(answer->tier())};
  ASSIGN_OR_RETURN(one.consortium, wire::OptionalId<OrganizationId>(answer->consortium_id()));
  absl::MutexLock lock(&mutex_);
  known_[organization] = {now + kRemembered, one};
  return one;
}

}  // namespace yilian::referral
