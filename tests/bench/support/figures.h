// What is counted while something runs, and what is said about it.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace yilian::bench {

// A stretch of one side's work.
struct Slice {
  int64_t calls = 0;
  int64_t failed = 0;
  absl::Duration took;
  std::vector<float> milliseconds;  // of each call
};

// All slices of one side.
struct Figures {
  int64_t calls = 0;
  int64_t failed = 0;
  absl::Duration took;
  std::vector<float> milliseconds;

  void Add(Slice slice) {
    calls += slice.calls;
    failed += slice.failed;
    took += slice.took;
    milliseconds.insert(milliseconds.end(), slice.milliseconds.begin(), slice.milliseconds.end());
  }
  double per_second() const {
    return took == absl::ZeroDuration() ? 0
                                        : static_cast<double>(calls) / absl::ToDoubleSeconds(took);
  }
  // `part`: 0.5 for the median.
  double Percentile(double part) {
    if (milliseconds.empty()) return 0;
    const size_t at =
        std::min(milliseconds.size() - 1,
                 static_cast<size_t>(part * static_cast<double>(milliseconds.size())));
    std::nth_element(milliseconds.begin(), milliseconds.begin() + static_cast<long>(at),
                     milliseconds.end());
    return milliseconds[at];
  }
};

// The last line of a benchmark that has a floor; `more`: further members, each with a comma before
// it.
inline std::string JsonLine(std::string_view bench, Figures& measured, Figures& floor, int callers,
                            const std::string& more = "") {
  return fmt::format(
      "{{\"bench\":\"{}\",\"ratio\":{:.3f},\"per_second\":{:.0f},\"p50_ms\":{:.3f},\"p99_ms\":{:."
      "3f},"
      "\"floor_per_second\":{:.0f},\"floor_p50_ms\":{:.3f},\"floor_p99_ms\":{:.3f},\"callers\":{},"
      "\"failed\":{}{}}}",
      bench, measured.per_second() / floor.per_second(), measured.per_second(),
      measured.Percentile(0.5), measured.Percentile(0.99), floor.per_second(),
      floor.Percentile(0.5), floor.Percentile(0.99), callers, measured.failed + floor.failed, more);
}

}  // namespace yilian::bench
