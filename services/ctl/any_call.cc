#include "services/ctl/any_call.h"

#include <google/protobuf/util/json_util.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include <condition_variable>
#include <memory>
#include <mutex>

#include "common/base/status_macros.h"
#include "common/rpc/client_call.h"
#include "common/status/error.h"
#include "services/ctl/methods.h"

namespace yilian::ctl {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

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

absl::StatusOr<std::string> CallWithJson(const Region& region, const std::string& service,
                                         const MethodDescriptor& method, const std::string& json,
                                         const std::string& token, absl::Duration timeout,
                                         bool through_nginx) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Message> request, RequestFromJson(method, json));
  const std::unique_ptr<Message> response = NewMessage(*method.output_type());
  const std::string identity = token.empty() ? "ctl" : "yilianctl";
  ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel,
                   through_nginx ? region.ChannelThroughNginx(service, identity)
                                 : region.Channel(service, identity));
  grpc::ClientContext context;
  RETURN_IF_ERROR(rpc::ClientCall(timeout).WithToken(token).Prepare(context));
  ASSIGN_OR_RETURN(grpc::ByteBuffer received,
                   Exchange(*channel, context, PathOf(method), *request));
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
