#include "services/lab/domain/decimal.h"

#include <algorithm>
#include <cstddef>

namespace yilian::lab {
namespace {

// What is left of a decimal when everything that does not change it is gone.
struct Parts {
  bool negative = false;
  std::string_view whole;     // without leading zeros
  std::string_view fraction;  // without trailing zeros
};

Parts PartsOf(std::string_view text) {
  Parts parts;
  if (text.front() == '+' || text.front() == '-') {
    parts.negative = text.front() == '-';
    text.remove_prefix(1);
  }
  const size_t point = std::min(text.find('.'), text.size());
  parts.whole = text.substr(0, point);
  parts.whole.remove_prefix(std::min(parts.whole.find_first_not_of('0'), parts.whole.size()));
  if (point < text.size()) parts.fraction = text.substr(point + 1);
  const size_t last = parts.fraction.find_last_not_of('0');
  parts.fraction = parts.fraction.substr(0, last == std::string_view::npos ? 0 : last + 1);
  if (parts.whole.empty() && parts.fraction.empty()) parts.negative = false;
  return parts;
}

std::strong_ordering CompareSizes(const Parts& a, const Parts& b) {
  if (const auto order = a.whole.size() <=> b.whole.size(); order != 0) return order;
  if (const int order = a.whole.compare(b.whole); order != 0) return order <=> 0;
  return a.fraction.compare(b.fraction) <=> 0;  // what is cut off sorts before what goes on
}

}  // namespace

bool IsDecimal(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  return text.find_first_of("0123456789") != std::string_view::npos &&
         text.find_first_not_of("0123456789.") == std::string_view::npos &&
         std::count(text.begin(), text.end(), '.') <= 1;
}

std::optional<std::strong_ordering> CompareDecimals(std::string_view a, std::string_view b) {
  if (!IsDecimal(a) || !IsDecimal(b)) return std::nullopt;
  const Parts x = PartsOf(a);
  const Parts y = PartsOf(b);
  if (x.negative != y.negative) {
    return x.negative ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  return x.negative ? CompareSizes(y, x) : CompareSizes(x, y);
}

}  // namespace yilian::lab
