// Wires the gateway.
#pragma once

#include <google/protobuf/message.h>

#include "absl/status/status.h"
#include "common/service/service.h"

namespace yilian::gateway {

// For service::Main; tests call Build with a context of their own.
service::Definition GatewayDefinition();
absl::Status Build(service::Context& context, const google::protobuf::Message& config);

}  // namespace yilian::gateway
