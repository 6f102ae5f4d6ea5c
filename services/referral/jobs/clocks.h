// What happens to a referral without a caller: clocks that run out, follow-ups that nobody did,
// patients that merge.
#pragma once

#include "absl/status/status.h"
#include "common/base/clock.h"
#include "common/mysql/session.h"
#include "common/saga/timer.h"
#include "services/referral/store/mysql_referral_store.h"
#include "yilian/event/v1/event.pb.h"

namespace yilian::referral {

// Registers the effects of kClockTimer, kFollowUpTimer and kStayTimer. What it is given outlives
// `timers`.
void DefineTimers(saga::TimerRunner& timers, MysqlReferralStore& store, const Deadlines& deadlines,
                  const base::Clock& clock);

// The effect of an event of `directory` on this schema: PatientsMerged, PatientsUnmerged;
// OrganizationRegistered, for who the health authority is.
absl::Status ApplyDirectoryEvent(mysql::Session& session, const event::v1::Event& event,
                                 MysqlReferralStore& store);

}  // namespace yilian::referral
