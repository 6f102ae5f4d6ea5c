#include "common/service/service.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>

#include <cstdio>
#include <memory>
#include <string>

#include "absl/synchronization/mutex.h"
#include "common/base/status_macros.h"
#include "common/config/describe.h"
#include "common/config/load.h"
#include "common/mysql/migrator.h"
#include "common/mysql/observer.h"
#include "common/observe/log.h"
#include "common/observe/metrics.h"
#include "common/observe/query_metrics.h"
#include "common/service/context.h"
#include "common/service/flags.h"

// Read by jemalloc when the process starts: freed memory (20 MB a password hash) goes back to the
// system within seconds, by a thread of its own, so that it does so in a quiet service as well.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "background_thread:true,dirty_decay_ms:3000,muzzy_decay_ms:0";
}

namespace yilian::service {
namespace {

// Longest that running calls may go on after SIGTERM; a supervisor waits longer before it kills.
constexpr absl::Duration kDrain = absl::Seconds(20);

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kWrongUse = 2;

int Say(int code, const std::string& text) {
  fmt::print(stderr, "{}\n", text);
  return code;
}

// The field `service` that every config message has.
absl::StatusOr<config::Service> CommonPart(const google::protobuf::Message& message) {
  const auto* field = message.GetDescriptor()->FindFieldByName("service");
  if (field == nullptr || field->message_type() != config::Service::descriptor()) {
    return absl::InternalError(
        "a service's configuration needs a field `service` of yilian.config.Service");
  }
  config::Service service;
  service.CopyFrom(message.GetReflection()->GetMessage(message, field));
  return service;
}

absl::Status RunMigrations(const Definition& definition, const config::Service& config) {
  ASSIGN_OR_RETURN(const mysql::PoolOptions options, PoolOptionsFor(config, true));
  return mysql::Migrate(options, AllMigrations(definition.migrations),
                        [](const std::string& line) { fmt::print("{}\n", line); });
}

absl::Status ServeUntilSignal(const Definition& definition,
                              const google::protobuf::Message& message,
                              const config::Service& config, const sigset_t& signals) {
  observe::StartLog(definition.name, observe::LevelFromText(config.log_level()));
  mysql::SetQueryObserver(observe::ObserveQueries(observe::Metrics::Process()));
  ASSIGN_OR_RETURN(std::unique_ptr<ServiceContext> context,
                   ServiceContext::Open(definition, config));
  RETURN_IF_ERROR(definition.build(*context, message));
  RETURN_IF_ERROR(context->Start());
  observe::Log(observe::Level::kInfo, "serving", {{"listen", config.listen()}});
  int signal = 0;
  sigwait(&signals, &signal);
  observe::Log(observe::Level::kInfo, "draining", {{"signal", signal}});
  context->Drain(kDrain);
  return absl::OkStatus();
}

}  // namespace

int Main(int argc, char** argv, const Definition& definition) {
#if !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
  // Debian builds Abseil so that every lock of a mutex, gRPC's own included, enters a graph behind
  // one lock of the whole process. The sanitizers' builds keep looking for deadlocks.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
#endif
  // A connection is a file; of the soft limit's 1024 a busy nginx and the database's pool leave
  // few, and gRPC stops listening when there are none.
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  // Before any thread starts, so that all inherit it and only sigwait sees the signals.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  const std::string binary = "yilian-" + definition.name;
  const absl::StatusOr<Flags> flags = ParseFlags(argc, argv);
  if (!flags.ok())
    return Say(kWrongUse, fmt::format("{}: {}", binary, std::string(flags.status().message())));
  if (flags->mode == Flags::Mode::kHelp) {
    fmt::print("{}", Usage(binary));
    return kDone;
  }
  if (flags->mode == Flags::Mode::kHelpConfig) {
    fmt::print("{}", config::Describe(*definition.config_default->GetDescriptor()));
    return kDone;
  }
  const std::unique_ptr<google::protobuf::Message> message(definition.config_default->New());
  absl::Status status = config::LoadInto(flags->config_file, *message);
  if (status.ok()) status = config::CheckNamedFiles(*message, flags->config_file);
  if (!status.ok())
    return Say(kWrongUse, fmt::format("{}: {}", binary, std::string(status.message())));
  if (flags->mode == Flags::Mode::kCheckConfig) {
    if (definition.check_config) status = definition.check_config(*message);
    if (!status.ok())
      return Say(kWrongUse, fmt::format("{}: {}", binary, std::string(status.message())));
    fmt::print("{}: the configuration is good\n", flags->config_file);
    return kDone;
  }
  const absl::StatusOr<config::Service> config = CommonPart(*message);
  if (!config.ok()) return Say(kFailed, config.status().ToString());
  status = flags->mode == Flags::Mode::kMigrate
               ? RunMigrations(definition, *config)
               : ServeUntilSignal(definition, *message, *config, signals);
  if (!status.ok())
    return Say(kFailed, fmt::format("{}: {}", binary, std::string(status.message())));
  return kDone;
}

}  // namespace yilian::service
