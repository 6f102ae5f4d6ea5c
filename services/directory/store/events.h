// What happened, as the events of yilian.directory.v1 say it. Who may see each: its audience,
// besides the services.
#pragma once

#include <vector>

#include "absl/time/time.h"
#include "common/outbox/outbox.h"
#include "services/directory/domain/account.h"
#include "services/directory/domain/affiliation.h"
#include "services/directory/domain/care.h"
#include "services/directory/domain/organization.h"
#include "services/directory/domain/patient.h"
#include "services/directory/domain/patient_index.h"

namespace yilian::directory::events {

// Services only: organizations read these by RPC.
outbox::NewEvent Registered(const Organization& organization, absl::Time at);
outbox::NewEvent Registered(const Department& department, absl::Time at);
outbox::NewEvent Registered(const Practitioner& practitioner, absl::Time at);
// The registering organization.
outbox::NewEvent Registered(const Patient& patient, OrganizationId by, absl::Time at);
// `version`: the survivor's after it; `audience`: who cares for either.
outbox::NewEvent Merged(const PatientMerge& merge, int64_t version,
                        const std::vector<OrganizationId>& audience);
outbox::NewEvent Unmerged(const PatientMerge& merge, int64_t version,
                          const std::vector<OrganizationId>& audience, absl::Time at);
// Services only: who else cares for a patient is not an organization's business.
outbox::NewEvent Opened(const CareRelationship& relationship, absl::Time at);
outbox::NewEvent Ended(const CareRelationship& relationship, absl::Time at);
// Services only.
outbox::NewEvent Revoked(UserId user, int64_t version, absl::Time not_before);
outbox::NewEvent Closed(UserId user, int64_t version, absl::Time at);
// It has an end.
outbox::NewEvent EndSet(const Affiliation& affiliation, absl::Time at);

}  // namespace yilian::directory::events
