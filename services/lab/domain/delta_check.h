// How far a value is from the patient's earlier one: a large step is a mixed-up specimen, a mistake
// or a patient who changes fast. Pure; exact decimals only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/lab/domain/report.h"

namespace yilian::lab {

// A limit for one analyte, as the region's configuration states it. An empty one is none; with
// both, a step beyond either is marked.
struct DeltaLimit {
  std::string loinc;
  std::string unit;                         // UCUM, of `absolute`
  std::string absolute;                     // in `unit`
  std::string percent;                      // of the earlier value
  absl::Duration within = absl::Hours(24);  // an earlier value that is older is not compared
};

// The patient's value of the same analyte before, of another report.
struct PriorValue {
  std::string loinc;
  absl::Time observed_at;
  std::string value;
  std::string unit;  // UCUM
};

// kNone: no limit, no earlier value in time, or values that cannot be compared.
DeltaCheck CheckDelta(const Observation& observation, absl::Time observed_at,
                      const PriorValue& prior, const DeltaLimit& limit);

// Sets the delta of every observation that has a limit and an earlier value; none of any other.
void CheckDeltas(const std::vector<DeltaLimit>& limits, const std::vector<PriorValue>& priors,
                 Report& report);

}  // namespace yilian::lab
