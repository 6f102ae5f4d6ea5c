#include "tests/e2e/access-matrix/policy_half.h"

#include <fmt/format.h>
#include <grpc/reflection/v1alpha/reflection.grpc.pb.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <algorithm>
#include <set>

#include "common/base/status_macros.h"
#include "common/rpc/client_call.h"
#include "services/ctl/methods.h"
#include "tests/e2e/access-matrix/row_fields.h"

namespace yilian::e2e {

using ctl::ServersOf;
using test_support::RawAnswer;

namespace {

// A request that names what is really there, as far as one request can.
FieldValues RealRows(const Scene& scene) {
  FieldValues values = ValuesFor("first");
  for (const Row& row : scene.rows) {
    for (const auto& [field, id] : row.ids) values.emplace(field, id);
  }
  return values;
}

bool IsRefusal(const RawAnswer& answer) {
  const std::string reason = answer.Reason();
  return reason == "ROLE_NOT_ALLOWED" || reason == "SIGN_IN_REQUIRED";
}

// How the frame must refuse: who could sign in and be let in is told so, everybody else is told
// that the caller's kind may not.
std::string RefusalFor(const Column& column, const policy::v1::MethodPolicy& policy) {
  if (!column.is_person() && (policy.any_person() || policy.roles_size() > 0))
    return "UNAUTHENTICATED SIGN_IN_REQUIRED";
  return "PERMISSION_DENIED ROLE_NOT_ALLOWED";
}

std::string Outcome(const RawAnswer& answer) {
  return fmt::format("{} {}", absl::StatusCodeToString(answer.ToStatus().code()), answer.Reason());
}

}  // namespace

policy::v1::MethodPolicy PolicyOf(const Method& method) {
  return method.options().GetExtension(policy::v1::policy);
}

absl::Status PolicyHalf::Cell(const Method& method, const std::string& server,
                              const Column& column) {
  const policy::v1::MethodPolicy policy = PolicyOf(method);
  const bool named = column.NamedBy(policy);
  std::unique_ptr<google::protobuf::Message> request(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(method.input_type())
          ->New());
  if (!named) {
    ASSIGN_OR_RETURN(request, MakeRequest(*method.input_type(), RealRows(scene_)));
  } else if (method.server_streaming()) {
    ASSIGN_OR_RETURN(request, MakeRequest(*method.input_type(), ValuesFor("first")));
  }
  ASSIGN_OR_RETURN(const RawAnswer answer,
                   column.caller.Ask(server, method, *request, [](const auto&) { return true; }));
  ++calls_;
  cells_[&method].push_back(answer.Reason());
  const bool as_told =
      named ? !IsRefusal(answer) && answer.status.error_code() != grpc::StatusCode::UNIMPLEMENTED
            : Outcome(answer) == RefusalFor(column, policy);
  if (!as_told) {
    findings_.push_back(fmt::format(
        "{} at {}, {}: the policy {}, and the answer is {}", method.full_name(), server,
        column.name, named ? "names this caller" : "does not name this caller", Outcome(answer)));
  }
  return absl::OkStatus();
}

absl::Status PolicyHalf::Check(const Method& method) {
  for (const std::string& server : ServersOf(method)) {
    cells_[&method].clear();  // the page shows one server's; all are judged
    for (const Column& column : columns_) RETURN_IF_ERROR(Cell(method, server, column));
  }
  return absl::OkStatus();
}

absl::Status PolicyHalf::Served(const ctl::Region& region, const std::string& server,
                                const std::vector<const Method*>& methods) {
  ASSIGN_OR_RETURN(const std::string admin, region.ConfigValue(server, "service.admin_listen"));
  const auto stub = grpc::reflection::v1alpha::ServerReflection::NewStub(
      grpc::CreateChannel(admin, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  RETURN_IF_ERROR(rpc::ClientCall(absl::Seconds(10)).Prepare(context));
  const auto conversation = stub->ServerReflectionInfo(&context);
  grpc::reflection::v1alpha::ServerReflectionRequest question;
  question.set_list_services("*");
  grpc::reflection::v1alpha::ServerReflectionResponse answer;
  if (!conversation->Write(question) || !conversation->Read(&answer))
    return absl::UnavailableError(fmt::format("{} does not say what it serves", server));
  conversation->WritesDone();
  conversation->Finish();
  std::set<std::string> expected;
  for (const Method* method : methods) {
    const auto servers = ServersOf(*method);
    if (std::find(servers.begin(), servers.end(), server) != servers.end())
      expected.insert(method->service()->full_name());
  }
  std::set<std::string> found;
  for (const auto& service : answer.list_services_response().service())
    found.insert(service.name());
  if (found != expected) {
    findings_.push_back(fmt::format("{} serves {}; the protos say {}", server,
                                    fmt::join(found, " "), fmt::join(expected, " ")));
  }
  return absl::OkStatus();
}

absl::Status PolicyHalf::CheckReach(const ctl::Region& region,
                                    const std::vector<const Method*>& methods) {
  const Column& nobody = columns_.front();
  std::vector<const Method*> foreign = methods;
  for (const char* name : {"grpc.reflection.v1alpha.ServerReflection.ServerReflectionInfo",
                           "grpc.channelz.v1.Channelz.GetTopChannels"}) {
    foreign.push_back(google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(name));
  }
  for (const std::string& server : ctl::ServiceNames()) {
    RETURN_IF_ERROR(Served(region, server, methods));
    for (const Method* method : foreign) {
      const auto servers = ServersOf(*method);
      if (std::find(servers.begin(), servers.end(), server) != servers.end()) continue;
      const std::unique_ptr<google::protobuf::Message> empty(
          google::protobuf::MessageFactory::generated_factory()
              ->GetPrototype(method->input_type())
              ->New());
      ASSIGN_OR_RETURN(const RawAnswer answer, nobody.caller.Ask(server, *method, *empty));
      ++calls_;
      if (answer.status.error_code() != grpc::StatusCode::UNIMPLEMENTED) {
        findings_.push_back(fmt::format("{} at {}, which does not serve it, answers {}",
                                        method->full_name(), server, Outcome(answer)));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace yilian::e2e
