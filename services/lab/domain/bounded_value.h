// A number as a laboratory says it, with what it leaves open. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "services/lab/domain/report.h"

namespace yilian::lab {

// Refers to its observation. Every question is answered yes only where there is no doubt: `<2.0` is
// below 2.8, `<3.0` may be.
struct BoundedValue {
  std::string_view comparator;  // "<", "<=", ">", ">=" or ""
  std::string_view number;
  std::string_view unit;  // to be set: the one in which the value is judged

  bool IsBelow(std::string_view bound, std::string_view bound_unit) const;
  bool IsAbove(std::string_view bound, std::string_view bound_unit) const;
  bool IsAtLeast(std::string_view bound, std::string_view bound_unit) const;
  bool IsAtMost(std::string_view bound, std::string_view bound_unit) const;
};

// nullopt: a value that is no number with at most a comparator.
std::optional<BoundedValue> BoundedValueOf(const Observation& observation);

}  // namespace yilian::lab
