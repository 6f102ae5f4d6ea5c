// Units of the Unified Code for Units of Measure, as far as laboratories use them, and what UCUM
// says of how they stand to each other. Pure; exact.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace yilian::lab {

// What a unit measures. Volume is a length to the third. The last ones are units that stand for
// nothing but themselves: no international unit is a gram, no milliequivalent a millimole (UCUM
// counts both as amounts; between them stands a valence), no degree Celsius a ratio.
enum class UnitBase {
  kMetre,
  kSecond,
  kGram,
  kMole,
  kEquivalent,
  kOsmole,
  kInternationalUnit,
  kArbitraryUnit,
  kColonyFormingUnit,
  kHighPowerField,
  kLowPowerField,
  kAcidity,
  kCelsius,
};
inline constexpr size_t kUnitBases = 13;

// A unit taken apart: (numerator / denominator) * 10^exponent of the bases.
struct UcumUnit {
  std::array<int, kUnitBases> bases{};
  uint64_t numerator = 1;
  uint64_t denominator = 1;
  int exponent = 0;
  // What stands in braces. UCUM gives it no meaning, people do: a µg of D-dimer units is half a µg
  // of fibrinogen equivalents. Units with other ones are not converted.
  std::string annotations;
};

// nullopt: not UCUM, or nothing that a laboratory measures in. The table in ucum.cc says which
// atoms and prefixes are known. Prefixes above kilo are not: `Mmol/L` is a mistake for `mmol/L`.
std::optional<UcumUnit> ParseUcum(std::string_view unit);
inline bool IsUcum(std::string_view unit) { return ParseUcum(unit).has_value(); }

// Whether a value in one is a value in the other.
bool IsSameFamily(std::string_view unit, std::string_view other);

// A number in one unit as a number in the other, exactly. nullopt where UCUM does not say how (mass
// to amount needs a molar mass) or the digits would never end (U/L to kat/L).
std::optional<std::string> Convert(std::string_view number, std::string_view from,
                                   std::string_view to);
// Compares numbers in two units, also where one cannot be written in the other's.
std::optional<std::strong_ordering> CompareQuantities(std::string_view a, std::string_view a_unit,
                                                      std::string_view b, std::string_view b_unit);

// UCUM for common ways to write a unit that are not it: `10^9/l` is, `x10^9/L`, `IU/L`, `μmol/L`
// and `sec` are not. "" where there is none. A suggestion for a person, never a mapping.
std::string UcumOfSpelling(std::string_view unit);

}  // namespace yilian::lab
