#include "common/rpc/lane.h"

#include <functional>
#include <string>

#include "yilian/policy/v1/lane.pb.h"

namespace yilian::rpc {

using google::protobuf::FieldDescriptor;

Lane LaneOf(const Method& method, const google::protobuf::Message& request) {
  if (method.lane == Lane::kPriority) return Lane::kPriority;
  const google::protobuf::Descriptor& type = *request.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_ENUM || field.is_repeated()) continue;
    const auto* value = request.GetReflection()->GetEnum(request, &field);
    if (value->options().GetExtension(policy::v1::priority)) return Lane::kPriority;
  }
  return method.lane;
}

TurnKey TurnOf(const google::protobuf::Message& request) {
  const google::protobuf::Descriptor& type = *request.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_STRING || field.is_repeated()) continue;
    if (!field.options().GetExtension(policy::v1::turns)) continue;
    std::string scratch;
    const std::string& value =
        request.GetReflection()->GetStringReference(request, &field, &scratch);
    // Never 0, which stands for nothing.
    return value.empty() ? 0 : std::hash<std::string>()(value) | 1;
  }
  return 0;
}

}  // namespace yilian::rpc
