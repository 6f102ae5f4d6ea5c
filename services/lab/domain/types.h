// The words of a laboratory report. Numbers are those of the proto's enums.
#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace yilian::lab {

using ReportId = base::Id<struct ReportTag>;
using ObservationId = base::Id<struct ObservationTag>;
using PatientId = base::Id<struct PatientTag>;
using OrganizationId = base::Id<struct OrganizationTag>;
using CriticalValueId = base::Id<struct CriticalValueTag>;
using PractitionerId = base::Id<struct PractitionerTag>;
using AccountId = base::Id<struct AccountTag>;
using MessageId = base::Id<struct MessageTag>;
using MappingId = base::Id<struct MappingTag>;
using TermId = base::Id<struct TermTag>;

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

// Whether a sender's code or unit is known in LOINC or UCUM.
enum class MappingStatus { kNone = 0, kAsSent, kMapped, kUnmapped };

// What the service knows of an observation's code and unit, beside what was sent.
struct Mapped {
  std::string loinc;
  std::string unit;  // in UCUM
  MappingStatus code_mapping = MappingStatus::kNone;
  MappingStatus unit_mapping = MappingStatus::kNone;
  bool operator==(const Mapped&) const = default;
};

// As far as a laboratory needs it.
enum class PatientSex { kUnknown = 0, kMale, kFemale };

// What a value is by a reference interval of ours.
enum class Interpretation {
  kNone = 0,
  kNormal,
  kLow,
  kHigh,
  kCriticallyLow,
  kCriticallyHigh,
};

// Whether a value is far from the patient's earlier one.
enum class DeltaCheck { kNone = 0, kWithin, kExceeded };

// What the service itself says of a value, beside what its laboratory says.
struct Judged {
  Interpretation interpretation = Interpretation::kNone;
  std::string interval;    // the one that it was judged by
  bool disagrees = false;  // with the laboratory's flags
  DeltaCheck delta = DeltaCheck::kNone;
  std::string prior_value;  // the earlier one that it was compared with, with its unit
  std::optional<absl::Time> prior_observed_at;
  bool operator==(const Judged&) const = default;
};

struct Coding {
  std::string system;
  std::string code;
  std::string display;
  bool operator==(const Coding&) const = default;
};

}  // namespace yilian::lab
