// What a change without a caller leaves behind: its event and its audit record.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "services/scheduling/domain/booking.h"
#include "services/scheduling/domain/encoding.h"
#include "services/scheduling/domain/wait_list.h"

namespace yilian::scheduling {

// Writes in the caller's transaction. Thread-safe: immutable.
class JobJournal {
 public:
  // `peer`: the service's own SPIFFE URI, for the audit trail.
  JobJournal(Encoding encoding, std::string peer)
      : encoding_(std::move(encoding)), peer_(std::move(peer)) {}

  // `type`: of the event. `job`: what did it, e.g. the timer's kind.
  absl::Status Announce(mysql::Session& sql, std::string_view type, std::string_view job,
                        const Booking& booking, absl::Time now) const;
  absl::Status Announce(mysql::Session& sql, std::string_view type, std::string_view job,
                        const WaitListEntry& entry, absl::Time now) const;

  // The same for a booking that somebody else ended.
  absl::Status AnnounceCancelled(mysql::Session& sql, std::string_view job, const Booking& booking,
                                 std::string_view reason, absl::Time now) const;

  const Encoding& encoding() const { return encoding_; }

 private:
  absl::Status Record(mysql::Session& sql, std::string_view job, std::string_view subject_type,
                      const base::Uuid& subject, PatientId patient, absl::Time now) const;

  const Encoding encoding_;
  const std::string peer_;
};

}  // namespace yilian::scheduling
