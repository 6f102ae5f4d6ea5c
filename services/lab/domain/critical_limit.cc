#include "services/lab/domain/critical_limit.h"

#include <fmt/format.h>

#include <algorithm>
#include <compare>
#include <string_view>

#include "services/lab/domain/bounded_value.h"
#include "services/lab/domain/ucum.h"

namespace yilian::lab {
namespace {

bool Has(const std::vector<std::string>& all, std::string_view one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

std::string_view LoincOf(const Observation& o) {
  if (!o.mapped.loinc.empty()) return o.mapped.loinc;
  const bool loinc = o.code.system == "LN" || o.code.system == "http://loinc.org";
  return loinc ? std::string_view(o.code.code) : "";
}

struct UnitPair {
  std::string_view of_limit;
  std::string_view of_value;
};

// The limit's unit in which the value is judged, and the value's own; nothing where they do not
// meet.
std::optional<UnitPair> UnitsOf(const Observation& o, const CriticalLimit& limit) {
  if (Has(limit.units, o.unit)) return UnitPair{o.unit, o.unit};
  if (o.mapped.unit.empty()) return std::nullopt;
  for (const std::string& unit : limit.units) {
    if (IsSameFamily(o.mapped.unit, unit)) return UnitPair{unit, o.mapped.unit};
  }
  return std::nullopt;
}

void JudgeByLimits(const Observation& o, const std::vector<CriticalLimit>& limits,
                   CriticalGrounds& grounds) {
  const std::string_view loinc = LoincOf(o);
  std::optional<BoundedValue> value = BoundedValueOf(o);
  if (loinc.empty() || !value) return;
  for (const CriticalLimit& limit : limits) {
    const auto units = limit.loinc == loinc ? UnitsOf(o, limit) : std::nullopt;
    if (!units) continue;
    value->unit = units->of_value;
    if (!limit.below.empty() && value->IsBelow(limit.below, units->of_limit)) {
      grounds.limit = fmt::format("< {} {}", limit.below, units->of_limit);
      grounds.side = CriticalSide::kLow;
      return;
    }
    if (!limit.above.empty() && value->IsAbove(limit.above, units->of_limit)) {
      grounds.limit = fmt::format("> {} {}", limit.above, units->of_limit);
      grounds.side = CriticalSide::kHigh;
      return;
    }
  }
}

// Bounds of a reference interval beyond which a value of just such a patient is critical.
void JudgeByInterval(const Judged& judged, CriticalGrounds& grounds) {
  const bool low = judged.interpretation == Interpretation::kCriticallyLow;
  const bool high = judged.interpretation == Interpretation::kCriticallyHigh;
  if (!grounds.limit.empty() || (!low && !high)) return;
  grounds.limit = fmt::format("{} {}", low ? "LL" : "HH", judged.interval);
  grounds.side = low ? CriticalSide::kLow : CriticalSide::kHigh;
}

}  // namespace

std::optional<CriticalGrounds> Judge(const Observation& observation,
                                     const std::vector<CriticalLimit>& limits) {
  if (observation.status == ResultStatus::kWithdrawn ||
      observation.status == ResultStatus::kCancelled ||
      observation.value_type == ValueType::kAbsent) {
    return std::nullopt;
  }
  CriticalGrounds grounds;
  for (const std::string& flag : observation.abnormal_flags) {
    if (flag != "LL" && flag != "HH" && flag != "AA") continue;
    grounds.flagged = true;
    if (flag == "LL") grounds.side = CriticalSide::kLow;
    if (flag == "HH") grounds.side = CriticalSide::kHigh;
  }
  JudgeByLimits(observation, limits, grounds);
  JudgeByInterval(observation.judged, grounds);
  if (!grounds.flagged && grounds.limit.empty()) return std::nullopt;
  return grounds;
}

}  // namespace yilian::lab
