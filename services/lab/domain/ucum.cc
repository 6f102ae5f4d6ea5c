#include "services/lab/domain/ucum.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <utility>

#include "absl/strings/str_replace.h"
#include "services/lab/domain/decimal.h"

namespace yilian::lab {
namespace {

using Base = UnitBase;

struct Power {
  Base base;
  int power;
};

struct Atom {
  std::string_view code;
  bool metric;  // takes a prefix
  uint64_t numerator;
  uint64_t denominator;
  int exponent;
  std::array<Power, 3> bases;
};

constexpr Power kNone{Base::kMetre, 0};
constexpr Atom Self(std::string_view code, bool metric, Base base) {
  return {code, metric, 1, 1, 0, {Power{base, 1}, kNone, kNone}};
}
constexpr Atom Number(std::string_view code, int exponent) {
  return {code, false, 1, 1, exponent, {kNone, kNone, kNone}};
}
constexpr Atom Seconds(std::string_view code, uint64_t seconds) {
  return {code, false, seconds, 1, 0, {Power{Base::kSecond, 1}, kNone, kNone}};
}

// UCUM 2.1, tables 1 to 5 and 24 (clinical chemistry), as far as results come in them.
constexpr Atom kAtoms[] = {
    Self("m", true, Base::kMetre),
    Self("s", true, Base::kSecond),
    Self("g", true, Base::kGram),
    Self("mol", true, Base::kMole),
    Self("eq", true, Base::kEquivalent),
    Self("osm", true, Base::kOsmole),
    Self("[IU]", true, Base::kInternationalUnit),
    Self("[iU]", true, Base::kInternationalUnit),
    Self("[arb'U]", false, Base::kArbitraryUnit),
    Self("[CFU]", false, Base::kColonyFormingUnit),
    Self("[HPF]", false, Base::kHighPowerField),
    Self("[LPF]", false, Base::kLowPowerField),
    Self("[pH]", false, Base::kAcidity),
    Self("Cel", false, Base::kCelsius),
    Number("10*", 1),
    Number("10^", 1),
    Number("%", -2),
    Number("[ppth]", -3),
    Number("[ppm]", -6),
    Seconds("min", 60),
    Seconds("h", 3600),
    Seconds("d", 86400),
    {"L", true, 1, 1, -3, {Power{Base::kMetre, 3}, kNone, kNone}},
    {"l", true, 1, 1, -3, {Power{Base::kMetre, 3}, kNone, kNone}},
    // An enzyme unit turns over a micromole in a minute; a katal is a mole in a second.
    {"U", true, 1, 60, -6, {Power{Base::kMole, 1}, Power{Base::kSecond, -1}, kNone}},
    {"kat", true, 1, 1, 0, {Power{Base::kMole, 1}, Power{Base::kSecond, -1}, kNone}},
    {"Pa",
     true,
     1,
     1,
     3,
     {Power{Base::kGram, 1}, Power{Base::kMetre, -1}, Power{Base::kSecond, -2}}},
    // A metre of mercury: 133.3220 kPa.
    {"m[Hg]",
     true,
     133322,
     1,
     3,
     {Power{Base::kGram, 1}, Power{Base::kMetre, -1}, Power{Base::kSecond, -2}}},
};

constexpr std::pair<char, int> kPrefixes[] = {{'k', 3},  {'d', -1}, {'c', -2},  {'m', -3},
                                              {'u', -6}, {'n', -9}, {'p', -12}, {'f', -15}};

const Atom* FindAtom(std::string_view code) {
  const auto* atom = std::find_if(std::begin(kAtoms), std::end(kAtoms),
                                  [&](const Atom& one) { return one.code == code; });
  return atom == std::end(kAtoms) ? nullptr : atom;
}

struct Simple {
  const Atom* atom;
  int prefix;
};

std::optional<Simple> FindSimple(std::string_view code) {
  if (const Atom* atom = FindAtom(code)) return Simple{atom, 0};
  if (code.empty()) return std::nullopt;
  for (const auto& [letter, power] : kPrefixes) {
    if (code.front() != letter) continue;
    const Atom* atom = FindAtom(code.substr(1));
    if (atom != nullptr && atom->metric) return Simple{atom, power};
  }
  return std::nullopt;
}

// `power` times; false: nothing that anybody measures in.
bool Apply(const Simple& simple, int power, UcumUnit& unit) {
  const Atom& atom = *simple.atom;
  unit.exponent += power * (atom.exponent + simple.prefix);
  for (const Power& one : atom.bases)
    unit.bases[static_cast<size_t>(one.base)] += power * one.power;
  if (atom.numerator == 1 && atom.denominator == 1) return true;
  const uint64_t up = power > 0 ? atom.numerator : atom.denominator;
  const uint64_t down = power > 0 ? atom.denominator : atom.numerator;
  for (int i = 0; i < std::abs(power); ++i) {
    if (__builtin_mul_overflow(unit.numerator, up, &unit.numerator) ||
        __builtin_mul_overflow(unit.denominator, down, &unit.denominator)) {
      return false;
    }
  }
  const uint64_t common = std::gcd(unit.numerator, unit.denominator);
  unit.numerator /= common;
  unit.denominator /= common;
  return true;
}

// A whole number as a factor: the 100 of `/100{WBC}`.
bool ApplyInteger(std::string_view digits, int sign, UcumUnit& unit) {
  uint64_t factor = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), factor);
  if (read.ec != std::errc() || factor == 0) return false;
  uint64_t& side = sign > 0 ? unit.numerator : unit.denominator;
  return !__builtin_mul_overflow(side, factor, &side);
}

