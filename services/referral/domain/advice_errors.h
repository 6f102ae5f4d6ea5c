// One factory for each reason in yilian.referral.v1.AdviceErrorReason.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "services/referral/domain/advice.h"

namespace yilian::referral::errors {

// Also for a thread of others: the two must look alike.
absl::Status AdviceNotFound();
absl::Status AdviceCommandNotAvailable(AdviceCommand command, AdviceState state,
                                       const std::vector<AdviceCommand>& available);
absl::Status NotYourAdviceSide(AdviceCommand command, AdviceSide side);
absl::Status NotTheAsker();
absl::Status AdviceEtagStale(std::string_view current_etag);
absl::Status TooManyTurns(int limit);

}  // namespace yilian::referral::errors
