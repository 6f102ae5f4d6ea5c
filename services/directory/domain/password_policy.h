// Which passwords are not taken, beside their length, which the field rule of the proto has.
#pragma once

#include <string_view>

#include "services/directory/domain/types.h"

namespace yilian::directory {

// NIST SP 800-63B, section 5.1.1.2: long, and none that a guesser tries first: no common one, not
// made of the user name, not a run or a repetition. No rules on kinds of characters: they make
// passwords that are hard to remember and easy to guess. Violations name `field`.
Violations CheckPassword(std::string_view password, std::string_view user_name,
                         std::string_view field);

}  // namespace yilian::directory
