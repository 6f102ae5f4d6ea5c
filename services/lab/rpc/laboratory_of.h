// Whose mappings, intervals and limits a call is about.
#pragma once

#include "absl/status/statusor.h"
#include "common/base/status_macros.h"
#include "common/rpc/call.h"
#include "common/wire/timestamp.h"
#include "services/lab/domain/errors.h"

namespace yilian::lab {

// The organization that a request names, nil for the region: the caller's own, unless it is the
// region's administrator who asks.
template <typename Request>
absl::StatusOr<OrganizationId> LaboratoryOf(const rpc::Call& call, const Request& request) {
  ASSIGN_OR_RETURN(const OrganizationId laboratory,
                   wire::OptionalId<OrganizationId>(request.organization_id()));
  const rpc::Caller& caller = call.caller();
  if (caller.HasRole(policy::v1::ROLE_REGIONAL_ADMINISTRATOR)) return laboratory;
  if (laboratory.uuid() != caller.organization_id) return errors::ForeignOrganization();
  return laboratory;
}

// For a list: the region's are no secret of anybody's.
template <typename Request>
absl::StatusOr<OrganizationId> LaboratoryOrRegionOf(const rpc::Call& call, const Request& request) {
  if (request.organization_id().empty()) return OrganizationId();
  return LaboratoryOf(call, request);
}

}  // namespace yilian::lab
