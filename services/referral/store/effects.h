// What a change leaves behind beside its own row: tasks, timers, sagas, events.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "common/outbox/outbox.h"
#include "services/referral/domain/referral.h"

namespace yilian::referral {

inline constexpr std::string_view kClockTimer = "referral.Clock";
inline constexpr std::string_view kFollowUpTimer = "referral.FollowUp";
inline constexpr std::string_view kStayTimer = "referral.Stay";
inline constexpr std::string_view kBookSeatSaga = "referral.BookSeat";
inline constexpr std::string_view kMoveSeatSaga = "referral.MoveSeat";
inline constexpr std::string_view kReleaseSeatSaga = "referral.ReleaseSeat";
inline constexpr std::string_view kMoveVisitSaga = "referral.MoveVisit";

// `before` is null for a new referral.
absl::Status WriteTasks(mysql::Session& session, const Referral* before, const Referral& after);
absl::Status WriteTimers(mysql::Session& session, const Referral* before, const Referral& after,
                         const absl::TimeZone& zone);
absl::Status StartSagas(mysql::Session& session, const Change& change, absl::Time now);

// The events of a change, for both parties, a first receiver who waits for another one's answer,
// and the health authority that was called; a draft's not for the receiver. `zone`: in which a
// follow-up's day ends.
std::vector<outbox::NewEvent> EventsOf(const Change& change, const absl::TimeZone& zone);

}  // namespace yilian::referral
