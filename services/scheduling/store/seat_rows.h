// Rows of the table seat: the scarce thing itself. Functions run in the session that they are
// given.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "common/mysql/session.h"
#include "services/scheduling/domain/booking.h"
#include "services/scheduling/domain/entitlement.h"
#include "services/scheduling/domain/release.h"

namespace yilian::scheduling {

// Most ranges of blocked seats that TakeSeat looks at.
inline constexpr size_t kMaxBlockedRanges = 8;

absl::Status InsertSeats(mysql::Session& sql, SessionId session,
                         const std::vector<SeatPool>& pools);

// Locks every seat of the session; true when one is taken. Who waits for a seat waits until the
// transaction ends.
absl::StatusOr<bool> LockSeats(mysql::Session& sql, SessionId session);
// All of them, free ones: nobody can take a seat of the session any more.
absl::Status RemoveSeats(mysql::Session& sql, SessionId session);

enum class Wait {
  kNo,   // take another free seat than those that others are about to take
  kYes,  // wait for these others: they may yet give the seat back
};
// Locks the first free seat of a pool outside the blocked ranges; nullopt: none.
absl::StatusOr<std::optional<int>> LockFreeSeat(mysql::Session& sql, SessionId session,
                                                const SeatPool& pool,
                                                const std::vector<BlockedSeats>& blocked,
                                                Wait wait);
// A free seat, or one that is set aside, whose row the caller has locked.
absl::Status MarkTaken(mysql::Session& sql, SessionId session, int seat_number, BookingId by);

enum class GivenBack {
  kFree,
  kAside,   // neither free nor taken: the wait list is asked first
  kClosed,  // its session was cancelled: nobody gets it any more
};
// The seat that `by` took.
absl::Status MarkGivenBack(mysql::Session& sql, SessionId session, int seat_number, BookingId by,
                           GivenBack as);
// The pool of a seat that is set aside, locked; nullopt: it is not.
absl::StatusOr<std::optional<SeatPool>> LockAside(mysql::Session& sql, SessionId session,
                                                  int seat_number);
// A seat that is set aside still is free.
absl::Status OpenToAll(mysql::Session& sql, SessionId session, int seat_number);
absl::StatusOr<bool> AnyFree(mysql::Session& sql, SessionId session);

// Whether one of these pools has a free seat; a read without locks.
absl::StatusOr<bool> AnyFreeIn(mysql::Session& sql, SessionId session,
                               const std::vector<SeatPool>& pools);
// Seats by pool, each session's together; a read without locks.
absl::StatusOr<std::vector<PoolCount>> CountPools(mysql::Session& sql, SessionId session);
absl::StatusOr<std::map<SessionId, std::vector<PoolCount>>> CountPools(
    mysql::Session& sql, const std::vector<SessionId>& sessions);
// Free seats in a department's sessions that start within `time`.
absl::StatusOr<int64_t> CountFreeInDepartment(mysql::Session& sql, DepartmentId department,
                                              const Span& time);
// Moves every seat of release.from to release.to, in some sessions; how many of
// them were free, 0 is left out.
absl::StatusOr<std::map<SessionId, int64_t>> WidenPool(mysql::Session& sql,
                                                       const std::vector<SessionId>& sessions,
                                                       const Release& release);

}  // namespace yilian::scheduling
