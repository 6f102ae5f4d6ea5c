// Who acts, and for whom.
#pragma once

#include "absl/status/status.h"
#include "common/rpc/call.h"
#include "services/scheduling/domain/booking.h"
#include "services/scheduling/domain/errors.h"

namespace yilian::scheduling {

inline Actor ActorOf(const rpc::Caller& caller) {
  return {.organization = OrganizationId(caller.organization_id), .service = caller.is_service()};
}

// Services act for whom they name, everybody else for the own organization.
inline absl::Status CheckActsFor(const rpc::Caller& caller, OrganizationId organization) {
  if (caller.is_service() || caller.organization_id == organization.uuid()) return absl::OkStatus();
  return errors::ForeignOrganization();
}

// Who may book for a patient that did not come too often; a service has its people for that.
inline bool IsCoordinator(const rpc::Caller& caller) {
  return caller.is_service() || caller.HasRole(policy::v1::ROLE_REFERRAL_COORDINATOR) ||
         caller.HasRole(policy::v1::ROLE_SCHEDULER);
}

}  // namespace yilian::scheduling
