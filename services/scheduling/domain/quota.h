// Seats kept for somebody. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "services/scheduling/domain/errors.h"
#include "services/scheduling/domain/types.h"

namespace yilian::scheduling {

struct Quota {
  PoolKind kind = PoolKind::kOpen;
  OrganizationId organization;  // for kOrganization
  int seats = 0;
  bool operator==(const Quota&) const = default;
};

// Adds what is wrong with the quotas of a session of `seats`; their field is called `field`.
void CheckQuotas(const std::vector<Quota>& quotas, int seats, std::string_view field,
                 errors::Violations& violations);

}  // namespace yilian::scheduling
