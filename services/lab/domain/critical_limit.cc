#include "services/lab/domain/critical_limit.h"

#include <fmt/format.h>

#include <algorithm>
#include <compare>
#include <string_view>

#include "services/lab/domain/decimal.h"

namespace yilian::lab {
namespace {

// A number, and how the value stands to it: "<", "<=", ">", ">=" or "".
struct Bounded {
  std::string_view comparator;
  std::string_view number;
};

std::optional<Bounded> BoundedOf(const Observation& o) {
  std::string_view text = o.value;
  if (o.value_type == ValueType::kNumeric) return Bounded{"", text};
  if (o.value_type != ValueType::kStructured) return std::nullopt;
  const size_t number = text.find_first_not_of("<>=");
  if (number == std::string_view::npos) return std::nullopt;
  return Bounded{text.substr(0, number), text.substr(number)};
}

bool IsBelow(const Bounded& value, std::string_view limit) {
  const auto order = CompareDecimals(value.number, limit);
  if (!order) return false;
  if (value.comparator == "<") return *order <= 0;
  return (value.comparator.empty() || value.comparator == "<=") && *order < 0;
}

bool IsAbove(const Bounded& value, std::string_view limit) {
  const auto order = CompareDecimals(value.number, limit);
  if (!order) return false;
  if (value.comparator == ">") return *order >= 0;
  return (value.comparator.empty() || value.comparator == ">=") && *order > 0;
}

bool Has(const std::vector<std::string>& all, std::string_view one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

void JudgeByLimits(const Observation& o, const std::vector<CriticalLimit>& limits,
                   CriticalGrounds& grounds) {
  if (o.code.system != "LN" && o.code.system != "http://loinc.org") return;
  const std::optional<Bounded> value = BoundedOf(o);
  if (!value) return;
  for (const CriticalLimit& limit : limits) {
    if (limit.loinc != o.code.code || !Has(limit.units, o.unit)) continue;
    if (!limit.below.empty() && IsBelow(*value, limit.below)) {
      grounds.limit = fmt::format("< {} {}", limit.below, o.unit);
      grounds.side = CriticalSide::kLow;
      return;
    }
    if (!limit.above.empty() && IsAbove(*value, limit.above)) {
      grounds.limit = fmt::format("> {} {}", limit.above, o.unit);
      grounds.side = CriticalSide::kHigh;
      return;
    }
  }
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
  if (!grounds.flagged && grounds.limit.empty()) return std::nullopt;
  return grounds;
}

}  // namespace yilian::lab
