// What is in force for a sender's codes and units, and what waits for somebody to map it, inside
// the transaction that takes a report in or maps it anew.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "services/lab/domain/mapping.h"

namespace yilian::lab {

// Nobody changes a mapping of the sender or the region until the transaction ends.
absl::Status HoldMappings(mysql::Session& session, OrganizationId sender);
// Waits for all that hold them, and keeps others waiting.
absl::Status ShutMappings(mysql::Session& session, OrganizationId sender);

// The sender's own mapping of each term, else the region's. One statement for up to 128 terms.
absl::StatusOr<Targets> TargetsFor(mysql::Session& session, OrganizationId sender,
                                   const std::vector<Term>& terms);
// Sets `mapped` of the observations. A sender that speaks LOINC and UCUM costs no statement, any
// other one two.
absl::Status MapObservations(mysql::Session& session, OrganizationId sender,
                             std::vector<Observation>& observations);

// Writes down which terms of the report, whose version readers see from now on, nobody has mapped.
// Three statements where there are any, else none.
absl::Status Park(mysql::Session& session, const Report& report, absl::Time at);

}  // namespace yilian::lab
