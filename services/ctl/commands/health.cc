// health, status: are the services there?
#include <fmt/format.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include "common/base/status_macros.h"
#include "common/rpc/client_call.h"
#include "common/status/error.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "services/ctl/command.h"

namespace yilian::ctl {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

absl::StatusOr<std::string> Ask(const std::string& target) {
  // Admin ports are loopback and plaintext.
  const auto stub =
      Health::NewStub(grpc::CreateChannel(target, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  RETURN_IF_ERROR(rpc::ClientCall(absl::Seconds(2)).Prepare(context));
  HealthCheckResponse response;
  const grpc::Status status = stub->Check(&context, HealthCheckRequest(), &response);
  if (!status.ok()) return status::FromGrpc(status);
  return HealthCheckResponse::ServingStatus_Name(response.status());
}

absl::Status CheckHealth(const Region&, const Arguments& arguments) {
  if (arguments.words.size() != 1)
    return absl::InvalidArgumentError("health ADDRESS: an admin port, 127.0.0.1:7201");
  ASSIGN_OR_RETURN(const std::string state, Ask(arguments.words[0]));
  fmt::print("{}\n", state);
  return state == "SERVING" ? absl::OkStatus() : absl::UnavailableError(state);
}

absl::Status ShowStatus(const Region& region, const Arguments&) {
  std::vector<std::vector<std::string>> rows;
  bool all = true;
  for (const std::string& service : ServiceNames()) {
    ASSIGN_OR_RETURN(const std::string admin, region.ConfigValue(service, "service.admin_listen"));
    ASSIGN_OR_RETURN(const std::string listen, region.ConfigValue(service, "service.listen"));
    const absl::StatusOr<std::string> state = Ask(admin);
    all = all && state.ok() && *state == "SERVING";
    rows.push_back({service, listen, state.ok() ? *state : "NOT REACHED"});
  }
  PrintTable({"SERVICE", "LISTENS", "HEALTH"}, rows);
  return all ? absl::OkStatus() : absl::UnavailableError("not every service is serving");
}

}  // namespace

void AddHealthCommands(std::vector<Command>& commands) {
  commands.push_back({.name = "health",
                      .usage = "ADDRESS",
                      .explanation = "Asks one admin port; exit code 0 when it is SERVING.",
                      .run = CheckHealth});
  commands.push_back({.name = "status",
                      .usage = "",
                      .explanation = "Asks every service of the region.",
                      .run = ShowStatus});
}

}  // namespace yilian::ctl
