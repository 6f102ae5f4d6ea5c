// The words of a laboratory report. Numbers are those of the proto's enums.
#pragma once

#include <string>

#include "common/base/uuid.h"

namespace yilian::lab {

using ReportId = base::Id<struct ReportTag>;
using ObservationId = base::Id<struct ObservationTag>;
using PatientId = base::Id<struct PatientTag>;
using OrganizationId = base::Id<struct OrganizationTag>;
using CriticalValueId = base::Id<struct CriticalValueTag>;
using PractitionerId = base::Id<struct PractitionerTag>;
using MessageId = base::Id<struct MessageTag>;

enum class ResultStatus {
  kRegistered = 1,
  kPartial,
  kPreliminary,
  kFinal,
  kCorrected,
  kAmended,
  kWithdrawn,
  kCancelled,
};

enum class ValueType { kNumeric = 1, kStructured, kText, kCoded, kTime, kAbsent };

// Verified by the laboratory: nothing preliminary may replace it.
inline bool IsVerified(ResultStatus status) {
  return status == ResultStatus::kFinal || status == ResultStatus::kCorrected ||
         status == ResultStatus::kAmended;
}

struct Coding {
  std::string system;
  std::string code;
  std::string display;
  bool operator==(const Coding&) const = default;
};

}  // namespace yilian::lab
