#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <iterator>

#include "absl/time/clock.h"
#include "common/observe/metrics.h"

namespace yilian::observe {
namespace {

double ResidentBytes() {
  FILE* file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return 0;
  long total = 0;
  long resident = 0;
  const int read = std::fscanf(file, "%ld %ld", &total, &resident);
  std::fclose(file);
  return read == 2 ? static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) : 0;
}

double ProcessorSeconds() {
  struct rusage usage = {};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double OpenFiles() {
  std::error_code error;
  const auto files = std::filesystem::directory_iterator("/proc/self/fd", error);
  return error ? 0 : static_cast<double>(std::distance(begin(files), end(files)));
}

}  // namespace

void AddProcessMetrics(Metrics& metrics) {
  // Never taken back: they live as long as the process.
  static auto* const registrations = new std::vector<Metrics::Registration>();
  registrations->push_back(
      metrics.AddGauge("process_resident_memory_bytes", "Memory in use.", {}, ResidentBytes));
  registrations->push_back(metrics.AddCounter(
      "process_cpu_seconds_total", "Processor time, user and system.", {}, ProcessorSeconds));
  registrations->push_back(
      metrics.AddGauge("process_open_fds", "Open file descriptors.", {}, OpenFiles));
  metrics.GetGauge("process_start_time_seconds", "When the process started, in Unix time.")
      .Set(absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch()));
}

}  // namespace yilian::observe
