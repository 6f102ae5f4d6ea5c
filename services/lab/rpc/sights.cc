#include "services/lab/rpc/sights.h"

#include "common/base/status_macros.h"

namespace yilian::lab {

absl::StatusOr<Sight> Sights::OfCaller(const rpc::Call& call, PatientId patient) {
  const rpc::Caller& caller = call.caller();
  ASSIGN_OR_RETURN(const bool cares,
                   relationships_.MayRead(patient.uuid(), caller, call.deadline()));
  return WithGrants(patient, OrganizationId(caller.organization_id), cares, call.deadline());
}

absl::StatusOr<Sight> Sights::OfOrganization(PatientId patient, OrganizationId organization,
                                             absl::Time deadline) {
  ASSIGN_OR_RETURN(const bool cares,
                   relationships_.MaySee(patient.uuid(), organization.uuid(), deadline));
  return WithGrants(patient, organization, cares, deadline);
}

absl::StatusOr<Sight> Sights::WithGrants(PatientId patient, OrganizationId organization, bool cares,
                                         absl::Time deadline) {
  Sight sight{.organization = organization, .cares = cares};
  // Who does not care for the patient sees nothing by a grant either.
  if (!cares) return sight;
  ASSIGN_OR_RETURN(sight.granted, grants_.GrantedTo(patient, organization, deadline));
  return sight;
}

}  // namespace yilian::lab
