// Rows of sessions that were cancelled. Functions run in the session that they are given.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "services/scheduling/domain/session_cancellation.h"

namespace yilian::scheduling {

absl::Status InsertCancellation(mysql::Session& sql, const SessionCancellation& cancellation);
// With its counts.
absl::StatusOr<std::optional<SessionCancellation>> LoadCancellation(mysql::Session& sql,
                                                                    SessionId session);
// The session, whose row is locked, takes place no more; its date stays taken, so that its template
// makes no other.
absl::Status CloseSession(mysql::Session& sql, Session& session);
// Seats that nobody has, with all seats locked: they are nobody's any more.
absl::Status CloseSeats(mysql::Session& sql, SessionId session);

// Notes every live booking of the session; returns how many.
absl::StatusOr<int64_t> NoteBookings(mysql::Session& sql, SessionId session);
absl::StatusOr<std::vector<BookingId>> PendingBookings(mysql::Session& sql, SessionId session,
                                                       int limit);
// `entry`: nil for none.
absl::Status SaveOutcome(mysql::Session& sql, SessionId session, BookingId booking,
                         std::string_view outcome, WaitListEntryId entry);

}  // namespace yilian::scheduling
