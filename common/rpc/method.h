// A method as the frame runs it: descriptor, policy, rules and handler, checked and compiled when
// the server starts.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/executor.h"
#include "common/rpc/validator.h"
#include "yilian/policy/v1/policy.pb.h"

namespace yilian::rpc {

class StreamCore;

// Runs a unary handler and serializes its answer.
using UnaryHandler = std::function<absl::Status(
    const Call&, const google::protobuf::Message& request, grpc::ByteBuffer* response)>;
// Opens a stream; `request` is null for a method whose client streams.
using StreamHandler = std::function<absl::Status(
    const Call&, const google::protobuf::Message* request, std::shared_ptr<StreamCore>)>;

// What Dispatch was told of one method.
struct Binding {
  std::string method;  // "AcceptReferral"
  bool client_streams = false;
  bool server_streams = false;
  const google::protobuf::Message* request = nullptr;  // default instances
  const google::protobuf::Message* response = nullptr;
  UnaryHandler unary;
  StreamHandler stream;
};

// Immutable once made; threads share it.
struct Method {
  std::string full_name;  // "/yilian.referral.v1.ReferralService/AcceptReferral"
  std::string service;    // "yilian.referral.v1.ReferralService"
  std::string name;       // "AcceptReferral"
  Binding binding;
  policy::v1::MethodPolicy policy;
  Lane lane = Lane::kOrdinary;
  bool writes = false;
  const google::protobuf::FieldDescriptor* request_id = nullptr;  // of a write
  std::unique_ptr<Validator> validator;
  void* observed = nullptr;  // CallObserver's own handle
};

// Every method of `service` with its binding. FAILED_PRECONDITION naming the method and the remedy
// when one is not registered, has no complete policy, does not fit the descriptor, or writes
// without a request_id.
absl::StatusOr<std::vector<std::unique_ptr<Method>>> CompileMethods(
    const google::protobuf::ServiceDescriptor& service, std::vector<Binding> bindings);

// A message on the wire. One slice, written once.
grpc::ByteBuffer Serialize(const google::protobuf::MessageLite& message);
// False when the bytes are not such a message.
bool Parse(grpc::ByteBuffer& bytes, google::protobuf::Message& message);

}  // namespace yilian::rpc
