#include "common/rpc/method.h"

#include <fmt/format.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include "common/base/status_macros.h"
#include "common/status/error.h"

namespace yilian::rpc {

using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;
using policy::v1::MethodPolicy;

namespace {

absl::Status Unfit(const MethodDescriptor& method, std::string_view reason,
                   std::string_view remedy) {
  return status::Error(absl::StatusCode::kFailedPrecondition, "yilian", reason)
      .Message(fmt::format("method {}: {}", method.full_name(), remedy))
      .Meta("method", method.full_name());
}

absl::Status CheckPolicy(const MethodDescriptor& method, const MethodPolicy& policy) {
  constexpr std::string_view kReason = "POLICY_MISSING";
  if (!method.options().HasExtension(policy::v1::policy)) {
    return Unfit(method, kReason,
                 "has no policy: add option (yilian.policy.v1.policy) to the proto");
  }
  if (policy.effect() == policy::v1::EFFECT_UNSPECIFIED) {
    return Unfit(method, kReason, "state `effect` in its policy: EFFECT_READ or EFFECT_WRITE");
  }
  if (policy.relationship() == policy::v1::RELATIONSHIP_UNSPECIFIED) {
    return Unfit(method, kReason, "state `relationship` in its policy (RELATIONSHIP_NONE ...)");
  }
  for (const int role : policy.roles()) {
    if (role == policy::v1::ROLE_UNSPECIFIED || !policy::v1::Role_IsValid(role)) {
      return Unfit(method, kReason, "its policy names a role that is none");
    }
  }
  if (!policy.anonymous() && !policy.any_person() && !policy.organization_systems() &&
      policy.roles().empty() && policy.services().empty()) {
    return Unfit(
        method, kReason,
        "its policy lets nobody in: name roles, any_person, organization_systems, services "
        "or anonymous");
  }
  return absl::OkStatus();
}

absl::Status CheckBinding(const MethodDescriptor& method, const Binding& binding) {
  constexpr std::string_view kReason = "HANDLER_UNFIT";
  if (binding.request->GetDescriptor() != method.input_type() ||
      binding.response->GetDescriptor() != method.output_type()) {
    return Unfit(method, kReason,
                 fmt::format("its handler takes {} and gives {}; the proto says {} and {}",
                             binding.request->GetDescriptor()->full_name(),
                             binding.response->GetDescriptor()->full_name(),
                             method.input_type()->full_name(), method.output_type()->full_name()));
  }
  if (binding.client_streams != method.client_streaming() ||
      binding.server_streams != method.server_streaming()) {
    return Unfit(method, kReason,
                 "register it with Unary, Stream, Bidi or Collect as the proto has it");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Method>> CompileMethod(const MethodDescriptor& descriptor,
                                                      Binding binding) {
  auto method = std::make_unique<Method>();
  method->service = descriptor.service()->full_name();
  method->name = descriptor.name();
  method->full_name = fmt::format("/{}/{}", method->service, method->name);
  method->policy = descriptor.options().GetExtension(policy::v1::policy);
  RETURN_IF_ERROR(CheckPolicy(descriptor, method->policy));
  RETURN_IF_ERROR(CheckBinding(descriptor, binding));
  method->lane =
      method->policy.lane() == policy::v1::LANE_PRIORITY ? Lane::kPriority : Lane::kOrdinary;
  method->writes = method->policy.effect() == policy::v1::EFFECT_WRITE;
  if (method->writes && !descriptor.client_streaming()) {
    method->request_id = descriptor.input_type()->FindFieldByName("request_id");
    if (method->request_id == nullptr || method->request_id->is_repeated() ||
        method->request_id->type() != FieldDescriptor::TYPE_STRING) {
      return Unfit(descriptor, "REQUEST_ID_MISSING",
                   fmt::format("writes, so {} needs the field `string request_id`",
                               descriptor.input_type()->full_name()));
    }
  }
  ASSIGN_OR_RETURN(method->validator, Validator::Compile(*descriptor.input_type()));
  method->binding = std::move(binding);
  return method;
}

}  // namespace

absl::StatusOr<std::vector<std::unique_ptr<Method>>> CompileMethods(
    const ServiceDescriptor& service, std::vector<Binding> bindings) {
  std::vector<std::unique_ptr<Method>> methods;
  for (int i = 0; i < service.method_count(); ++i) {
    const MethodDescriptor& descriptor = *service.method(i);
    Binding* found = nullptr;
    for (Binding& binding : bindings) {
      if (binding.method != descriptor.name()) continue;
      if (found != nullptr) {
        return Unfit(descriptor, "HANDLER_UNFIT", "is registered twice: remove one line");
      }
      found = &binding;
    }
    if (found == nullptr) {
      return Unfit(descriptor, "HANDLER_MISSING",
                   "has no handler: add its line to the service's dispatch");
    }
    ASSIGN_OR_RETURN(methods.emplace_back(), CompileMethod(descriptor, std::move(*found)));
  }
  if (bindings.size() != methods.size()) {
    return status::Error(absl::StatusCode::kFailedPrecondition, "yilian", "HANDLER_UNFIT")
        .Message(fmt::format("the dispatch of {} registers a method that its proto does not have",
                             service.full_name()));
  }
  return methods;
}

grpc::ByteBuffer Serialize(const google::protobuf::MessageLite& message) {
  const size_t size = message.ByteSizeLong();
  grpc::Slice slice(size);
  message.SerializeWithCachedSizesToArray(const_cast<uint8_t*>(slice.begin()));
  return grpc::ByteBuffer(&slice, 1);
}

bool Parse(grpc::ByteBuffer& bytes, google::protobuf::Message& message) {
  grpc::Slice slice;
  if (bytes.TrySingleSlice(&slice).ok()) {
    return message.ParseFromArray(slice.begin(), static_cast<int>(slice.size()));
  }
  grpc::ProtoBufferReader reader(&bytes);
  return reader.status().ok() && message.ParseFromZeroCopyStream(&reader);
}

}  // namespace yilian::rpc
