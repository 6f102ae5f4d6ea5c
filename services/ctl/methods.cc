#include "services/ctl/methods.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "services/ctl/region.h"

namespace yilian::ctl {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::MethodDescriptor;

absl::StatusOr<std::vector<const MethodDescriptor*>> EveryMethod() {
  std::vector<const MethodDescriptor*> methods;
  for (const std::string& name : std::vector<std::string>(absl::StrSplit(YILIAN_PROTOS, ' '))) {
    const auto* file = DescriptorPool::generated_pool()->FindFileByName(name);
    if (file == nullptr) {
      return absl::FailedPreconditionError(fmt::format("{} is not linked in", name));
    }
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        methods.push_back(file->service(s)->method(m));
      }
    }
  }
  return methods;
}

absl::StatusOr<const MethodDescriptor*> FindMethod(std::string_view name) {
  ASSIGN_OR_RETURN(const auto methods, EveryMethod());
  std::string near;
  for (const MethodDescriptor* method : methods) {
    const std::string full = method->full_name();
    if (full == name || full.ends_with(fmt::format(".{}", name))) return method;
    if (full.find(std::string(name)) != std::string::npos) near += fmt::format("\n  {}", full);
  }
  return absl::NotFoundError(
      fmt::format("no method is called {}{}\nyilianctl methods lists them all", name, near));
}

std::vector<std::string> ServersOf(const MethodDescriptor& method) {
  // yilian.<service>.v1.X.Y
  const std::vector<std::string> parts = absl::StrSplit(method.file()->package(), '.');
  if (parts[1] == "event" || parts[1] == "audit") return ServiceNames();
  return {parts[1]};
}

std::string PathOf(const MethodDescriptor& method) {
  return fmt::format("/{}/{}", method.service()->full_name(), method.name());
}

std::unique_ptr<Message> NewMessage(const Descriptor& type) {
  return std::unique_ptr<Message>(MessageFactory::generated_factory()->GetPrototype(&type)->New());
}

absl::StatusOr<std::unique_ptr<Message>> RequestFromJson(const MethodDescriptor& method,
                                                         const std::string& json) {
  std::unique_ptr<Message> request = NewMessage(*method.input_type());
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
  return request;
}

}  // namespace yilian::ctl
