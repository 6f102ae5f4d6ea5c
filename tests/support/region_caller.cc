#include "tests/support/region_caller.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "services/ctl/methods.h"

namespace yilian::test_support {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

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
  return test_support::Ask({.channel = channel,
                            .path = ctl::PathOf(method),
                            .token = token_,
                            .enough = std::move(enough)},
                           request);
}

absl::StatusOr<RawAnswer> RegionCaller::AskJson(std::string_view method,
                                                const std::string& json) const {
  ASSIGN_OR_RETURN(const MethodDescriptor* found, ctl::FindMethod(method));
  ASSIGN_OR_RETURN(const std::unique_ptr<Message> request, ctl::RequestFromJson(*found, json));
  return Ask(ctl::ServersOf(*found).front(), *found, *request);
}

absl::StatusOr<std::unique_ptr<Message>> RegionCaller::Call(std::string_view method,
                                                            const std::string& json) const {
  ASSIGN_OR_RETURN(const RawAnswer answer, AskJson(method, json));
  RETURN_IF_ERROR(answer.ToStatus());
  ASSIGN_OR_RETURN(const MethodDescriptor* found, ctl::FindMethod(method));
  std::unique_ptr<Message> response = ctl::NewMessage(*found->output_type());
  const bool whole =
      found->server_streaming() ? !answer.messages.empty() : answer.messages.size() == 1;
  if (!whole || !response->ParseFromString(answer.messages.front()))
    return absl::DataLossError(fmt::format("{}: the answer does not parse", method));
  return response;
}

}  // namespace yilian::test_support
