// The benchmarks of this folder. Each prints its JSON line last.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "services/ctl/region.h"

namespace yilian::bench {

struct Arguments {
  std::string region;
  int seconds = 10;           // for each side
  int64_t small = 10'000;     // referrals beside the ones that are worked on, where that matters
  int64_t large = 2'000'000;  // and again, for the comparison
  int callers = 0;            // 0: as many as the benchmark takes by default
};

// GetReferral, with the database read and a durable audit record, against a bare TLS echo that
// makes the same read, and against one that makes none.
absl::Status BenchGetReferral(const Arguments& arguments);
// CreateReferral with `submit`, against its own statements from the C client.
absl::Status BenchSubmitReferral(const Arguments& arguments);
// From the answer of a write to its arrival at a subscriber, while writes go on at a steady pace.
absl::Status BenchEvents(const Arguments& arguments);

// Every command from the draft to the last follow-up, at two sizes of the table; `ratio` is the
// cost of a life at the large one over that at the small one.
absl::Status BenchReferralLifecycle(const Arguments& arguments);

}  // namespace yilian::bench
