// Processor time of the processes that take part, so that a figure says where its time went.
#pragma once

#include <fmt/format.h>
#include <sys/types.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

#include "absl/time/time.h"

namespace yilian::bench {

// User and kernel time so far; the kernel counts in ticks of 10 ms. Zero for a process that is
// gone.
inline absl::Duration CpuTimeOf(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::stringstream text;
  text << file.rdbuf();
  const std::string all = text.str();
  // The name in parentheses may hold blanks.
  const size_t name_end = all.rfind(')');
  if (name_end == std::string::npos) return absl::ZeroDuration();
  std::istringstream fields(all.substr(name_end + 1));
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  int64_t user = 0;
  int64_t kernel = 0;
  fields >> user >> kernel;
  return absl::Seconds(1) * (user + kernel) / sysconf(_SC_CLK_TCK);
}

// A region's process by its name ("referral", "database"); 0 when it does not run.
inline pid_t PidOf(const std::string& region, const std::string& name) {
  pid_t pid = 0;
  std::ifstream(fmt::format("{}/run/{}.pid", region, name)) >> pid;
  return pid;
}

}  // namespace yilian::bench
