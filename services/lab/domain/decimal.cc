#include "services/lab/domain/decimal.h"

#include <algorithm>
#include <cstddef>
#include <utility>

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

// Digits without a point; the point stands `places` from the right.
struct Digits {
  bool negative = false;
  std::string digits;
  int places = 0;
};

constexpr int kMostDigits = 200;

void MultiplyDigits(std::string& digits, uint64_t factor) {
  unsigned __int128 carry = 0;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    carry += static_cast<unsigned __int128>(*digit - '0') * factor;
    *digit = static_cast<char>('0' + static_cast<int>(carry % 10));
    carry /= 10;
  }
  for (; carry > 0; carry /= 10) {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(carry % 10)));
  }
}

// False: the digits do not end.
bool Divide(Digits& number, uint64_t divisor) {
  std::string quotient;
  unsigned __int128 rest = 0;
  for (size_t i = 0; i < number.digits.size() || rest != 0; ++i) {
    if (i > kMostDigits) return false;
    if (i >= number.digits.size()) ++number.places;
    rest = rest * 10 + static_cast<unsigned>(i < number.digits.size() ? number.digits[i] - '0' : 0);
    quotient += static_cast<char>('0' + static_cast<int>(rest / divisor));
    rest %= divisor;
  }
  number.digits = quotient;
  return true;
}

std::optional<Digits> DigitsOf(std::string_view decimal) {
  if (!IsDecimal(decimal) || decimal.size() > kMostDigits) return std::nullopt;
  Digits number;
  if (decimal.front() == '+' || decimal.front() == '-') {
    number.negative = decimal.front() == '-';
    decimal.remove_prefix(1);
  }
  const size_t point = std::min(decimal.find('.'), decimal.size());
  number.digits = std::string(decimal.substr(0, point));
  if (point < decimal.size()) {
    number.digits += decimal.substr(point + 1);
    number.places = static_cast<int>(decimal.size() - point) - 1;
  }
  return number;
}

// nullopt: more digits than anybody measures.
std::optional<std::string> TextOf(Digits number) {
  if (number.places > kMostDigits || number.places < -kMostDigits) return std::nullopt;
  for (; number.places < 0; ++number.places) number.digits += '0';
  if (number.digits.size() <= static_cast<size_t>(number.places)) {
    number.digits.insert(0, static_cast<size_t>(number.places) + 1 - number.digits.size(), '0');
  }
  const size_t whole = number.digits.size() - static_cast<size_t>(number.places);
  const size_t first = std::min(number.digits.find_first_not_of('0'), whole - 1);
  std::string text = number.negative ? "-" : "";
  text += number.digits.substr(first, whole - first);
  if (number.places > 0) text += "." + number.digits.substr(whole);
  return text;
}

// Both with as many places and as many digits.
void Align(Digits& a, Digits& b) {
  const int places = std::max(a.places, b.places);
  for (Digits* one : {&a, &b}) {
    one->digits.append(static_cast<size_t>(places - one->places), '0');
    one->places = places;
  }
  const size_t size = std::max(a.digits.size(), b.digits.size());
  for (Digits* one : {&a, &b}) one->digits.insert(0, size - one->digits.size(), '0');
}

std::string Sum(const std::string& a, const std::string& b) {
  std::string sum(a.size(), '0');
  int carry = 0;
  for (size_t i = a.size(); i-- > 0;) {
    carry += (a[i] - '0') + (b[i] - '0');
    sum[i] = static_cast<char>('0' + carry % 10);
    carry /= 10;
  }
  return carry == 0 ? sum : "1" + sum;
}

// Of what is not smaller.
std::string Difference(const std::string& a, const std::string& b) {
  std::string difference(a.size(), '0');
  int borrow = 0;
  for (size_t i = a.size(); i-- > 0;) {
    const int digit = (a[i] - '0') - (b[i] - '0') - borrow;
    borrow = digit < 0 ? 1 : 0;
    difference[i] = static_cast<char>('0' + digit + 10 * borrow);
  }
  return difference;
}

}  // namespace

std::optional<std::string> Scale(std::string_view decimal, uint64_t numerator, uint64_t denominator,
                                 int exponent) {
  std::optional<Digits> number = DigitsOf(decimal);
  if (!number || denominator == 0) return std::nullopt;
  MultiplyDigits(number->digits, numerator);
  if (!Divide(*number, denominator)) return std::nullopt;
  number->places -= exponent;
  return TextOf(*std::move(number));
}

std::optional<std::string> Subtract(std::string_view a, std::string_view b) {
  std::optional<Digits> x = DigitsOf(a);
  std::optional<Digits> y = DigitsOf(b);
  if (!x || !y) return std::nullopt;
  Align(*x, *y);
  Digits result{.negative = x->negative, .places = x->places};
  if (x->negative != y->negative) {
    result.digits = Sum(x->digits, y->digits);
  } else if (x->digits >= y->digits) {
    result.digits = Difference(x->digits, y->digits);
  } else {
    result.digits = Difference(y->digits, x->digits);
    result.negative = !x->negative;
  }
  return TextOf(std::move(result));
}

std::optional<std::string> Multiply(std::string_view a, std::string_view b) {
  const std::optional<Digits> x = DigitsOf(a);
  const std::optional<Digits> y = DigitsOf(b);
  if (!x || !y) return std::nullopt;
  Digits result{.negative = x->negative != y->negative,
                .digits = std::string(x->digits.size() + y->digits.size(), '0'),
                .places = x->places + y->places};
  for (size_t i = x->digits.size(); i-- > 0;) {
    int carry = 0;
    for (size_t j = y->digits.size(); j-- > 0;) {
      char& digit = result.digits[i + j + 1];
      carry += (digit - '0') + (x->digits[i] - '0') * (y->digits[j] - '0');
      digit = static_cast<char>('0' + carry % 10);
      carry /= 10;
    }
    result.digits[i] = static_cast<char>(result.digits[i] + carry);
  }
  return TextOf(std::move(result));
}

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
