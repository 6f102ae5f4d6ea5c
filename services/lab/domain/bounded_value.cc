#include "services/lab/domain/bounded_value.h"

#include "services/lab/domain/decimal.h"
#include "services/lab/domain/ucum.h"

namespace yilian::lab {

bool BoundedValue::IsBelow(std::string_view bound, std::string_view bound_unit) const {
  const auto order = CompareQuantities(number, unit, bound, bound_unit);
  if (!order) return false;
  if (comparator == "<") return *order <= 0;
  return (comparator.empty() || comparator == "<=") && *order < 0;
}

bool BoundedValue::IsAbove(std::string_view bound, std::string_view bound_unit) const {
  const auto order = CompareQuantities(number, unit, bound, bound_unit);
  if (!order) return false;
  if (comparator == ">") return *order >= 0;
  return (comparator.empty() || comparator == ">=") && *order > 0;
}

bool BoundedValue::IsAtLeast(std::string_view bound, std::string_view bound_unit) const {
  const auto order = CompareQuantities(number, unit, bound, bound_unit);
  return order && *order >= 0 && comparator != "<" && comparator != "<=";
}

bool BoundedValue::IsAtMost(std::string_view bound, std::string_view bound_unit) const {
  const auto order = CompareQuantities(number, unit, bound, bound_unit);
  return order && *order <= 0 && comparator != ">" && comparator != ">=";
}

std::optional<BoundedValue> BoundedValueOf(const Observation& o) {
  const std::string_view text = o.value;
  if (o.value_type == ValueType::kNumeric) return BoundedValue{"", text, ""};
  if (o.value_type != ValueType::kStructured) return std::nullopt;
  const size_t number = text.find_first_not_of("<>= ");
  if (number == std::string_view::npos) return std::nullopt;
  std::string_view comparator = text.substr(0, number);
  while (comparator.ends_with(' ')) comparator.remove_suffix(1);
  if (!IsDecimal(text.substr(number))) return std::nullopt;
  return BoundedValue{comparator, text.substr(number), ""};
}

}  // namespace yilian::lab
