// What is known of sessions that had no seat left, so that one look refuses a whole crowd.
#pragma once

#include <chrono>
#include <compare>
#include <map>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "services/scheduling/domain/requests.h"
#include "services/scheduling/domain/types.h"

namespace yilian::scheduling {

// A session that was full at a moment after a call arrived was full while the call was under way:
// refusing the call is as true as if it had looked itself. It says nothing about calls that arrive
// later, for a seat may be given back. Of this process only; thread-safe.
class FullSessions {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  // For whom there was none: which seats one may have depends on it.
  struct Asker {
    SessionId session;
    OrganizationId organization;
    bool green = false;
    auto operator<=>(const Asker&) const = default;
  };
  // Nullopt where no session is named, and for a referral: that it is booked already is said first,
  // wherever it asks.
  static std::optional<Asker> AskerOf(const HoldCommand& command);

  // `looked`: before the look that found nothing; `refusal`: what it came to.
  void Remember(const Asker& asker, Instant looked, const absl::Status& refusal);

  // The refusal of a look at `arrived` or later.
  std::optional<absl::Status> Since(const Asker& asker, Instant arrived) const;

 private:
  struct Look {
    Instant at;
    absl::Status refusal;
  };

  mutable absl::Mutex mutex_;
  std::map<Asker, Look> looks_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace yilian::scheduling
