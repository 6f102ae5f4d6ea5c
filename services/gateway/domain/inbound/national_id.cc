#include "services/gateway/domain/inbound/national_id.h"

namespace yilian::gateway::inbound {

bool LooksLikeNationalId(std::string_view text) {
  if (text.size() != 18) return false;
  for (const char c : text.substr(0, 17)) {
    if (c < '0' || c > '9') return false;
  }
  const char last = text[17];
  return (last >= '0' && last <= '9') || last == 'X' || last == 'x';
}

bool IsNationalId(std::string_view text) {
  if (!LooksLikeNationalId(text)) return false;
  int remainder = 0;
  for (const char c : text.substr(0, 17)) remainder = (remainder + (c - '0')) * 2 % 11;
  const int check = (12 - remainder) % 11;
  const char last = text[17];
  return check == (last == 'X' || last == 'x' ? 10 : last - '0');
}

}  // namespace yilian::gateway::inbound
