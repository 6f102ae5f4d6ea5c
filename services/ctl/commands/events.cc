// events: follows a service's event stream.
#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>
#include <grpcpp/client_context.h>

#include "absl/strings/numbers.h"
#include "common/base/status_macros.h"
#include "common/config/secret_file.h"
#include "common/rpc/client_call.h"
#include "common/status/error.h"
#include "services/ctl/command.h"
#include "yilian/event/v1/event.grpc.pb.h"

namespace yilian::ctl {
namespace {

void Print(const event::v1::Event& event) {
  std::string payload;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  if (!google::protobuf::util::MessageToJsonString(event.payload(), &payload, options).ok())
    payload = "{}";
  fmt::print("{:>8}  {}  {:<24} {} v{}  {}\n", event.position(),
             ShowTime(absl::FromUnixSeconds(event.occurred_at().seconds())), event.type(),
             event.aggregate_id(), event.aggregate_version(), payload);
  std::fflush(stdout);
}

absl::Status Events(const Region& region, const Arguments& arguments) {
  if (arguments.words.size() != 1)
    return absl::InvalidArgumentError("events SERVICE: e.g. events referral");
  int64_t cursor = 0;
  if (!absl::SimpleAtoi(arguments.Get("cursor", "0"), &cursor)) {
    return absl::InvalidArgumentError("--cursor is a position: 0 for all");
  }
  std::string token;
  if (arguments.Has("as")) {
    ASSIGN_OR_RETURN(
        token, config::ReadSecretFile(
                   fmt::format("{}/tokens/{}", region.folder(), arguments.Get("as")), "--as"));
  }
  ASSIGN_OR_RETURN(const auto channel,
                   region.Channel(arguments.words[0], token.empty() ? "ctl" : "yilianctl"));
  const auto stub = event::v1::EventFeed::NewStub(channel);
  grpc::ClientContext context;
  if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
  event::v1::StreamRequest request;
  request.set_cursor(cursor);
  request.set_subscriber("yilianctl");
  const auto stream = stub->Stream(&context, request);
  event::v1::StreamResponse response;
  const bool follow = arguments.Has("follow");
  while (stream->Read(&response)) {
    for (const auto& event : response.events()) Print(event);
    // Without --follow: what was there when the call began.
    if (!follow && response.caught_up()) {
      context.TryCancel();
      break;
    }
  }
  const grpc::Status status = stream->Finish();
  if (status.error_code() == grpc::StatusCode::CANCELLED) return absl::OkStatus();
  return status::FromGrpc(status);
}

}  // namespace

void AddEventCommands(std::vector<Command>& commands) {
  commands.push_back(
      {.name = "events",
       .usage = "SERVICE [--cursor N ] [--as USER ] [--follow]",
       .explanation =
           "Prints a service's events after a position, in order; with --follow goes on.",
       .run = Events,
       .switches = {"follow"}});
}

}  // namespace yilian::ctl
