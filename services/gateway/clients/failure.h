// From the status of a call to what becomes of the message.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "services/gateway/domain/inbound/delivery.h"

namespace yilian::gateway {

// Where in the message a field of the request came from: "national_id" -> PID-3.
using LocateField = std::function<hl7::Location(std::string_view path)>;

// The record that stands for one that was merged, where the callee refuses for that reason.
std::optional<base::Uuid> SurvivorNamedBy(const absl::Status& status);

// Retry: the callee is away, busy or broken. Refuse: it says the content is wrong; its field
// violations become faults. Park: everything that a person has to settle (two records claim one
// number, a right is missing, ...).
inbound::DeliveryFailure FailureOf(const absl::Status& status, const LocateField& locate);

}  // namespace yilian::gateway
