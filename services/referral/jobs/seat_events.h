// Follows what the hospital does to seats that referrals have booked.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "services/referral/store/mysql_referral_store.h"
#include "yilian/event/v1/event.pb.h"

namespace yilian::referral {

// The event types of `scheduling` that ApplySeatEvent knows.
std::vector<std::string> SeatEventTypes();

// A referral whose session was cancelled looks for another seat; every other end of a booking was
// the referral's own doing. For outbox::Consumer.
absl::Status ApplySeatEvent(mysql::Session& session, const event::v1::Event& event,
                            MysqlReferralStore& store, absl::Time now);

}  // namespace yilian::referral
