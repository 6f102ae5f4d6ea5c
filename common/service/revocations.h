// Whose tokens are refused: a table in every schema, fed by the directory's events, read into
// memory by every replica.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/repeated.h"
#include "common/base/uuid.h"
#include "common/mysql/migration.h"
#include "common/mysql/pool.h"
#include "common/mysql/session.h"
#include "common/rpc/revocation.h"
#include "yilian/event/v1/event.pb.h"

namespace yilian::service {

// Inside the caller's transaction. Directory writes its own; the others follow by event.
absl::Status WriteRevocation(mysql::Session& session, const base::Uuid& user,
                             absl::Time not_before);

// The effect of UserRevoked on this schema; other events are ignored.
absl::Status ApplyRevocation(mysql::Session& session, const event::v1::Event& event);

// Keeps a RevocationList equal to the table: reads it at once and then every second, on a thread of
// its own. Thread-safe.
class RevocationReader {
 public:
  // Both outlive the reader.
  RevocationReader(mysql::Pool& pool, rpc::RevocationList& list);
  absl::Status ReadNow();

 private:
  mysql::Pool& pool_;
  rpc::RevocationList& list_;
  base::Repeated repeated_;
};

}  // namespace yilian::service
