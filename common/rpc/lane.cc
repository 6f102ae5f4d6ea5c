#include "common/rpc/lane.h"

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

}  // namespace yilian::rpc
