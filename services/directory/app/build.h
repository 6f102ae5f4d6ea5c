// Wires the directory service.
#pragma once

#include <google/protobuf/message.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/service/service.h"
#include "services/directory/app/config.pb.h"
#include "services/directory/domain/account.h"

namespace yilian::directory {

// For service::Main; tests call Build with a context of their own.
service::Definition DirectoryDefinition();
absl::Status Build(service::Context& context, const google::protobuf::Message& config);

ThrottleRules ThrottleRulesFrom(const SignInThrottle& config);

}  // namespace yilian::directory
