// What happens to seats and bookings without a caller: holds run out, reserves widen, patients'
// records are merged.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "common/relationship/merges.h"
#include "services/scheduling/domain/booking.h"
#include "services/scheduling/domain/encoding.h"
#include "services/scheduling/domain/release.h"
#include "services/scheduling/store/booking_rows.h"
#include "services/scheduling/store/job_journal.h"
#include "services/scheduling/store/session_rows.h"
#include "services/scheduling/store/wait_list.h"

namespace yilian::scheduling {

// Timer kind: of a session, one for each stage.
inline constexpr std::string_view kReleaseTimer = "scheduling.Release";

// Every method works in the caller's transaction and appends its events there. Thread-safe:
// immutable.
class Upkeep {
 public:
  // `peer`: the service's own SPIFFE URI, for the audit trail.
  Upkeep(Encoding encoding, std::string peer, const WaitListRules& rules)
      : journal_(std::move(encoding), std::move(peer)), wait_list_(journal_, rules) {}
  Upkeep(const Upkeep&) = delete;
  Upkeep& operator=(const Upkeep&) = delete;

  // Frees the seat of a hold that is over at `now`. False: there is no such hold (any more).
  absl::StatusOr<bool> ExpireHold(mysql::Session& sql, BookingId id, absl::Time now) const;

  // Applies the releases of some sessions that are due at `now` and were not
  // applied, each once.
  absl::Status Release(mysql::Session& sql, const std::vector<SessionId>& ids,
                       absl::Time now) const;

  // The bookings of the merged record become the survivor's; also overlapping ones: what is booked
  // stays booked. Undone: those that are the survivor's still go back.
  absl::Status Merge(mysql::Session& sql, const relationship::SubjectMerge& merge,
                     absl::Time now) const;

  const Encoding& encoding() const { return journal_.encoding(); }
  const WaitList& wait_list() const { return wait_list_; }
  const JobJournal& journal() const { return journal_; }

 private:
  absl::Status Apply(mysql::Session& sql, const std::vector<scheduling::Release>& due,
                     std::vector<Session> sessions, absl::Time now) const;
  absl::Status Relink(mysql::Session& sql, const Booking& booking, PatientId patient,
                      absl::Time now) const;
  absl::Status MoveEntry(mysql::Session& sql, const WaitListEntry& entry, PatientId patient,
                         absl::Time now) const;

  const JobJournal journal_;
  const WaitList wait_list_;
};

// A new session with its seats, and the timers of its releases; the wait list is asked.
absl::Status StoreSession(mysql::Session& sql, const PlannedSession& planned,
                          const std::optional<TemplatePlace>& place, absl::Time now);

}  // namespace yilian::scheduling
