// One factory for each reason in yilian.lab.v1.ErrorReason.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "services/lab/domain/critical_value.h"
#include "services/lab/domain/recognition.h"
#include "services/lab/domain/types.h"

namespace yilian::lab::errors {

inline constexpr std::string_view kDomain = "yilian.lab";

using Violations = std::vector<std::pair<std::string, std::string>>;

// Also for a report or a critical value that the caller may not see: the two must look alike.
absl::Status NotFound();
absl::Status FieldInvalid(const Violations& violations);
absl::Status PatientContradicts(ReportId report);
absl::Status ForeignOrganization();
absl::Status CommandNotAvailable(CriticalCommand command, CriticalState state,
                                 const std::vector<CriticalCommand>& available);
absl::Status NotYourSide(CriticalCommand command, CriticalParty party);
absl::Status ReadBackDiffers();
absl::Status MappingNotFound();
absl::Status IntervalNotFound();
absl::Status GrantNotFound();
absl::Status NotRecognizable(const std::vector<Obstacle>& obstacles);
absl::Status AlreadyDecided(DecisionId decision, RecognitionOutcome outcome);
absl::Status NoticeNotFound();
// `current` is empty where there is none.
absl::Status EtagStale(std::string_view current);

}  // namespace yilian::lab::errors
