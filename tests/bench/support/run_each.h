// A floor's work: every connection does it again and again on a thread of its own.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "tests/bench/support/figures.h"

namespace yilian::bench {

// `work(connection)` answers a status; the first failure of each connection is told.
template <typename Connection, typename Work>
Slice RunEach(const std::vector<std::unique_ptr<Connection>>& connections, absl::Duration duration,
              const Work& work) {
  const absl::Time begun = absl::Now();
  std::vector<Slice> slices(connections.size());
  std::vector<std::thread> threads;
  for (size_t i = 0; i < connections.size(); ++i) {
    threads.emplace_back([&, i, until = begun + duration] {
      for (absl::Time start = absl::Now(); start < until;) {
        const absl::Status status = work(*connections[i]);
        if (!status.ok() && slices[i].failed++ == 0) fmt::print(stderr, "{}\n", status.ToString());
        const absl::Time end = absl::Now();
        slices[i].milliseconds.push_back(
            static_cast<float>(absl::ToDoubleMilliseconds(end - start)));
        ++slices[i].calls;
        start = end;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Slice all;
  all.took = absl::Now() - begun;
  for (const Slice& slice : slices) {
    all.calls += slice.calls;
    all.failed += slice.failed;
    all.milliseconds.insert(all.milliseconds.end(), slice.milliseconds.begin(),
                            slice.milliseconds.end());
  }
  return all;
}

}  // namespace yilian::bench
