// Calls a method by its name with JSON, whatever service it belongs to.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/ctl/region.h"

namespace yilian::ctl {

// A unary call to a service: JSON in, JSON out. A `request_id` that a write leaves out is made.
// With a token as that person, else as the region's own `ctl`.
absl::StatusOr<std::string> CallWithJson(const Region& region, const std::string& service,
                                         const google::protobuf::MethodDescriptor& method,
                                         const std::string& json, const std::string& token,
                                         absl::Duration timeout, bool through_nginx = false);

}  // namespace yilian::ctl
