// Which consultation a reader gets next.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/mysql/session.h"
#include "services/consultation/domain/types.h"

namespace yilian::consultation {

// Locks the most pressing consultation of a queue that is free, or whose lease has run out: by
// urgency, then by clock. `queue` is a reading centre, with the kinds that the reader reads, or an
// organization, without kinds. `reader` nil: only what anybody may read, no second readings.
// nullopt: nothing is free.
//
// Many readers ask at once, and none waits for another: what another transaction has locked is
// passed over (SKIP LOCKED). So the order is that of the rows that nobody was just taking. A claim
// that is rolled back leaves its study free again, and for the length of that transaction somebody
// may have been given a less pressing one; the next to ask gets it. Nothing can be given twice: the
// lock is held until the claim is stored, and what was stored is no longer free.
absl::StatusOr<std::optional<ConsultationId>> TakeMostPressing(mysql::Session& session,
                                                               const base::Uuid& queue,
                                                               const std::vector<Kind>& kinds,
                                                               PractitionerId reader,
                                                               absl::Time at);

}  // namespace yilian::consultation
