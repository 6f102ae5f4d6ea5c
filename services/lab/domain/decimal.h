// Numbers as laboratories write them, compared exactly: never through a floating-point number.
#pragma once

#include <compare>
#include <optional>
#include <string_view>

namespace yilian::lab {

// Digits with one optional sign and point, as HL7 NM has them: 5, -0.3, .5, 105600. 1e5 is not one.
bool IsDecimal(std::string_view text);
// nullopt unless both are decimals. 6.80 equals 6.8, -0 equals 0.
std::optional<std::strong_ordering> CompareDecimals(std::string_view a, std::string_view b);

}  // namespace yilian::lab
