// A schema with as many referrals as wanted, made by the database itself.
#pragma once

#include "absl/status/status.h"
#include "common/mysql/pool.h"
#include "services/referral/domain/types.h"

namespace yilian::bench {

// The hospital that receives a fifth of all referrals: whose lists are measured.
referral::OrganizationId Hospital();

// Inserts `count` referrals between 40 receivers and 33 referrers, seven in ten of them closed. The
// hospital's list TO_TRIAGE gets a fiftieth of all.
absl::Status InsertReferrals(mysql::Pool& pool, int count);

}  // namespace yilian::bench
