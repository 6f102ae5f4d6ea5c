#include "tests/support/region_caller.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/json_util.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"

namespace yilian::test_support {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::MethodDescriptor;

std::unique_ptr<Message> NewMessage(const Descriptor* type) {
  return std::unique_ptr<Message>(MessageFactory::generated_factory()->GetPrototype(type)->New());
}

absl::StatusOr<const MethodDescriptor*> FindMethod(std::string_view name) {
  ASSIGN_OR_RETURN(const auto methods, EveryMethod());
  for (const MethodDescriptor* method : methods) {
    if (method->name() == name) return method;
  }
  return absl::NotFoundError(fmt::format("no method is called {}", name));
}

absl::StatusOr<std::unique_ptr<Message>> FromJson(const MethodDescriptor& method,
                                                  const std::string& json) {
  std::unique_ptr<Message> request = NewMessage(method.input_type());
  const auto parsed = google::protobuf::util::JsonStringToMessage(json, request.get());
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(
        fmt::format("no JSON of {}: {}", method.input_type()->full_name(), json));
  }
  const auto* request_id = method.input_type()->FindFieldByName("request_id");
  if (request_id != nullptr && request->GetReflection()->GetString(*request, request_id).empty()) {
    request->GetReflection()->SetString(request.get(), request_id, base::Uuid::V7().ToString());
  }
  return request;
}

std::string Scalar(const Message& message, const FieldDescriptor* field) {
  const auto* reflection = message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection->GetString(message, field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection->GetEnum(message, field)->name();
    case FieldDescriptor::CPPTYPE_INT32:
      return fmt::to_string(reflection->GetInt32(message, field));
    case FieldDescriptor::CPPTYPE_INT64:
      return fmt::to_string(reflection->GetInt64(message, field));
    default:
      return "";
  }
}

}  // namespace

absl::StatusOr<std::vector<const MethodDescriptor*>> EveryMethod() {
  std::vector<const MethodDescriptor*> methods;
  for (const std::string& name : std::vector<std::string>(absl::StrSplit(YILIAN_PROTOS, ' '))) {
    const auto* file = DescriptorPool::generated_pool()->FindFileByName(name);
    if (file == nullptr)
      return absl::FailedPreconditionError(fmt::format("{} is not linked in", name));
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m)
        methods.push_back(file->service(s)->method(m));
    }
  }
  return methods;
}

std::vector<std::string> ServersOf(const MethodDescriptor& method) {
  // yilian.<server>.v1.X.Y
  const std::vector<std::string> parts = absl::StrSplit(method.file()->package(), '.');
  if (parts[1] == "event" || parts[1] == "audit") return ctl::ServiceNames();
  return {parts[1]};
}

std::string TextOf(const Message& message, std::string_view path) {
  const Message* at = &message;
  const std::vector<std::string> parts = absl::StrSplit(std::string(path), '.');
  for (size_t i = 0; i < parts.size(); ++i) {
    const FieldDescriptor* field = at->GetDescriptor()->FindFieldByName(parts[i]);
    if (field == nullptr) return "";
    const bool last = i + 1 == parts.size();
    int index = 0;
    if (field->is_repeated()) {
      if (last || !absl::SimpleAtoi(parts[++i], &index) ||
          index >= at->GetReflection()->FieldSize(*at, field)) {
        return "";
      }
      at = &at->GetReflection()->GetRepeatedMessage(*at, field, index);
    } else if (last) {
      return Scalar(*at, field);
    } else {
      at = &at->GetReflection()->GetMessage(*at, field);
    }
  }
  return "";
}

RegionCaller RegionCaller::WithToken(std::string token) const {
  RegionCaller other = *this;
  other.token_ = std::move(token);
  return other;
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> RegionCaller::ChannelTo(
    const std::string& server) const {
  std::lock_guard lock(channels_->mutex);
  auto& channel = channels_->by_server[server];
  if (channel == nullptr) {
    ASSIGN_OR_RETURN(channel, region_.Channel(server, identity_));
  }
  return channel;
}

absl::StatusOr<RawAnswer> RegionCaller::Ask(const std::string& server,
                                            const MethodDescriptor& method, const Message& request,
                                            std::function<bool(const std::string&)> enough) const {
  ASSIGN_OR_RETURN(const auto channel, ChannelTo(server));
  return test_support::Ask(
      {.channel = channel, .path = PathOf(method), .token = token_, .enough = std::move(enough)},
      request);
}

absl::StatusOr<RawAnswer> RegionCaller::AskJson(std::string_view method,
                                                const std::string& json) const {
  ASSIGN_OR_RETURN(const MethodDescriptor* found, FindMethod(method));
  ASSIGN_OR_RETURN(const std::unique_ptr<Message> request, FromJson(*found, json));
  return Ask(ServersOf(*found).front(), *found, *request);
}

absl::StatusOr<std::unique_ptr<Message>> RegionCaller::Call(std::string_view method,
                                                            const std::string& json) const {
  ASSIGN_OR_RETURN(const RawAnswer answer, AskJson(method, json));
  RETURN_IF_ERROR(answer.ToStatus());
  ASSIGN_OR_RETURN(const MethodDescriptor* found, FindMethod(method));
  std::unique_ptr<Message> response = NewMessage(found->output_type());
  if (answer.messages.size() != 1 || !response->ParseFromString(answer.messages.front()))
    return absl::DataLossError(fmt::format("{}: the answer does not parse", method));
  return response;
}

}  // namespace yilian::test_support
