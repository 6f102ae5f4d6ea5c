#include "services/ctl/any_call.h"

#include <google/protobuf/util/json_util.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_buffer_reader.h>

#include <memory>
#include <vector>

#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/rpc/client_call.h"
#include "common/status/error.h"
#include "services/ctl/methods.h"
#include "yilian/policy/v1/policy.pb.h"

namespace yilian::ctl {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

absl::Duration TimeFor(const MethodDescriptor& method) {
  if (method.options().GetExtension(policy::v1::policy).long_lived()) {
    return absl::InfiniteDuration();
  }
  const bool streams = method.client_streaming() || method.server_streaming();
  return streams ? absl::Minutes(10) : absl::Seconds(10);
}

absl::StatusOr<std::vector<grpc::ByteBuffer>> RequestsOf(const JsonCall& call) {
  std::vector<std::string> texts = {call.json};
  if (call.method->client_streaming())
    texts = absl::StrSplit(call.json, '\n', absl::SkipWhitespace());
  std::vector<grpc::ByteBuffer> requests;
  for (const std::string& text : texts) {
    ASSIGN_OR_RETURN(const std::unique_ptr<Message> request, RequestFromJson(*call.method, text));
    const grpc::Slice slice(request->SerializeAsString());
    requests.emplace_back(&slice, 1);
  }
  return requests;
}

absl::StatusOr<std::string> JsonOf(const MethodDescriptor& method, grpc::ByteBuffer& received) {
  const std::unique_ptr<Message> response = NewMessage(*method.output_type());
  grpc::ProtoBufferReader reader(&received);
  if (!response->ParseFromZeroCopyStream(&reader)) {
    return absl::DataLossError("the answer does not parse");
  }
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(*response, &text, options).ok()) {
    return absl::DataLossError("the answer cannot be shown as JSON");
  }
  return text;
}

}  // namespace

absl::Status CallWithJson(const Region& region, const JsonCall& call,
                          const std::function<void(const std::string&)>& answer) {
  ASSIGN_OR_RETURN(const std::vector<grpc::ByteBuffer> requests, RequestsOf(call));
  const std::string identity = call.token.empty() ? "ctl" : "yilianctl";
  ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel,
                   call.through_nginx ? region.ChannelThroughNginx(call.service, identity)
                                      : region.Channel(call.service, identity));
  grpc::ClientContext context;
  RETURN_IF_ERROR(rpc::ClientCall(TimeFor(*call.method)).WithToken(call.token).Prepare(context));
  grpc::CompletionQueue queue;
  const auto done = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  grpc::GenericStub stub(channel);
  const auto stream = stub.PrepareCall(&context, PathOf(*call.method), &queue);
  stream->StartCall(nullptr);
  bool open = done();
  for (size_t i = 0; open && i < requests.size(); ++i) {
    // The last one with the end of writing: a refusal may come before all has gone.
    const bool last = i + 1 == requests.size();
    stream->Write(requests[i],
                  last ? grpc::WriteOptions().set_last_message() : grpc::WriteOptions(), nullptr);
    open = done();
  }
  absl::Status unreadable;
  while (true) {
    grpc::ByteBuffer received;
    stream->Read(&received, nullptr);
    if (!done()) break;
    const absl::StatusOr<std::string> text = JsonOf(*call.method, received);
    unreadable.Update(text.status());
    if (text.ok()) answer(*text);
  }
  grpc::Status status;
  stream->Finish(&status, nullptr);
  done();
  return status.ok() ? unreadable : status::FromGrpc(status);
}

}  // namespace yilian::ctl
