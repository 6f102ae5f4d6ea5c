#include "common/observe/log_text.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace yilian::observe {
namespace {

constexpr std::string_view kWithheld = "[withheld]";

// Whole names.
constexpr std::array<std::string_view, 10> kNames = {"name",   "phone",    "mobile", "address",
                                                     "email",  "password", "token",  "birth_date",
                                                     "secret", "key"};
// Endings of longer names.
constexpr std::array<std::string_view, 22> kEndings = {
    "patient_name", "person_name", "full_name",   "given_name",   "family_name", "display_name",
    "contact_name", "user_name",   "_phone",      "_mobile",      "_address",    "_email",
    "_password",    "_token",      "national_id", "id_number",    "id_card",     "card_number",
    "birth_date",   "birthday",    "_secret",     "authorization"};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsWordByte(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

// Length of the identifying number at `at`, which begins a run of digits; 0 when it is none.
size_t NumberLength(std::string_view text, size_t at) {
  size_t end = at;
  while (end < text.size() && IsDigit(text[end])) ++end;
  const size_t digits = end - at;
  const bool ends_in_x = end < text.size() && (text[end] == 'X' || text[end] == 'x');
  if (digits == 17 && ends_in_x) return 18;
  if (digits == 18) return 18;
  if (digits == 11 && text[at] == '1' && text[at + 1] >= '3') return 11;
  return 0;
}

size_t Utf8Length(std::string_view text) {
  const auto first = static_cast<uint8_t>(text[0]);
  const size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
  if (length == 0 || first > 0xF4 || text.size() < length) return 0;
  const auto second = static_cast<uint8_t>(text[1]);
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
      (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) {
    return 0;
  }
  for (size_t i = 1; i < length; ++i) {
    if ((static_cast<uint8_t>(text[i]) & 0xC0) != 0x80) return 0;
  }
  return length;
}

void Append(std::string_view text, fmt::memory_buffer& out) {
  out.append(text.data(), text.data() + text.size());
}

// One character below U+0080.
void AppendAscii(char c, fmt::memory_buffer& out) {
  switch (c) {
    case '"':
      return Append("\\\"", out);
    case '\\':
      return Append("\\\\", out);
    case '\n':
      return Append("\\n", out);
    case '\r':
      return Append("\\r", out);
    case '\t':
      return Append("\\t", out);
    default:
      if (static_cast<uint8_t>(c) < 0x20 || c == 0x7F) {
        fmt::format_to(fmt::appender(out), "\\u{:04x}", static_cast<int>(c));
      } else {
        out.push_back(c);
      }
  }
}

}  // namespace

void AppendText(std::string_view text, fmt::memory_buffer& out) {
  out.push_back('"');
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    // Inside a word (an id, a hash) digits are no number of a person.
    if (IsDigit(c) && (i == 0 || !IsWordByte(text[i - 1]))) {
      const size_t number = NumberLength(text, i);
      if (number > 0 && (i + number == text.size() || !IsWordByte(text[i + number]))) {
        Append(kWithheld, out);
        i += number;
        continue;
      }
    }
    if (static_cast<uint8_t>(c) < 0x80) {
      AppendAscii(c, out);
      ++i;
      continue;
    }
    const size_t length = Utf8Length(text.substr(i));
    Append(length == 0 ? "\\ufffd" : text.substr(i, length), out);
    i += std::max<size_t>(length, 1);
  }
  out.push_back('"');
}

bool IsWithheldKey(std::string_view key) {
  const auto ends_with = [key](std::string_view ending) {
    return key.size() >= ending.size() && key.substr(key.size() - ending.size()) == ending;
  };
  return std::find(kNames.begin(), kNames.end(), key) != kNames.end() ||
         std::any_of(kEndings.begin(), kEndings.end(), ends_with);
}

}  // namespace yilian::observe
