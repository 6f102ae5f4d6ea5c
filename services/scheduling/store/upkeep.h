// What happens to seats and bookings without a caller: holds run out, reserves widen, patients'
// records are merged.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "common/relationship/merges.h"
#include "services/scheduling/domain/booking.h"
#include "services/scheduling/domain/encoding.h"
#include "services/scheduling/store/session_rows.h"

namespace yilian::scheduling {

// Timer kinds: of a booking, and of a session (one for each stage).
inline constexpr std::string_view kHoldTimer = "scheduling.HoldExpiry";
inline constexpr std::string_view kReleaseTimer = "scheduling.Release";

// Every method works in the caller's transaction and appends its events there. Thread-safe:
// immutable.
class Upkeep {
 public:
  // `peer`: the service's own SPIFFE URI, for the audit trail.
  Upkeep(Encoding encoding, std::string peer)
      : encoding_(std::move(encoding)), peer_(std::move(peer)) {}

  // Frees the seat of a hold that is over at `now`. False: there is no such hold (any more).
  absl::StatusOr<bool> ExpireHold(mysql::Session& sql, BookingId id, absl::Time now) const;

  // Applies the releases of a session that are due at `now` and were not applied, each once.
  absl::Status Release(mysql::Session& sql, SessionId id, absl::Time now) const;

  // The bookings of the merged record become the survivor's; also overlapping ones: what is booked
  // stays booked. Undone: those that are the survivor's still go back.
  absl::Status Merge(mysql::Session& sql, const relationship::SubjectMerge& merge,
                     absl::Time now) const;

  const Encoding& encoding() const { return encoding_; }

 private:
  absl::Status Relink(mysql::Session& sql, const Booking& booking, PatientId patient,
                      absl::Time now) const;
  absl::Status Announce(mysql::Session& sql, std::string_view type, std::string_view job,
                        const Booking& booking, absl::Time now) const;

  const Encoding encoding_;
  const std::string peer_;
};

// A new session with its seats, and the timers of its releases.
absl::Status StoreSession(mysql::Session& sql, const PlannedSession& planned,
                          const std::optional<TemplatePlace>& place, absl::Time now);

}  // namespace yilian::scheduling
