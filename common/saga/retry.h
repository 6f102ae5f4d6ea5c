// How sagas and timers go about failures.
#pragma once

#include <algorithm>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/status/error.h"

namespace yilian::saga {

// Pause after the nth failure in a row, n from 1: 100 ms doubling to 30 s.
inline absl::Duration Backoff(int failures) {
  return std::min(absl::Milliseconds(100) * (int64_t{1} << std::clamp(failures - 1, 0, 20)),
                  absl::Seconds(30));
}

// What may be stored and logged of an error: never its text, which could quote data.
inline std::string Label(const absl::Status& status) {
  std::string reason = status::ReasonOf(status);
  return (reason.empty() ? absl::StatusCodeToString(status.code()) : reason).substr(0, 128);
}

}  // namespace yilian::saga
