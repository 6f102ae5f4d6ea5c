// Waiting for what another thread does: by condition and deadline, never by a fixed time.
#pragma once

#include <functional>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace yilian::test_support {

// True as soon as `condition` holds; false when it does not within `patience`.
inline bool Eventually(const std::function<bool()>& condition,
                       absl::Duration patience = absl::Seconds(20)) {
  const absl::Time until = absl::Now() + patience;
  while (!condition()) {
    if (absl::Now() >= until) return false;
    absl::SleepFor(absl::Milliseconds(2));
  }
  return true;
}

}  // namespace yilian::test_support
