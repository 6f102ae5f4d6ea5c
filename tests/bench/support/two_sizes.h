// The same work at a small and at a large table, in slices that take turns.
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "tests/bench/support/figures.h"

namespace yilian::bench {

// Medians of both in milliseconds: what waits for the disk or for another process weighs on the
// mean, by chance on one side more than on the other. And the slowest hundredth of the large one.
struct Compared {
  double small = 0;
  double large = 0;
  double large_p99 = 0;
  double growth() const { return large / small; }
};

template <typename Desk>
using Work = absl::Status (Desk::*)();

// `desk` does the work again and again for `time`.
template <typename Desk>
absl::Status TakeTurn(Desk& desk, Work<Desk> work, absl::Duration time, Figures& figures) {
  Slice slice;
  const absl::Time begun = absl::Now();
  for (absl::Time at = begun; at < begun + time;) {
    RETURN_IF_ERROR((desk.*work)());
    const absl::Time now = absl::Now();
    slice.milliseconds.push_back(static_cast<float>(absl::ToDoubleMilliseconds(now - at)));
    ++slice.calls;
    at = now;
  }
  slice.took = absl::Now() - begun;
  figures.Add(std::move(slice));
  return absl::OkStatus();
}

// Each side works for `seconds`, after a turn that is not counted.
template <typename Desk>
absl::StatusOr<Compared> CompareSizes(Desk& small, Desk& large, Work<Desk> work, int seconds) {
  constexpr absl::Duration kSlice = absl::Milliseconds(300);
  Figures warm_up;
  Figures of_small;
  Figures of_large;
  RETURN_IF_ERROR(TakeTurn(small, work, kSlice, warm_up));
  RETURN_IF_ERROR(TakeTurn(large, work, kSlice, warm_up));
  for (absl::Duration spent; spent < absl::Seconds(seconds); spent += kSlice) {
    RETURN_IF_ERROR(TakeTurn(small, work, kSlice, of_small));
    RETURN_IF_ERROR(TakeTurn(large, work, kSlice, of_large));
  }
  return Compared{of_small.Percentile(0.5), of_large.Percentile(0.5), of_large.Percentile(0.99)};
}

}  // namespace yilian::bench
