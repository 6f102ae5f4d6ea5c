#include "common/rpc/call.h"

#include <algorithm>

namespace yilian::rpc {

bool Caller::HasRole(policy::v1::Role role) const {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

std::string Caller::LedgerName() const { return is_person() ? user_id.ToString() : peer; }

}  // namespace yilian::rpc
