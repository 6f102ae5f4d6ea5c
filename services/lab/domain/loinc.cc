#include "services/lab/domain/loinc.h"

#include <cstddef>

namespace yilian::lab {

bool IsLoinc(std::string_view code) {
  constexpr size_t kMostDigits = 7;
  const size_t hyphen = code.find('-');
  if (hyphen == std::string_view::npos || hyphen == 0 || hyphen > kMostDigits) return false;
  if (code.size() != hyphen + 2) return false;
  constexpr std::string_view kDigits = "0123456789";
  if (code.substr(0, hyphen).find_first_not_of(kDigits) != std::string_view::npos) return false;
  int sum = 0;
  for (size_t i = 0; i < hyphen; ++i) {
    const int digit = code[hyphen - 1 - i] - '0';
    const int doubled = digit * 2;
    sum += i % 2 == 1 ? digit : doubled / 10 + doubled % 10;
  }
  return code.back() == static_cast<char>('0' + (10 - sum % 10) % 10);
}

bool IsLoinc(const Coding& coding) {
  return (coding.system == "LN" || coding.system == "http://loinc.org") && IsLoinc(coding.code);
}

}  // namespace yilian::lab
