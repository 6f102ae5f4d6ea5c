// Rows of the wait list's tables. Functions run in the session that they are given.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "services/scheduling/domain/session.h"
#include "services/scheduling/domain/wait_list.h"

namespace yilian::scheduling {

absl::Status InsertEntry(mysql::Session& sql, const WaitListEntry& entry, absl::Time now);
// Stores `entry`, whose version is one above the row's; the row is locked.
absl::Status SaveEntry(mysql::Session& sql, const WaitListEntry& entry, absl::Time now);
absl::StatusOr<std::optional<WaitListEntry>> LoadEntry(mysql::Session& sql, WaitListEntryId id);
absl::StatusOr<std::optional<WaitListEntry>> LockEntry(mysql::Session& sql, WaitListEntryId id);
// The one whose offer `booking` holds, locked.
absl::StatusOr<std::optional<WaitListEntry>> LockEntryOf(mysql::Session& sql, BookingId booking);
// Every entry of a patient, locked.
absl::StatusOr<std::vector<WaitListEntry>> LockEntriesOf(mysql::Session& sql, PatientId patient);
// The live one of a patient in a department.
absl::StatusOr<std::optional<WaitListEntry>> LiveEntryOf(mysql::Session& sql, PatientId patient,
                                                         DepartmentId department);
absl::StatusOr<std::vector<WaitListEntry>> ListEntries(mysql::Session& sql,
                                                       const WaitListFilter& filter,
                                                       WaitListEntryId after, int limit);
// Entries of the department that are asked before this one.
absl::StatusOr<int64_t> CountAhead(mysql::Session& sql, const WaitListEntry& entry);

// The turn that the organization's next entry gets; who else joins waits until the transaction
// ends.
absl::StatusOr<int64_t> TakeTurn(mysql::Session& sql, DepartmentId department,
                                 OrganizationId organization);
// The department has turns from now on.
absl::Status LockTurns(mysql::Session& sql, DepartmentId department);
// A seat was offered to this turn.
absl::Status ServeTurn(mysql::Session& sql, DepartmentId department, int64_t turn);

// What a seat of the session is given back to.
struct SeatFate {
  bool cancelled = false;  // the session was
  bool awaited = false;    // somebody may want a seat; who may take which is not looked at
};
// Until the transaction ends nobody cancels the session.
absl::StatusOr<SeatFate> FateOfSeats(mysql::Session& sql, SessionId session, absl::Time now);
// Those of some sessions, which are locked, whose seats are awaited and that were
// not cancelled.
absl::StatusOr<std::vector<SessionId>> AwaitedAmong(mysql::Session& sql,
                                                    const std::vector<SessionId>& sessions,
                                                    absl::Time now);
// Entries that want a seat of the session, by turn and id, after `after` (nullopt: from the first).
absl::StatusOr<std::vector<WaitListEntry>> Candidates(mysql::Session& sql, const Session& session,
                                                      const std::optional<WaitListEntry>& after,
                                                      int limit);
// It is not asked for this session again.
absl::Status RememberOffer(mysql::Session& sql, WaitListEntryId entry, SessionId session,
                           absl::Time now);

// The organization that offers the department's sessions; nil: it never had one.
absl::StatusOr<OrganizationId> OrganizationOf(mysql::Session& sql, DepartmentId department);

}  // namespace yilian::scheduling
