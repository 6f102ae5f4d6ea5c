// The 18-character resident identity number (GB 11643-1999), as far as telling one from another
// number needs.
#pragma once

#include <string_view>

namespace yilian::gateway::inbound {

// 17 digits and a digit or X.
bool LooksLikeNationalId(std::string_view text);
// Looks like one and its check character (ISO 7064 MOD 11-2) is true.
bool IsNationalId(std::string_view text);

}  // namespace yilian::gateway::inbound
