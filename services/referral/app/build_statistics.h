// Wires the statistics into the referral service.
#pragma once

#include "absl/status/status.h"
#include "common/service/service.h"
#include "services/referral/store/mysql_referral_store.h"

namespace yilian::referral {

// The aggregates follow this service's own events: `service.peers` names `referral` itself.
absl::Status BuildStatistics(service::Context& context, MysqlReferralStore& referrals);

}  // namespace yilian::referral
