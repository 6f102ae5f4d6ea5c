#include "services/directory/domain/password_policy.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>
#include <string>

#include "absl/strings/ascii.h"

namespace yilian::directory {
namespace {

// What such a password begins with once it is long enough; the rest is a year, a birthday, a row of
// digits. Our own list of what people here type first, not a leaked one.
constexpr std::array<std::string_view, 30> kCommon = {
    "password", "passw0rd", "admin",    "administrator", "welcome",  "letmein",
    "qwerty",   "asdfgh",   "zxcvbn",   "1qaz2wsx",      "q1w2e3r4", "abc123",
    "iloveyou", "woaini",   "wo ai ni", "yisheng",       "hushi",    "yiyuan",
    "yilian",   "hospital", "doctor",   "changeme",      "changeit", "default",
    "initial",  "test",     "user",     "root",          "secret",   "1314520"};
// Characters that must be left beside a common beginning.
constexpr size_t kOwnCharacters = 8;
constexpr size_t kFewestDistinct = 5;

bool BeginsCommonly(const std::string& lower) {
  return std::any_of(kCommon.begin(), kCommon.end(), [&](std::string_view common) {
    if (!lower.starts_with(common)) return false;
    const std::string_view rest = std::string_view(lower).substr(common.size());
    const bool only_digits_and_marks = std::none_of(rest.begin(), rest.end(), [](char c) {
      return absl::ascii_isalpha(static_cast<unsigned char>(c)) || (c & 0x80);
    });
    return rest.size() < kOwnCharacters || only_digits_and_marks;
  });
}

// 123456789012, abcdefghijkl, 210987654321: every character next to the one before.
bool IsRun(std::string_view text) {
  size_t steps = 0;
  for (size_t i = 1; i < text.size(); ++i) {
    const int difference = text[i] - text[i - 1];
    const bool wraps =
        (text[i - 1] == '9' && text[i] == '0') || (text[i - 1] == '0' && text[i] == '9');
    if (std::abs(difference) == 1 || wraps) ++steps;
  }
  return text.size() > 1 && steps == text.size() - 1;
}

}  // namespace

Violations CheckPassword(std::string_view password, std::string_view user_name,
                         std::string_view field) {
  Violations violations;
  const auto violate = [&](const char* rule) { violations.push_back({std::string(field), rule}); };
  const std::string lower = absl::AsciiStrToLower(std::string(password));
  if (!user_name.empty() && user_name.size() >= 3 && lower.find(user_name) != std::string::npos) {
    violate("does not contain the user name");
  }
  if (std::set<char>(lower.begin(), lower.end()).size() < kFewestDistinct) {
    violate("has at least 5 different characters");
  }
  if (IsRun(lower)) violate("is no run of neighbouring characters");
  if (BeginsCommonly(lower)) violate("is none of those that are tried first");
  return violations;
}

}  // namespace yilian::directory