// One component: an atom with its prefix and exponent, or a whole number, and an annotation.
bool ApplyComponent(std::string_view text, int sign, UcumUnit& unit) {
  const size_t brace = text.find('{');
  if (brace != std::string_view::npos) {
    if (text.back() != '}' || text.find('{', brace + 1) != std::string_view::npos) return false;
    unit.annotations += text.substr(brace);
    text = text.substr(0, brace);
    if (text.empty()) return true;  // counts of something
  }
  constexpr std::string_view kDigits = "0123456789";
  if (text.empty()) return false;
  if (text.find_first_not_of(kDigits) == std::string_view::npos) {
    return ApplyInteger(text, sign, unit);
  }
  size_t number = text.find_last_not_of(kDigits) + 1;
  int power = 1;
  if (number < text.size()) {
    if (text[number - 1] == '-' || text[number - 1] == '+') --number;
    std::string_view digits = text.substr(number);
    if (digits.front() == '+') digits.remove_prefix(1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), power);
    constexpr int kMostPower = 24;
    if (read.ec != std::errc() || power == 0 || std::abs(power) > kMostPower) return false;
  }
  const std::optional<Simple> simple = FindSimple(text.substr(0, number));
  return simple && Apply(*simple, sign * power, unit);
}

// The factor from one unit to another: numerator / denominator * 10^exponent.
struct Factor {
  uint64_t numerator;
  uint64_t denominator;
  int exponent;
};

std::optional<Factor> FactorOf(std::string_view from, std::string_view to) {
  const std::optional<UcumUnit> a = ParseUcum(from);
  const std::optional<UcumUnit> b = ParseUcum(to);
  if (!a || !b || a->bases != b->bases || a->annotations != b->annotations) return std::nullopt;
  Factor factor{.exponent = a->exponent - b->exponent};
  if (__builtin_mul_overflow(a->numerator, b->denominator, &factor.numerator) ||
      __builtin_mul_overflow(a->denominator, b->numerator, &factor.denominator)) {
    return std::nullopt;
  }
  const uint64_t common = std::gcd(factor.numerator, factor.denominator);
  factor.numerator /= common;
  factor.denominator /= common;
  return factor;
}

}  // namespace

