// A request that its own descriptor calls valid, whatever the method.
#pragma once

#include <google/protobuf/message.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace yilian::e2e {

// Values of fields, by name ("etag") or, where one message differs, by message and name
// ("CreateReferralRequest.summary"). Of a message field, "+" means: fill it too.
using FieldValues = std::map<std::string, std::string, std::less<>>;

// Sets every required field, and those that `values` names, by the rules of yilian.policy.v1.rule:
// a required UUID without a value is a fresh one. FAILED_PRECONDITION when what comes out breaks
// its own rules: a format or pattern that nothing here can satisfy.
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> MakeRequest(
    const google::protobuf::Descriptor& type, const FieldValues& values);

}  // namespace yilian::e2e
