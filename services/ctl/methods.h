// The methods of the region, from the descriptors that are linked in: a method is here from the day
// it exists, without anybody listing it. What uses this links yilian_protos whole
// (LINK_LIBRARY_OVERRIDE_yilian_protos), or protos that no line of code names are not there.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace yilian::ctl {

// Every method of every proto of the tree, in the order of the files. FAILED_PRECONDITION names a
// proto that is not linked.
absl::StatusOr<std::vector<const google::protobuf::MethodDescriptor*>> EveryMethod();
// By "AcceptReferral", "ReferralService.AcceptReferral" or the full name. NOT_FOUND lists what
// comes near.
absl::StatusOr<const google::protobuf::MethodDescriptor*> FindMethod(std::string_view name);
// The services that serve it: {"referral"}; all of them for the event feed and the audit trail.
std::vector<std::string> ServersOf(const google::protobuf::MethodDescriptor& method);
// "/yilian.referral.v1.ReferralService/GetReferral".
std::string PathOf(const google::protobuf::MethodDescriptor& method);

std::unique_ptr<google::protobuf::Message> NewMessage(const google::protobuf::Descriptor& type);
// A `request_id` that a write leaves out is made. INVALID_ARGUMENT says what is no JSON of it.
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> RequestFromJson(
    const google::protobuf::MethodDescriptor& method, const std::string& json);

}  // namespace yilian::ctl
