// Puts the scheduling service together.
#pragma once

#include <google/protobuf/message.h>

#include "absl/status/status.h"
#include "common/service/service.h"
#include "services/scheduling/app/config.pb.h"
#include "services/scheduling/domain/rules.h"

namespace yilian::scheduling {

Rules RulesOf(const SchedulingConfig& config);

// For service::Definition.
absl::Status Build(service::Context& context, const google::protobuf::Message& config);

}  // namespace yilian::scheduling
