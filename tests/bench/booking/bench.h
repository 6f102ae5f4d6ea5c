// The benchmarks of this folder. Each prints its JSON line last, and fails when what was answered
// is not true.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace yilian::bench {

struct Arguments {
  std::string region;
  int seconds = 10;       // for each side
  int callers = 0;        // 0: as many as the benchmark takes by default
  int small = 10'000;     // seats, for search
  int large = 1'000'000;  // and again, for the comparison
  int reserved = 50'000;  // seats that open at once, for release-hour
  int clients = 5'000;    // who ask meanwhile
};

// HoldSeat and BookSeat, against their own statements from the C client.
absl::Status BenchBooking(const Arguments& arguments);
// A thousand callers at once on ten seats, while others book elsewhere.
absl::Status BenchHotSeat(const Arguments& arguments);
// The minute in which reserved seats open, and everybody asks.
absl::Status BenchReleaseHour(const Arguments& arguments);
// Pages of free sessions beside few and beside many seats.
absl::Status BenchSearch(const Arguments& arguments);

}  // namespace yilian::bench
