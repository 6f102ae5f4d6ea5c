#include "common/rpc/library_logs.h"

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>

#include <mutex>
#include <string>
#include <string_view>

#include "common/observe/log.h"

namespace yilian::rpc {
namespace {

void LogGrpc(gpr_log_func_args* args) {
  const std::string_view message = args->message;
  // Said of every connection to an address that the certificate does not name; ours name SPIFFE
  // URIs.
  if (message.starts_with("No match found for server name")) return;
  std::string_view file = args->file;
  file.remove_prefix(file.rfind('/') + 1);
  const auto level =
      args->severity == GPR_LOG_SEVERITY_ERROR ? observe::Level::kWarn : observe::Level::kDebug;
  observe::Log(level, "grpc", {{"file", file}, {"line", args->line}, {"said", message}});
}

void LogProtobuf(google::protobuf::LogLevel, const char* file, int line,
                 const std::string& message) {
  observe::Log(observe::Level::kDebug, "protobuf",
               {{"file", file}, {"line", line}, {"said", message}});
}

}  // namespace

void RouteLibraryLogs() {
  static std::once_flag once;
  std::call_once(once, [] {
    gpr_set_log_function(LogGrpc);
    google::protobuf::SetLogHandler(LogProtobuf);
  });
}

}  // namespace yilian::rpc
