// Offers that wait for the directory: whether a session is for the patient who is next. A timer's
// transaction cannot ask; it starts a saga, whose step asks outside of any (jobs/fitted_offers).
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "common/saga/saga.h"
#include "services/scheduling/domain/types.h"

namespace yilian::scheduling {

// Saga kinds, each with the one step; the aggregate is the session.
inline constexpr std::string_view kOfferSeatSaga = "scheduling.OfferSeat";
inline constexpr std::string_view kReofferSaga = "scheduling.Reoffer";
inline constexpr std::string_view kOfferStep = "offer";

// A seat of the session, named as in WaitList::Offer, for whoever is next.
absl::Status StartOfferSeat(mysql::Session& sql, SessionId session, std::string_view seat,
                            absl::Time now);
// A seat near the cancelled session for its patient's entry.
absl::Status StartReoffer(mysql::Session& sql, SessionId lost, WaitListEntryId entry,
                          absl::Time now);

}  // namespace yilian::scheduling
