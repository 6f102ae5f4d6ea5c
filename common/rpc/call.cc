#include "common/rpc/call.h"

#include <algorithm>

namespace yilian::rpc {

bool Caller::HasRole(policy::v1::Role role) const {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

bool Caller::IsNamedBy(const policy::v1::MethodPolicy& policy) const {
  if (policy.anonymous()) return true;
  if (is_person()) {
    return policy.any_person() ||
           std::any_of(policy.roles().begin(), policy.roles().end(),
                       [this](int role) { return HasRole(static_cast<policy::v1::Role>(role)); });
  }
  if (policy.organization_systems() && !system.empty()) return true;
  const auto& services = policy.services();
  return !service.empty() && std::find(services.begin(), services.end(), service) != services.end();
}

std::string Caller::LedgerName() const { return is_person() ? user_id.ToString() : peer; }

}  // namespace yilian::rpc
