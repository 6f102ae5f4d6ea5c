// How long a match takes among a county's patients.
#pragma once

#include "absl/status/statusor.h"

namespace yilian::bench {

struct Speed {
  int patients = 0;
  int matches = 0;
  double load_seconds = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  double worst_ms = 0;
  // Of people who were registered before, by what their second registration came to.
  double found_or_reviewed = 0;
  // Of people who were never registered: taken for somebody without anybody looking.
  int taken_for_another = 0;
};

// Loads `patients` made-up people into a database of its own, with the service's own code, and
// matches `matches` registrations against them: reading the name, the keys, the candidates and
// their comparison. Half of them are of people who are there.
absl::StatusOr<Speed> MeasureSpeed(int patients, int matches);

}  // namespace yilian::bench
