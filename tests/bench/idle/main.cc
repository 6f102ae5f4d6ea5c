// yilian-bench-idle --region FOLDER --bin FOLDER
//
// The resident memory of each running service; then each is stopped and started anew, and the time
// from exec to SERVING is taken. The last line is JSON.
#include <fmt/format.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <string>
#include <string_view>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "services/ctl/region.h"

extern char** environ;

namespace yilian::bench {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(20);
constexpr absl::Duration kLook = absl::Milliseconds(5);

pid_t PidOf(const ctl::Region& region, const std::string& service) {
  pid_t pid = 0;
  std::ifstream(region.folder() + "/run/" + service + ".pid") >> pid;
  return pid;
}

double ResidentMegabytes(pid_t pid) {
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::atof(line.c_str() + 6) / 1024;
  }
  return 0;
}

bool Serving(const std::string& target) {
  const auto channel = grpc::CreateChannel(target, grpc::InsecureChannelCredentials());
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Milliseconds(200)));
  grpc::health::v1::HealthCheckResponse response;
  const auto status = grpc::health::v1::Health::NewStub(channel)->Check(
      &context, grpc::health::v1::HealthCheckRequest(), &response);
  return status.ok() && response.status() == grpc::health::v1::HealthCheckResponse::SERVING;
}

// Until it has ended; it is not our child.
bool AwaitEnd(pid_t pid) {
  const absl::Time deadline = absl::Now() + kPatience;
  while (kill(pid, 0) == 0) {
    if (absl::Now() >= deadline) return false;
    absl::SleepFor(kLook);
  }
  return true;
}

// Starts the service as a child; the time until it serves.
absl::StatusOr<absl::Duration> TimeStart(const ctl::Region& region, const std::string& binaries,
                                         const std::string& service, pid_t& child) {
  ASSIGN_OR_RETURN(const std::string admin, region.ConfigValue(service, "service.admin_listen"));
  std::string program = fmt::format("{}/yilian-{}", binaries, service);
  std::string option = "--config";
  std::string config = fmt::format("{}/config/{}.json", region.folder(), service);
  char* arguments[] = {program.data(), option.data(), config.data(), nullptr};
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", 1, 0);
  posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", 1, 0);
  const absl::Time begun = absl::Now();
  const int failed = posix_spawn(&child, program.c_str(), &quiet, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&quiet);
  if (failed != 0) return absl::NotFoundError(program + " cannot be started");
  while (!Serving(admin)) {
    if (absl::Now() - begun > kPatience)
      return absl::DeadlineExceededError(service + " does not serve");
    absl::SleepFor(kLook);  // lint:allow(test-sleep) between looks, up to kPatience
  }
  return absl::Now() - begun;
}

absl::Status Run(const std::string& folder, const std::string& binaries) {
  const ctl::Region region(folder);
  std::string memory;
  std::string start;
  double most = 0;
  double slowest = 0;
  for (const std::string& service : ctl::ServiceNames()) {
    const double megabytes = ResidentMegabytes(PidOf(region, service));
    most = std::max(most, megabytes);
    memory += fmt::format("{}\"{}\":{:.1f}", memory.empty() ? "" : ",", service, megabytes);
  }
  for (const std::string& service : ctl::ServiceNames()) {
    const pid_t pid = PidOf(region, service);
    if (pid <= 0 || kill(pid, SIGTERM) != 0 || !AwaitEnd(pid)) {
      return absl::FailedPreconditionError(service + " does not run, or does not end");
    }
    pid_t child = 0;
    const absl::StatusOr<absl::Duration> took = TimeStart(region, binaries, service, child);
    // The others need it no longer than this; deploy/local/down must find nothing of ours.
    if (child > 0) {
      kill(child, SIGTERM);
      waitpid(child, nullptr, 0);
    }
    RETURN_IF_ERROR(took.status());
    const double seconds = absl::ToDoubleSeconds(*took);
    slowest = std::max(slowest, seconds);
    start += fmt::format("{}\"{}\":{:.3f}", start.empty() ? "" : ",", service, seconds);
  }
  fmt::print(
      "{{\"bench\":\"idle\",\"memory_mb\":{{{}}},\"start_s\":{{{}}},\"most_mb\":{:.1f},\"slowest_"
      "s\":{:.3f}}}\n",
      memory, start, most, slowest);
  return absl::OkStatus();
}

}  // namespace
}  // namespace yilian::bench

int main(int argc, char** argv) {
  std::string region;
  std::string binaries;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::string_view(argv[i]) == "--region") region = argv[i + 1];
    if (std::string_view(argv[i]) == "--bin") binaries = argv[i + 1];
  }
  if (region.empty() || binaries.empty()) {
    fmt::print(stderr, "usage: yilian-bench-idle --region FOLDER --bin FOLDER\n");
    return 2;
  }
  const absl::Status status = yilian::bench::Run(region, binaries);
  if (status.ok()) return 0;
  fmt::print(stderr, "{}\n", status.ToString());
  return 1;
}
