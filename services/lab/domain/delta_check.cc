#include "services/lab/domain/delta_check.h"

#include <algorithm>
#include <string_view>

#include "services/lab/domain/decimal.h"
#include "services/lab/domain/ucum.h"

namespace yilian::lab {
namespace {

bool IsAbove(const std::optional<std::string>& a, const std::optional<std::string>& b) {
  if (!a || !b) return false;
  const auto order = CompareDecimals(*a, *b);
  return order && *order > 0;
}

std::string Size(std::string number) {
  if (number.starts_with('-')) number.erase(0, 1);
  return number;
}

}  // namespace

DeltaCheck CheckDelta(const Observation& o, absl::Time observed_at, const PriorValue& prior,
                      const DeltaLimit& limit) {
  if (o.value_type != ValueType::kNumeric || o.mapped.loinc != limit.loinc)
    return DeltaCheck::kNone;
  if (prior.observed_at >= observed_at || observed_at - prior.observed_at > limit.within) {
    return DeltaCheck::kNone;
  }
  const std::optional<std::string> now = Convert(o.value, o.mapped.unit, limit.unit);
  const std::optional<std::string> before = Convert(prior.value, prior.unit, limit.unit);
  if (!now || !before) return DeltaCheck::kNone;
  const std::optional<std::string> step = Subtract(*now, *before);
  if (!step) return DeltaCheck::kNone;
  const bool beyond = !limit.absolute.empty() && IsAbove(Size(*step), limit.absolute);
  // 100 * step > percent * earlier value.
  const bool beyond_percent =
      !limit.percent.empty() &&
      IsAbove(Scale(Size(*step), 1, 1, 2), Multiply(Size(*before), limit.percent));
  return beyond || beyond_percent ? DeltaCheck::kExceeded : DeltaCheck::kWithin;
}

void CheckDeltas(const std::vector<DeltaLimit>& limits, const std::vector<PriorValue>& priors,
                 Report& report) {
  for (Observation& o : report.observations) {
    o.judged.delta = DeltaCheck::kNone;
    o.judged.prior_value.clear();
    o.judged.prior_observed_at.reset();
    const auto limit = std::find_if(limits.begin(), limits.end(), [&](const DeltaLimit& one) {
      return one.loinc == o.mapped.loinc;
    });
    const auto prior = std::find_if(priors.begin(), priors.end(), [&](const PriorValue& one) {
      return one.loinc == o.mapped.loinc;
    });
    if (limit == limits.end() || prior == priors.end()) continue;
    o.judged.delta = CheckDelta(o, ObservedAt(o, report), *prior, *limit);
    if (o.judged.delta == DeltaCheck::kNone) continue;
    o.judged.prior_value = prior->value + " " + prior->unit;
    o.judged.prior_observed_at = prior->observed_at;
  }
}

}  // namespace yilian::lab
