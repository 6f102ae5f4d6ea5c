// What a caller may see of a patient: the care relationship and the grants, in one answer.
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/relationship/check.h"
#include "common/rpc/call.h"
#include "services/lab/domain/sharing_store.h"

namespace yilian::lab {

// Thread-safe; owned by the service's context. Blocks: for handler threads.
class Sights {
 public:
  Sights(relationship::Check& relationships, SharingStore& grants)
      : relationships_(relationships), grants_(grants) {}

  // For reads: an emergency access of the caller's person counts as caring; it is no grant.
  absl::StatusOr<Sight> OfCaller(const rpc::Call& call, PatientId patient);
  // For writes, and for an organization that somebody else asks about.
  absl::StatusOr<Sight> OfOrganization(PatientId patient, OrganizationId organization,
                                       absl::Time deadline);

 private:
  absl::StatusOr<Sight> WithGrants(PatientId patient, OrganizationId organization, bool cares,
                                   absl::Time deadline);

  relationship::Check& relationships_;
  SharingStore& grants_;
};

}  // namespace yilian::lab
