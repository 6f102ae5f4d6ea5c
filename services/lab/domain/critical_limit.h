// Which results are critical: by the laboratory's flag, or by the region's own limits where it
// gives none. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/lab/domain/report.h"

namespace yilian::lab {

// A limit for one analyte, as the region's configuration states it.
struct CriticalLimit {
  std::string loinc;
  std::vector<std::string> units;  // as senders write one and the same unit
  std::string below;               // critical below it; empty: no lower limit
  std::string above;               // critical above it; empty: no upper limit
};

enum class CriticalSide { kUnknown = 0, kLow, kHigh };

// Why an observation is critical.
struct CriticalGrounds {
  bool flagged = false;  // HL7 table 0078: LL, HH, AA
  // "> 6.2 mmol/L", or "HH 3.5-5.5 mmol/L" beyond the critical bound of a reference interval; empty
  // where only the flag says so.
  std::string limit;
  CriticalSide side = CriticalSide::kUnknown;
  bool operator==(const CriticalGrounds&) const = default;
};

// nullopt: not critical, as far as anybody can tell. A limit judges numbers, and numbers with a
// comparator where that leaves no doubt (`<2.0` is below 2.8, `<3.0` may be), by the LOINC code
// that the observation has or is mapped to, in a unit that the limit names or that UCUM converts to
// one of them; a value in another unit is not guessed at.
std::optional<CriticalGrounds> Judge(const Observation& observation,
                                     const std::vector<CriticalLimit>& limits);

}  // namespace yilian::lab
