// The ledger of request ids: what a caller already had answered. Rows are written by the write's
// own transaction, so a row is there exactly when the write is.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/mysql/migration.h"
#include "common/mysql/session.h"

namespace yilian::idempotency {

// Identity of one write: who asks, the request's id and what was asked.
struct Key {
  base::Uuid request_id;
  std::string
      caller;  // user id, or SPIFFE URI of a system; two callers may use the same request_id
  std::string method;  // full method name
  // 32 bytes: keyed digest (crypto::Fingerprints) of the request without request_id, serialized
  // deterministically.
  std::string request_hash;
  // The same by keys that were in use before: a retry may come after the key has changed.
  std::vector<std::string> earlier_hashes;
};

// Inserts the outcome. ALREADY_EXISTS (DUPLICATE_KEY) when the id is taken: look it up.
absl::Status Record(mysql::Session& session, const Key& key, const std::string& response,
                    absl::Time now);

// The stored response of the same request; nullopt when the id is unknown; ALREADY_EXISTS with
// reason REQUEST_ID_REUSED when the id was used for other content or another method. Pass `domain`
// for the error ("yilian.referral").
absl::StatusOr<std::optional<std::string>> Find(mysql::Session& session, const Key& key,
                                                std::string_view domain);

// Deletes rows older than `before`, at most `limit`; returns how many.
absl::StatusOr<int64_t> Prune(mysql::Session& session, absl::Time before, int limit);

extern const std::vector<mysql::Migration> kMigrations;

}  // namespace yilian::idempotency
