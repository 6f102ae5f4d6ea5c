// The resident identity number 公民身份号码 (GB 11643-1999): what it says of its holder.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/civil_time.h"
#include "services/directory/domain/types.h"

namespace yilian::directory {

struct IdentityFacts {
  absl::CivilDay birth_date;
  Sex sex = Sex::kUnknown;
};

// Characters 7 to 14 are the birth date, the 17th is odd for men and even for women. Nothing for a
// text that is not 18 characters with a date that exists; the check character is the frame's
// matter.
std::optional<IdentityFacts> FactsOf(std::string_view national_id);

// The one form that is stored and looked up: upper case.
std::string NormalNationalId(std::string_view national_id);

// Where the number contradicts what was said beside it: every field that does. An unknown sex and a
// missing birth date contradict nothing.
Violations CheckIdentity(std::string_view national_id, std::optional<absl::CivilDay> birth_date,
                         Sex sex);

}  // namespace yilian::directory
