// What every session is set to, and what the server must be set to. All by SQL text after
// connecting: the driver's own options are ignored (OPT_SSL_MODE) or overwritten by it (isolation
// level).
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/mysql/connection.h"
#include "common/mysql/pool.h"

namespace yilian::mysql {

// Sets strict mode, READ COMMITTED, UTC, utf8mb4 and the limits of a statement and of a lock wait,
// and reads them back.
absl::Status ApplySessionSettings(Connection& connection, const PoolOptions& options);

// For a service's start: the server stores a commit before it acknowledges it.
absl::Status CheckDurability(Connection& connection);

// False for a secondary of a group, and for a server that an administrator has made read-only.
absl::StatusOr<bool> TakesWrites(Connection& connection);

}  // namespace yilian::mysql
