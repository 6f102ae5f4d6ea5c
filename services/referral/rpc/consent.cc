#include "services/referral/rpc/consent.h"

#include "common/base/status_macros.h"
#include "services/referral/domain/errors.h"

namespace yilian::referral {

absl::Status CheckConsent(relationship::Check& relationships, const rpc::Call& call,
                          PatientId patient, OrganizationId to,
                          directory::v1::ConsentPurpose purpose) {
  ASSIGN_OR_RETURN(const bool withdrawn,
                   relationships.Withdrew(patient.uuid(), to.uuid(), purpose, call.deadline()));
  if (!withdrawn) return absl::OkStatus();
  return relationship::ConsentWithdrawnError(errors::kDomain, to.uuid(), purpose);
}

}  // namespace yilian::referral
