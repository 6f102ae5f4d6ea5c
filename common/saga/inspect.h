// What an operator may want to know of sagas and timers.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/mysql/session.h"

namespace yilian::saga {

struct OpenSaga {
  base::Uuid saga_id;
  std::string kind;
  base::Uuid aggregate_id;
  std::string step;
  int attempt = 0;
  int64_t epoch = 0;
  absl::Time due_at;
  bool running = false;    // a runner holds it (database's clock)
  std::string last_error;  // reason of the last failure
  absl::Time started_at;
};
// Sagas that have not ended, those due longest first.
absl::StatusOr<std::vector<OpenSaga>> ListOpenSagas(mysql::Session& session, int limit);

struct OverdueTimer {
  std::string kind;
  base::Uuid aggregate_id;
  std::string name;
  absl::Time due_at;
  absl::Time try_at;
  int attempt = 0;
  std::string last_error;
};
// Timers due before `now`, those due to be tried longest first.
absl::StatusOr<std::vector<OverdueTimer>> ListOverdueTimers(mysql::Session& session, absl::Time now,
                                                            int limit);

}  // namespace yilian::saga
