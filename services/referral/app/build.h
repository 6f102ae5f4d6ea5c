// Wires the referral service.
#pragma once

#include <google/protobuf/message.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/service/service.h"
#include "services/referral/app/config.pb.h"
#include "services/referral/domain/deadlines.h"

namespace yilian::referral {

// For service::Main; tests call Build with a context of their own.
service::Definition ReferralDefinition();
absl::Status Build(service::Context& context, const google::protobuf::Message& config);

// For --check-config: what it says at `now`. An error as DeadlinesFrom, and FAILED_PRECONDITION
// when not even that day is known; a warning (empty: none) when the working days are not known for
// long enough after it, for the notice of a year may come late and is nobody's fault here.
absl::StatusOr<std::string> CheckConfigAt(const ReferralConfig& config, absl::Time now);
// As CheckConfigAt, now; a warning goes to the log.
absl::Status CheckConfig(const google::protobuf::Message& config);

// INVALID_ARGUMENT names the key, for a time zone or a date that does not exist, and every fault of
// a file of working days.
absl::StatusOr<Deadlines> DeadlinesFrom(const ReferralConfig& config);

}  // namespace yilian::referral
