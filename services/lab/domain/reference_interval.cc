#include "services/lab/domain/reference_interval.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "services/lab/domain/bounded_value.h"
#include "services/lab/domain/decimal.h"
#include "services/lab/domain/errors.h"
#include "services/lab/domain/loinc.h"
#include "services/lab/domain/ucum.h"

namespace yilian::lab {
namespace {

// Made once, for this.
const base::Uuid kSpace = *base::Uuid::Parse("2c7b8f0e-54a1-4a5e-8f9f-0f6f8f3b7d52");

bool IsFor(const ReferenceInterval& interval, const Observation& o,
           const IntervalSubject& subject) {
  if (interval.loinc != o.mapped.loinc || !IsSameFamily(o.mapped.unit, interval.unit)) return false;
  if (!interval.organization.is_nil() && interval.organization != subject.laboratory) return false;
  if (!interval.method.empty() && interval.method != o.method) return false;
  if (interval.sex != PatientSex::kUnknown && interval.sex != subject.sex) return false;
  const bool every_age = interval.age_from_days == 0 && interval.age_to_days >= kOldestDays;
  if (!every_age && (!subject.age_days || *subject.age_days < interval.age_from_days ||
                     *subject.age_days >= interval.age_to_days)) {
    return false;
  }
  return subject.day >= interval.effective_from &&
         (!interval.effective_to || subject.day < *interval.effective_to);
}

bool FitsBetter(const ReferenceInterval& a, const ReferenceInterval& b) {
  const auto rank = [](const ReferenceInterval& one) {
    return std::tuple(one.organization.is_nil(), one.method.empty(),
                      one.sex == PatientSex::kUnknown, one.age_to_days - one.age_from_days,
                      absl::CivilDay() - one.effective_from, one.id());
  };
  return rank(a) < rank(b);
}

enum class Direction { kNormal, kLow, kHigh, kSomewhere };

struct Said {
  Direction direction = Direction::kNormal;
  bool critical = false;
};

// HL7 table 0078. No flag is what many laboratories send for a normal value.
Said SaidBy(const std::vector<std::string>& flags) {
  Said said;
  for (const std::string& flag : flags) {
    if (flag == "L" || flag == "LL" || flag == "<") said.direction = Direction::kLow;
    if (flag == "H" || flag == "HH" || flag == ">") said.direction = Direction::kHigh;
    if ((flag == "A" || flag == "AA") && said.direction == Direction::kNormal) {
      said.direction = Direction::kSomewhere;
    }
    if (flag == "LL" || flag == "HH" || flag == "AA") said.critical = true;
  }
  return said;
}

}  // namespace

ReferenceIntervalId ReferenceInterval::id() const {
  return ReferenceIntervalId(base::Uuid::V5(
      kSpace, fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}-{}-{}", organization.ToString(), loinc,
                          static_cast<int>(sex), age_from_days, age_to_days, method,
                          effective_from.year(), effective_from.month(), effective_from.day())));
}

std::string ReferenceInterval::Text() const {
  if (low.empty() && high.empty()) return "";
  if (low.empty()) return fmt::format("<= {} {}", high, unit);
  if (high.empty()) return fmt::format(">= {} {}", low, unit);
  return fmt::format("{}-{} {}", low, high, unit);
}

