// Teams and contracts between the wire and the domain, and their events.
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/outbox/outbox.h"
#include "services/directory/domain/contract.h"
#include "services/directory/domain/team.h"
#include "yilian/directory/v1/family_doctor.pb.h"

namespace yilian::directory::convert {

// In the state that it is in at `now`.
v1::Contract ToProto(const Contract& contract, absl::Time now);
// With the members of the period.
v1::Team ToProto(const Team& team, const Period& period);

absl::StatusOr<RenewContract> ToDomain(const v1::RenewContractRequest& request);

// Of the services and of the contract's organization.
outbox::NewEvent SignedEvent(const Contract& contract, absl::Time at);
outbox::NewEvent TerminatedEvent(const Contract& contract, absl::Time at);
// Of the services and of the team's organization, with the members of `at`.
outbox::NewEvent ChangedEvent(const Team& team, absl::Time at);

// One moment of a team.
Period Moment(absl::Time at);

}  // namespace yilian::directory::convert
