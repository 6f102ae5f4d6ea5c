// Sides that take turns within a run.
#pragma once

#include <fmt/format.h>
#include <sys/types.h>

#include <algorithm>
#include <functional>
#include <string>

#include "absl/time/time.h"
#include "tests/bench/support/cpu_time.h"
#include "tests/bench/support/figures.h"

namespace yilian::bench {

// One of the sides, and the processor time of the processes behind it.
struct Contender {
  std::function<Slice(absl::Duration)> run;
  pid_t server = 0;
  Figures figures{};
  absl::Duration server_time{};
  absl::Duration database_time{};

  void Turn(absl::Duration duration, pid_t database) {
    const absl::Duration server_before = CpuTimeOf(server);
    const absl::Duration database_before = CpuTimeOf(database);
    figures.Add(run(duration));
    server_time += CpuTimeOf(server) - server_before;
    database_time += CpuTimeOf(database) - database_before;
  }
  // Microseconds a call.
  std::string Cost() const {
    const auto each = [&](absl::Duration time) {
      return absl::ToDoubleMicroseconds(time) / std::max<double>(1, figures.calls);
    };
    return fmt::format("{:.0f} us server, {:.0f} us database", each(server_time),
                       each(database_time));
  }
};

}  // namespace yilian::bench
