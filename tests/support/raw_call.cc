#include "tests/support/raw_call.h"

#include <fmt/format.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include "common/rpc/client_call.h"
#include "common/status/error.h"

namespace yilian::test_support {
namespace {

std::string Bytes(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices)
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

grpc::ByteBuffer Buffer(const google::protobuf::Message& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace

absl::Status RawAnswer::ToStatus() const { return status::FromGrpc(status); }

std::string RawAnswer::Reason() const {
  if (status.ok() || left_open) return "OK";
  const std::string reason = status::ReasonOf(ToStatus());
  return reason.empty() ? std::string(absl::StatusCodeToString(ToStatus().code())) : reason;
}

RawAnswer Ask(const RawCall& call, const google::protobuf::Message& request) {
  RawAnswer answer;
  grpc::ClientContext context;
  rpc::ClientCall(call.timeout).WithToken(call.token).Prepare(context).IgnoreError();
  grpc::CompletionQueue queue;
  const auto done = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  grpc::GenericStub stub(call.channel);
  const auto stream = stub.PrepareCall(&context, call.path, &queue);
  stream->StartCall(nullptr);
  if (done()) {
    // With the end of writing in one step: a refusal may come before the request has gone.
    stream->WriteLast(Buffer(request), grpc::WriteOptions(), nullptr);
    done();
    grpc::ByteBuffer received;
    while (true) {
      stream->Read(&received, nullptr);
      if (!done()) break;
      answer.messages.push_back(Bytes(received));
      if (call.enough && call.enough(answer.messages.back())) {
        answer.left_open = true;
        context.TryCancel();
        break;
      }
    }
  }
  stream->Finish(&answer.status, nullptr);
  done();
  for (const auto& [key, value] : context.GetServerTrailingMetadata()) {
    const std::string name(key.data(), key.size());
    if (name != "grpc-status-details-bin")
      answer.trailing.emplace(name, std::string(value.data(), value.size()));
  }
  queue.Shutdown();
  done();
  return answer;
}

}  // namespace yilian::test_support
