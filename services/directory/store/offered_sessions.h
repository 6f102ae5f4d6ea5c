// The seats that scheduling offers, as far as finding a receiver needs them.
#pragma once

#include <cstdint>
#include <vector>

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
  int64_t reserved = 0;  // for whomever; counts for sessions alone of which no pools are known
};

// Seats next to each other that the same may take.
struct Pool {
  int kind = 0;                 // the number of yilian.scheduling.v1.PoolKind
  OrganizationId organization;  // nil: not one organization alone
  int first_seat = 0;
  int last_seat = 0;
};

// A seat of a session.
struct Seat {
  base::Uuid session;
  int number = 0;
  bool operator==(const Seat&) const = default;
};

// Each in the transaction of the consumer's cursor; applied again they change nothing.
absl::Status Add(mysql::Session& sql, const Session& session, const std::vector<Pool>& pools);
// The session was taken back before anybody had a seat.
absl::Status Remove(mysql::Session& sql, const base::Uuid& session);
// The booking holds the seat, or none (`taken` false).
absl::Status Move(mysql::Session& sql, const base::Uuid& booking, const Seat& seat, bool taken);
// All seats of the pools of one kind went to another kind, which is of no one organization;
// `seats` of them were free.
struct Release {
  base::Uuid session;
  int from = 0;
  int to = 0;
  int64_t seats = 0;
  bool to_everybody = false;
};
absl::Status Widen(mysql::Session& sql, const Release& release);

}  // namespace yilian::directory::offered