absl::Status CheckInterval(const ReferenceInterval& interval) {
  errors::Violations violations;
  if (!IsLoinc(interval.loinc)) {
    violations.emplace_back("loinc", "is a LOINC code with its check digit, e.g. 2823-3");
  }
  if (!IsUcum(interval.unit)) {
    violations.emplace_back("unit", "is a unit in UCUM that laboratories use, e.g. mmol/L");
  }
  if (interval.age_from_days >= interval.age_to_days) {
    violations.emplace_back("age_to_days", "is after age_from_days");
  }
  if (interval.effective_to && *interval.effective_to <= interval.effective_from) {
    violations.emplace_back("effective_to", "is after effective_from");
  }
  const std::pair<const char*, const std::string&> bounds[] = {
      {"critically_low", interval.critically_low},
      {"low", interval.low},
      {"high", interval.high},
      {"critically_high", interval.critically_high}};
  const std::string* below = nullptr;
  for (const auto& [field, bound] : bounds) {
    if (bound.empty()) continue;
    if (!IsDecimal(bound)) {
      violations.emplace_back(field, "is a number in plain digits, e.g. 3.5");
      continue;
    }
    if (below != nullptr && *CompareDecimals(*below, bound) > 0) {
      violations.emplace_back(field, "is not below the bound before it");
    }
    below = &bound;
  }
  if (interval.low.empty() && interval.high.empty()) {
    violations.emplace_back("low", "or `high` is given");
  }
  return violations.empty() ? absl::OkStatus() : errors::FieldInvalid(violations);
}

const ReferenceInterval* FindInterval(const std::vector<ReferenceInterval>& intervals,
                                      const Observation& o, const IntervalSubject& subject) {
  const ReferenceInterval* best = nullptr;
  if (o.mapped.loinc.empty() || o.mapped.unit.empty()) return nullptr;
  for (const ReferenceInterval& one : intervals) {
    if (IsFor(one, o, subject) && (best == nullptr || FitsBetter(one, *best))) best = &one;
  }
  return best;
}

Interpretation Interpret(const Observation& o, const ReferenceInterval& interval) {
  std::optional<BoundedValue> value = BoundedValueOf(o);
  if (!value) return Interpretation::kNone;
  value->unit = o.mapped.unit;
  const auto below = [&](const std::string& bound) {
    return !bound.empty() && value->IsBelow(bound, interval.unit);
  };
  const auto above = [&](const std::string& bound) {
    return !bound.empty() && value->IsAbove(bound, interval.unit);
  };
  if (below(interval.critically_low)) return Interpretation::kCriticallyLow;
  if (above(interval.critically_high)) return Interpretation::kCriticallyHigh;
  if (below(interval.low)) return Interpretation::kLow;
  if (above(interval.high)) return Interpretation::kHigh;
  // Inside on both sides, and certainly so.
  const bool low = !interval.low.empty() && !value->IsAtLeast(interval.low, interval.unit);
  const bool high = !interval.high.empty() && !value->IsAtMost(interval.high, interval.unit);
  return low || high ? Interpretation::kNone : Interpretation::kNormal;
}

bool Disagrees(const std::vector<std::string>& flags, Interpretation ours) {
  if (ours == Interpretation::kNone) return false;
  const Said said = SaidBy(flags);
  Direction direction = Direction::kNormal;
  if (ours == Interpretation::kLow || ours == Interpretation::kCriticallyLow) {
    direction = Direction::kLow;
  }
  if (ours == Interpretation::kHigh || ours == Interpretation::kCriticallyHigh) {
    direction = Direction::kHigh;
  }
  const bool critical =
      ours == Interpretation::kCriticallyLow || ours == Interpretation::kCriticallyHigh;
  if (critical != said.critical) return true;
  if (said.direction == Direction::kSomewhere) return direction == Direction::kNormal;
  return said.direction != direction;
}

void Interpret(const std::vector<ReferenceInterval>& intervals, const IntervalSubject& subject,
               std::vector<Observation>& observations) {
  for (Observation& o : observations) {
    o.judged.interpretation = Interpretation::kNone;
    o.judged.interval.clear();
    o.judged.disagrees = false;
    const ReferenceInterval* interval = FindInterval(intervals, o, subject);
    if (interval == nullptr) continue;
    o.judged.interval = interval->Text();
    o.judged.interpretation = Interpret(o, *interval);
    o.judged.disagrees = Disagrees(o.abnormal_flags, o.judged.interpretation);
  }
}

}  // namespace yilian::lab
