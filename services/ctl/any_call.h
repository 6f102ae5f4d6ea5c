// Calls a method by its name with JSON, whatever service it belongs to.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/ctl/region.h"

namespace yilian::ctl {

// Every method of the region's services.
std::vector<const google::protobuf::MethodDescriptor*> AllMethods();
// By "AcceptReferral", "ReferralService.AcceptReferral" or the full name. NOT_FOUND lists what
// comes near.
absl::StatusOr<const google::protobuf::MethodDescriptor*> FindMethod(std::string_view name);
// The service of the region that serves it: "referral".
std::string ServiceOf(const google::protobuf::MethodDescriptor& method);

// A unary call: JSON in, JSON out. A `request_id` that a write leaves out is made. With a token as
// that person, else as the region's own `ctl`.
absl::StatusOr<std::string> CallWithJson(const Region& region,
                                         const google::protobuf::MethodDescriptor& method,
                                         const std::string& json, const std::string& token,
                                         absl::Duration timeout, bool through_nginx = false);

}  // namespace yilian::ctl