std::optional<UcumUnit> ParseUcum(std::string_view text) {
  constexpr size_t kLongest = 64;
  if (text.empty() || text.size() > kLongest) return std::nullopt;
  UcumUnit unit;
  int sign = 1;
  if (text.front() == '/') {
    sign = -1;
    text.remove_prefix(1);
  }
  for (;;) {
    // Points and strokes inside braces and brackets are text.
    size_t end = 0;
    for (int depth = 0; end < text.size(); ++end) {
      const char c = text[end];
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      if (depth == 0 && (c == '.' || c == '/')) break;
    }
    if (!ApplyComponent(text.substr(0, end), sign, unit)) return std::nullopt;
    if (end == text.size()) return unit;
    sign = text[end] == '/' ? -1 : 1;
    text.remove_prefix(end + 1);
  }
}

bool IsSameFamily(std::string_view unit, std::string_view other) {
  return FactorOf(unit, other).has_value();
}

std::optional<std::string> Convert(std::string_view number, std::string_view from,
                                   std::string_view to) {
  if (from == to && IsDecimal(number)) return std::string(number);
  const std::optional<Factor> factor = FactorOf(from, to);
  if (!factor) return std::nullopt;
  return Scale(number, factor->numerator, factor->denominator, factor->exponent);
}

std::optional<std::strong_ordering> CompareQuantities(std::string_view a, std::string_view a_unit,
                                                      std::string_view b, std::string_view b_unit) {
  if (a_unit == b_unit) return CompareDecimals(a, b);
  const std::optional<Factor> factor = FactorOf(a_unit, b_unit);
  if (!factor) return std::nullopt;
  // Multiplied on both sides, nothing is divided: every number has an end.
  const std::optional<std::string> left = Scale(a, factor->numerator, 1, factor->exponent);
  const std::optional<std::string> right = Scale(b, factor->denominator, 1, 0);
  if (!left || !right) return std::nullopt;
  return CompareDecimals(*left, *right);
}

std::string UcumOfSpelling(std::string_view unit) {
  std::string text =
      absl::StrReplaceAll(absl::string_view(unit.data(), unit.size()),
                          {{" ", ""},        {"µ", "u"},       {"μ", "u"},
                           {"×", ""},        {"㎎", "mg"},     {"mmHg", "mm[Hg]"},
                           {"mEq", "meq"},   {"mOsm", "mosm"}, {"IU", "[IU]"},
                           {"％", "%"},      {"℃", "Cel"},     {"°C", "Cel"},
                           {"sec", "s"},     {"hr", "h"},      {"HPF", "[HPF]"},
                           {"LPF", "[LPF]"}, {"CFU", "[CFU]"}, {"copies", "{copies}"},
                           {"10e", "10*"},   {"10E", "10*"},   {"个", ""},
                           {"pH", "[pH]"},   {"‰", "[ppth]"}});
  if (text.size() > 3 &&
      (text.starts_with("x10") || text.starts_with("X10") || text.starts_with("*10"))) {
    text.erase(0, 1);
  }
  constexpr std::pair<std::string_view, std::string_view> kWhole[] = {
      {"G/L", "10*9/L"},    {"T/L", "10*12/L"},   {"MG/DL", "mg/dL"},   {"G/DL", "g/dL"},
      {"MMOL/L", "mmol/L"}, {"UMOL/L", "umol/L"}, {"Mmol/L", "mmol/L"}, {"NG/ML", "ng/mL"},
      {"U/ML", "U/mL"},     {"FL", "fL"},         {"PG", "pg"},         {"S", "s"},
      {"mm/hr", "mm/h"},    {"MM/H", "mm/h"},     {"10*9", "10*9/L"},   {"10^9", "10*9/L"},
      {"/HP", "/[HPF]"},    {"/LP", "/[LPF]"}};
  for (const auto& [written, meant] : kWhole) {
    if (text == written) return std::string(meant);
  }
  return text != unit && IsUcum(text) ? text : "";
}

}  // namespace yilian::lab
