// Follows what patients agree to: the local consents, and the open referrals that a withdrawal is
// shown on.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "services/referral/store/mysql_referral_store.h"
#include "yilian/event/v1/event.pb.h"

namespace yilian::referral {

// For a consumer of relationship::ConsentEventTypes.
absl::Status ApplyConsentEvent(mysql::Session& session, const event::v1::Event& event,
                               MysqlReferralStore& store, absl::Time now);

}  // namespace yilian::referral
