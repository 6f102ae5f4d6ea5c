// One factory for each reason in yilian.consultation.v1.ErrorReason.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/consultation/domain/types.h"

namespace yilian::consultation::errors {

inline constexpr std::string_view kDomain = "yilian.consultation";

using Violations = std::vector<std::pair<std::string, std::string>>;

// Also for a consultation of others: the two must look alike.
absl::Status NotFound();
absl::Status CommandNotAvailable(Command command, State state,
                                 const std::vector<Command>& available);
absl::Status NotYourSide(Command command, Side side);
absl::Status EtagStale(std::string_view current_etag);
absl::Status ClaimedByAnother(absl::Time lease_until);
absl::Status ClaimLost(int64_t lease_epoch);
absl::Status PatientUnavailable();
absl::Status FieldInvalid(const Violations& violations);
absl::Status NothingToClaim();

}  // namespace yilian::consultation::errors
