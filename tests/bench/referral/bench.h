// The benchmarks of this folder. Each prints its JSON line last.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "services/ctl/region.h"

namespace yilian::bench {

struct Arguments {
  std::string region;
  int seconds = 10;  // for each side
  int callers = 32;
};

// GetReferral, with the database read and a durable audit record, against a bare TLS echo.
absl::Status BenchGetReferral(const Arguments& arguments);
// CreateReferral with `submit`, against its own statements from the C client.
absl::Status BenchSubmitReferral(const Arguments& arguments);
// From the answer of a write to its arrival at a subscriber, while writes go on at a steady pace.
absl::Status BenchEvents(const Arguments& arguments);

}  // namespace yilian::bench
