#include "services/scheduling/domain/quota.h"

#include <fmt/format.h>

#include <set>
#include <string>
#include <utility>

namespace yilian::scheduling {

void CheckQuotas(const std::vector<Quota>& quotas, int seats, std::string_view field,
                 errors::Violations& violations) {
  int total = 0;
  std::set<std::pair<PoolKind, OrganizationId>> seen;
  for (size_t i = 0; i < quotas.size(); ++i) {
    const Quota& quota = quotas[i];
    const std::string one = fmt::format("{}[{}].", field, i);
    total += quota.seats;
    const bool names_one = !quota.organization.is_nil();
    if (quota.kind == PoolKind::kOrganization && !names_one) {
      violations.emplace_back(one + "organization_id", "is required with POOL_KIND_ORGANIZATION");
    }
    if (quota.kind != PoolKind::kOrganization && names_one) {
      violations.emplace_back(one + "organization_id", "goes with POOL_KIND_ORGANIZATION only");
    }
    if (!seen.emplace(quota.kind, quota.organization).second) {
      violations.emplace_back(one + "kind", "this pool is listed twice");
    }
  }
  if (total > seats) {
    violations.emplace_back(
        std::string(field),
        fmt::format("keep {} seats, the session has {}; allowed: at most {}", total, seats, seats));
  }
}

}  // namespace yilian::scheduling
