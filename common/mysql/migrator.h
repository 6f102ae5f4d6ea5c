// Brings a schema to the version a binary needs.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/mysql/migration.h"
#include "common/mysql/pool.h"

namespace yilian::mysql {

// Applies what is missing, in order, under a lock that is a row (schema_migration_lock, with
// expiry: a killed migrator blocks for 60 s at most). `user` in `options` needs DDL rights.
// FAILED_PRECONDITION when an applied migration's checksum differs from the file's. `progress` gets
// one line a step.
absl::Status Migrate(const PoolOptions& options, const std::vector<Migration>& migrations,
                     const std::function<void(const std::string&)>& progress);

// For a service's start: OK when every migration is applied with the same checksum; a schema that
// is newer is fine (a new schema serves the previous binary), an older one is FAILED_PRECONDITION
// and names the first missing step.
absl::Status CheckSchema(Pool& pool, const std::vector<Migration>& migrations);

}  // namespace yilian::mysql
