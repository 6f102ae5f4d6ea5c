// The seats that scheduling offers, as far as finding a receiver needs them.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/mysql/session.h"
#include "services/directory/domain/types.h"

namespace yilian::directory::offered {

struct Session {
  base::Uuid id;
  DepartmentId department;
  int kind = 0;  // the number of yilian.scheduling.v1.SessionKind
  absl::Time starts_at;
  int64_t seats = 0;
  int64_t reserved = 0;
};

// Each in the transaction of the consumer's cursor; applied again they change nothing.
absl::Status Add(mysql::Session& sql, const Session& session);
// The booking holds a seat of the session, or none (`taken` false).
absl::Status Move(mysql::Session& sql, const base::Uuid& booking, const base::Uuid& session,
                  bool taken);
// Reserved seats went to everybody.
absl::Status Open(mysql::Session& sql, const base::Uuid& session, int64_t seats);

}  // namespace yilian::directory::offered
