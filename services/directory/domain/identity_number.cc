#include "services/directory/domain/identity_number.h"

#include <algorithm>

namespace yilian::directory {
namespace {

constexpr size_t kLength = 18;
constexpr size_t kBirthDate = 6;
constexpr size_t kSequenceEnd = 16;

int Number(std::string_view digits) {
  int number = 0;
  for (const char digit : digits) number = number * 10 + (digit - '0');
  return number;
}

}  // namespace

std::optional<IdentityFacts> FactsOf(std::string_view national_id) {
  if (national_id.size() != kLength) return std::nullopt;
  const std::string_view digits = national_id.substr(0, kLength - 1);
  if (!std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return std::nullopt;
  }
  const int year = Number(digits.substr(kBirthDate, 4));
  const int month = Number(digits.substr(kBirthDate + 4, 2));
  const int day = Number(digits.substr(kBirthDate + 6, 2));
  const absl::CivilDay birth_date(year, month, day);  // an impossible date moves to another one
  if (birth_date.year() != year || birth_date.month() != month || birth_date.day() != day) {
    return std::nullopt;
  }
  const bool is_odd = (digits[kSequenceEnd] - '0') % 2 == 1;
  return IdentityFacts{birth_date, is_odd ? Sex::kMale : Sex::kFemale};
}

std::string NormalNationalId(std::string_view national_id) {
  std::string normal(national_id);
  for (char& c : normal) {
    if (c == 'x') c = 'X';
  }
  return normal;
}

Violations CheckIdentity(std::string_view national_id, std::optional<absl::CivilDay> birth_date,
                         Sex sex) {
  const std::optional<IdentityFacts> facts = FactsOf(national_id);
  if (!facts) return {{"national_id", "its birth date is a date that exists"}};
  Violations violations;
  if (birth_date && *birth_date != facts->birth_date) {
    violations.push_back({"birth_date", "agrees with the resident identity number"});
  }
  if (sex != Sex::kUnknown && sex != facts->sex) {
    violations.push_back({"sex", "agrees with the resident identity number"});
  }
  return violations;
}

}  // namespace yilian::directory
