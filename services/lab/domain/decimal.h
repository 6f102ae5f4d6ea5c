// Numbers as laboratories write them, compared exactly: never through a floating-point number.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace yilian::lab {

// Digits with one optional sign and point, as HL7 NM has them: 5, -0.3, .5, 105600. 1e5 is not one.
bool IsDecimal(std::string_view text);
// nullopt unless both are decimals. 6.80 equals 6.8, -0 equals 0.
std::optional<std::strong_ordering> CompareDecimals(std::string_view a, std::string_view b);
// `decimal` times numerator / denominator times 10^exponent, exactly: nullopt for what is not a
// decimal, and where the digits would never end. What was sent with more digits stays with them:
// 5.60 times 2 is 11.20.
std::optional<std::string> Scale(std::string_view decimal, uint64_t numerator, uint64_t denominator,
                                 int exponent);
// a - b and a * b, exactly: nullopt for what is not a decimal.
std::optional<std::string> Subtract(std::string_view a, std::string_view b);
std::optional<std::string> Multiply(std::string_view a, std::string_view b);

}  // namespace yilian::lab
