// Whom bookings are about: locks on a person's time, merged patients, and organizations as the
// directory's events told. Functions run in the session that they are given.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "services/scheduling/domain/entitlement.h"
#include "services/scheduling/domain/quota.h"
#include "services/scheduling/domain/session.h"
#include "services/scheduling/domain/types.h"

namespace yilian::scheduling {

// Until the transaction ends nobody else speaks for this person's time.
absl::Status GuardPatient(mysql::Session& sql, PatientId patient);
absl::Status GuardExpert(mysql::Session& sql, PractitionerId expert);
// The same for a room or device of a site, and for what a site's clock and hours are. Whoever needs
// several takes them in the order of these three, before any row of a template.
absl::Status GuardResource(mysql::Session& sql, OrganizationId site, const Resource& resource);
absl::Status GuardSite(mysql::Session& sql, OrganizationId site);
// A person whose calendar links are being counted.
absl::Status GuardUser(mysql::Session& sql, UserId user);

// The record that `patient` lives on in: its survivor, or itself. Guarded on return.
absl::StatusOr<PatientId> GuardSurvivor(mysql::Session& sql, PatientId patient);
absl::Status SaveMerged(mysql::Session& sql, PatientId survivor, PatientId merged, absl::Time now);
// The record is live again.
absl::Status ForgetMerged(mysql::Session& sql, PatientId merged);

// Unknown organizations come back with tier kUnknown and no consortium.
absl::StatusOr<Organization> LoadOrganization(mysql::Session& sql, OrganizationId id);
// Those for which the quotas keep seats.
absl::StatusOr<std::vector<Organization>> LoadReserved(mysql::Session& sql,
                                                       const std::vector<Quota>& quotas);
absl::Status SaveOrganization(mysql::Session& sql, const Organization& organization,
                              absl::Time now);

}  // namespace yilian::scheduling
