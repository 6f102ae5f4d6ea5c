// Stored reports follow their sender's mappings: a durable walk in small steps.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "services/lab/domain/critical_value.h"
#include "services/lab/domain/mapping.h"

namespace yilian::lab {

inline constexpr std::string_view kMappingTimer = "lab.Mapping";
// Reports of one step: far from the time that a timer has, so that alarms do not wait for it.
inline constexpr int kReportsAStep = 20;

// The next step of the walk of this mapping is taken at `at`, by whichever replica finds it.
absl::Status SetMappingTimer(mysql::Session& session, MappingId id, absl::Time at);

// Takes one step and sets the timer for the next. A step that was taken twice changes nothing the
// second time: each report is mapped by what is in force then.
absl::Status RunMapping(mysql::Session& session, MappingId id, const CriticalRules& rules,
                        absl::Time at);

}  // namespace yilian::lab
