#include "common/rpc/format.h"

#include <algorithm>

namespace yilian::rpc {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool AllDigits(std::string_view text) { return std::all_of(text.begin(), text.end(), IsDigit); }

int Number(std::string_view digits) {
  int value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

bool DayExists(int year, int month, int day) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day <= kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

}  // namespace

std::optional<uint32_t> CodePoints(std::string_view text) {
  uint32_t count = 0;
  const auto* byte = reinterpret_cast<const unsigned char*>(text.data());
  const auto* const end = byte + text.size();
  while (byte < end) {
    ++count;
    if (*byte < 0x80) {
      ++byte;
      continue;
    }
    const int length = *byte >= 0xf0 ? 4 : *byte >= 0xe0 ? 3 : 2;
    if (*byte < 0xc2 || *byte > 0xf4 || end - byte < length) return std::nullopt;
    // Second byte's range rules out overlong forms, surrogates and values past U+10FFFF.
    const unsigned char least = *byte == 0xe0 ? 0xa0 : *byte == 0xf0 ? 0x90 : 0x80;
    const unsigned char most = *byte == 0xed ? 0x9f : *byte == 0xf4 ? 0x8f : 0xbf;
    if (byte[1] < least || byte[1] > most) return std::nullopt;
    for (int i = 2; i < length; ++i) {
      if ((byte[i] & 0xc0) != 0x80) return std::nullopt;
    }
    byte += length;
  }
  return count;
}

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

bool IsDate(std::string_view text) {
  return text.size() == 10 && text[4] == '-' && text[7] == '-' && AllDigits(text.substr(0, 4)) &&
         AllDigits(text.substr(5, 2)) && AllDigits(text.substr(8, 2)) &&
         DayExists(Number(text.substr(0, 4)), Number(text.substr(5, 2)), Number(text.substr(8, 2)));
}

bool IsNationalId(std::string_view text) {
  // Weights 2^(17-i) mod 11 and check characters, GB 11643-1999 (ISO 7064 MOD 11-2).
  static constexpr int kWeights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  static constexpr char kCheck[] = "10X98765432";
  if (text.size() != 18 || !AllDigits(text.substr(0, 17))) return false;
  if (Number(text.substr(6, 4)) < 1800 ||
      !DayExists(Number(text.substr(6, 4)), Number(text.substr(10, 2)),
                 Number(text.substr(12, 2)))) {
    return false;
  }
  int sum = 0;
  for (int i = 0; i < 17; ++i) sum += (text[i] - '0') * kWeights[i];
  return text[17] == kCheck[sum % 11];
}

bool IsPhone(std::string_view text) {
  return text.size() >= 5 && text.size() <= 20 &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return IsDigit(c) || c == ' ' || c == '+' || c == '-'; }) &&
         std::any_of(text.begin(), text.end(), IsDigit);
}

bool IsCode(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return IsDigit(c) || (c >= 'A' && c <= 'Z') || c == '_';
  });
}

bool HasFormat(policy::v1::Format format, std::string_view text) {
  switch (format) {
    case policy::v1::FORMAT_UUID:
      return IsUuid(text);
    case policy::v1::FORMAT_NATIONAL_ID:
      return IsNationalId(text);
    case policy::v1::FORMAT_PHONE:
      return IsPhone(text);
    case policy::v1::FORMAT_DATE:
      return IsDate(text);
    case policy::v1::FORMAT_CODE:
      return IsCode(text);
    default:
      return true;
  }
}

std::string_view FormatRule(policy::v1::Format format) {
  switch (format) {
    case policy::v1::FORMAT_UUID:
      return "must be a UUID of 36 characters (8-4-4-4-12 hexadecimal digits)";
    case policy::v1::FORMAT_NATIONAL_ID:
      return "must be an 18-character resident identity number with an existing birth date and a "
             "true check character (GB 11643-1999; X in upper case)";
    case policy::v1::FORMAT_PHONE:
      return "must be a telephone number: 5 to 20 digits, spaces, + and -";
    case policy::v1::FORMAT_DATE:
      return "must be an existing date, YYYY-MM-DD";
    case policy::v1::FORMAT_CODE:
      return "must be a code of upper-case letters, digits and _";
    default:
      return "";
  }
}

}  // namespace yilian::rpc
