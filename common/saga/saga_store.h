// The saga table: claims, and what becomes of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/mysql/session.h"
#include "common/saga/saga.h"

namespace yilian::saga {

// Which sagas a runner may take.
struct ClaimFilter {
  std::vector<std::string> kinds;  // those that it defines: an older binary leaves new kinds alone
  std::optional<base::Uuid> only;  // this one, for tests
};

// Ids of the sagas that could be claimed now.
absl::StatusOr<std::vector<base::Uuid>> ReadDue(mysql::Session& session, const ClaimFilter& filter,
                                                absl::Time now, int limit);
// Takes the saga that has been due longest, with a new epoch and a lease by the database's clock.
// Inside a transaction: the claim counts once that commits. nullopt: none is due, or others hold
// all that are.
absl::StatusOr<std::optional<Saga>> Claim(mysql::Session& session, const ClaimFilter& filter,
                                          absl::Time now, absl::Duration lease);
// Another `lease` from now, by the database's clock. False: the claim has been settled, or taken
// over.
absl::StatusOr<bool> Renew(mysql::Session& session, const Saga& claimed, absl::Duration lease);
// Writes back what a claim came to. ABORTED (SAGA_FENCED) when another claim has followed.
absl::Status Advance(mysql::Session& session, const Saga& claimed, const Next& next,
                     absl::Time now);
absl::Status Postpone(mysql::Session& session, const Saga& claimed, absl::Time due_at,
                      std::string_view error, absl::Time now);
// True when Advance or Postpone of this very claim is stored.
absl::StatusOr<bool> IsSettled(mysql::Session& session, const Saga& claimed);

}  // namespace yilian::saga
