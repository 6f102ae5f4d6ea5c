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
  absl::Duration caller_time{};  // of this process; of a floor it is the server's

  void Turn(absl::Duration duration, pid_t database) {
    const absl::Duration server_before = CpuTimeOf(server);
    const absl::Duration database_before = CpuTimeOf(database);
    const absl::Duration caller_before = CpuTimeOf(getpid());
    figures.Add(run(duration));
    server_time += CpuTimeOf(server) - server_before;
    database_time += CpuTimeOf(database) - database_before;
    if (server != getpid()) caller_time += CpuTimeOf(getpid()) - caller_before;
  }
  // Microseconds a call.
  std::string Cost() const {
    const auto each = [&](absl::Duration time) {
      return absl::ToDoubleMicroseconds(time) / std::max<double>(1, figures.calls);
    };
    return fmt::format("{:.0f} us server, {:.0f} us database, {:.0f} us callers", each(server_time),
                       each(database_time), each(caller_time));
  }
};

}  // namespace yilian::bench
