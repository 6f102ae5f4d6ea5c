#include "services/ctl/any_call.h"

#include <fmt/format.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/util/json_util.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include <condition_variable>
#include <memory>
#include <mutex>

#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "common/rpc/client_call.h"
#include "common/status/error.h"
#include "yilian/consultation/v1/consultation.pb.h"
#include "yilian/directory/v1/access.pb.h"
#include "yilian/directory/v1/account.pb.h"
#include "yilian/directory/v1/catalog.pb.h"
#include "yilian/directory/v1/consortium.pb.h"
#include "yilian/directory/v1/directory.pb.h"
#include "yilian/directory/v1/family_doctor.pb.h"
#include "yilian/directory/v1/patient_index.pb.h"
#include "yilian/directory/v1/practitioner.pb.h"
#include "yilian/event/v1/event.pb.h"
#include "yilian/gateway/v1/gateway.pb.h"
#include "yilian/lab/v1/lab.pb.h"
#include "yilian/referral/v1/advice.pb.h"
#include "yilian/referral/v1/attachment.pb.h"
#include "yilian/referral/v1/referral.pb.h"
#include "yilian/referral/v1/statistics.pb.h"
#include "yilian/referral/v1/worklist.pb.h"
#include "yilian/scheduling/v1/scheduling.pb.h"

namespace yilian::ctl {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

// Naming one message of each file also makes the linker keep the file's descriptor.
std::vector<const google::protobuf::FileDescriptor*> Files() {
  return {directory::v1::Patient::descriptor()->file(),
          directory::v1::Account::descriptor()->file(),
          directory::v1::CatalogEntry::descriptor()->file(),
          directory::v1::ConsortiumMembership::descriptor()->file(),
          directory::v1::Consent::descriptor()->file(),
          directory::v1::MatchReview::descriptor()->file(),
          directory::v1::Team::descriptor()->file(),
          directory::v1::Practice::descriptor()->file(),
          referral::v1::Referral::descriptor()->file(),
          referral::v1::Advice::descriptor()->file(),
          referral::v1::Attachment::descriptor()->file(),
          referral::v1::ReferralStatistics::descriptor()->file(),
          referral::v1::WorklistEntry::descriptor()->file(),
          scheduling::v1::Session::descriptor()->file(),
          consultation::v1::Consultation::descriptor()->file(),
          lab::v1::Report::descriptor()->file(),
          gateway::v1::InboundMessage::descriptor()->file()};
}

absl::StatusOr<std::unique_ptr<Message>> NewMessage(const google::protobuf::Descriptor* type) {
  const Message* prototype =
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type);
  if (prototype == nullptr) return absl::InternalError("a message type without code");
  return std::unique_ptr<Message>(prototype->New());
}

absl::StatusOr<grpc::ByteBuffer> Exchange(grpc::Channel& channel, grpc::ClientContext& context,
                                          const std::string& path, const Message& request) {
  const std::string bytes = request.SerializeAsString();
  const grpc::Slice slice(bytes);
  const grpc::ByteBuffer sent(&slice, 1);
  grpc::ByteBuffer received;
  grpc::Status status;
  std::mutex mutex;
  std::condition_variable finished;
  bool done = false;
  grpc::GenericStub stub(std::shared_ptr<grpc::Channel>(std::shared_ptr<void>(), &channel));
  stub.UnaryCall(&context, path, grpc::StubOptions(), &sent, &received, [&](grpc::Status result) {
    std::lock_guard lock(mutex);
    status = std::move(result);
    done = true;
    finished.notify_all();
  });
  std::unique_lock lock(mutex);
  finished.wait(lock, [&] { return done; });
  if (!status.ok()) return status::FromGrpc(status);
  return received;
}

}  // namespace

std::vector<const MethodDescriptor*> AllMethods() {
  std::vector<const MethodDescriptor*> methods;
  for (const auto* file : Files()) {
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m)
        methods.push_back(file->service(s)->method(m));
    }
  }
  return methods;
}

absl::StatusOr<const MethodDescriptor*> FindMethod(std::string_view name) {
  std::string near;
  for (const MethodDescriptor* method : AllMethods()) {
    const std::string full = method->full_name();
    if (full == name || full.ends_with(fmt::format(".{}", name))) return method;
    if (full.find(std::string(name)) != std::string::npos) near += fmt::format("\n  {}", full);
  }
  return absl::NotFoundError(
      fmt::format("no method is called {}{}\nyilianctl methods lists them all", name, near));
}

std::string ServiceOf(const MethodDescriptor& method) {
  // yilian.<service>.v1.X.Y
  const std::string package = method.file()->package();
  const size_t first = package.find('.') + 1;
  return package.substr(first, package.find('.', first) - first);
}

absl::StatusOr<std::string> CallWithJson(const Region& region, const MethodDescriptor& method,
                                         const std::string& json, const std::string& token,
                                         absl::Duration timeout, bool through_nginx) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Message> request, NewMessage(method.input_type()));
  ASSIGN_OR_RETURN(const std::unique_ptr<Message> response, NewMessage(method.output_type()));
  const auto parsed = google::protobuf::util::JsonStringToMessage(json, request.get());
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(fmt::format("the request is no JSON of {}: {}",
                                                  method.input_type()->full_name(),
                                                  std::string(parsed.message())));
  }
  const auto* request_id = method.input_type()->FindFieldByName("request_id");
  if (request_id != nullptr && request->GetReflection()->GetString(*request, request_id).empty()) {
    request->GetReflection()->SetString(request.get(), request_id, base::Uuid::V7().ToString());
  }
  const std::string identity = token.empty() ? "ctl" : "yilianctl";
  const std::string service = ServiceOf(method);
  ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel,
                   through_nginx ? region.ChannelThroughNginx(service, identity)
                                 : region.Channel(service, identity));
  grpc::ClientContext context;
  RETURN_IF_ERROR(rpc::ClientCall(timeout).WithToken(token).Prepare(context));
  ASSIGN_OR_RETURN(
      grpc::ByteBuffer received,
      Exchange(*channel, context,
               fmt::format("/{}/{}", method.service()->full_name(), method.name()), *request));
  grpc::ProtoBufferReader reader(&received);
  if (!response->ParseFromZeroCopyStream(&reader))
    return absl::DataLossError("the answer does not parse");
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(*response, &text, options).ok()) {
    return absl::DataLossError("the answer cannot be shown as JSON");
  }
  return text;
}

}  // namespace yilian::ctl
