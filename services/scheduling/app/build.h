// Puts the scheduling service together.
#pragma once

#include <google/protobuf/message.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/service/service.h"
#include "services/scheduling/app/config.pb.h"
#include "services/scheduling/domain/replan.h"
#include "services/scheduling/domain/rules.h"
#include "services/scheduling/domain/wait_list.h"

namespace yilian::scheduling {

Rules RulesOf(const SchedulingConfig& config);
WaitListRules WaitListRulesOf(const SchedulingConfig& config);
// INVALID_ARGUMENT for a time zone or date that is none, and for what the calendar's files lack.
absl::StatusOr<TemplateRules> TemplateRulesOf(const SchedulingConfig& config);

// For service::Definition: also whether the holidays are known. A warning where they are not as far
// as sessions are made; an error once today is not covered.
absl::Status CheckConfig(const google::protobuf::Message& config);

// For service::Definition.
absl::Status Build(service::Context& context, const google::protobuf::Message& config);

}  // namespace yilian::scheduling
