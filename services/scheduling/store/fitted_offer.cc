#include "services/scheduling/store/fitted_offer.h"

#include <string>

namespace yilian::scheduling {

absl::Status StartOfferSeat(mysql::Session& sql, SessionId session, std::string_view seat,
                            absl::Time now) {
  return saga::Start(sql, base::Uuid::V7(now), kOfferSeatSaga, session.uuid(), kOfferStep,
                     std::string(seat), now);
}

absl::Status StartReoffer(mysql::Session& sql, SessionId lost, WaitListEntryId entry,
                          absl::Time now) {
  return saga::Start(sql, base::Uuid::V7(now), kReofferSaga, lost.uuid(), kOfferStep,
                     entry.ToString(), now);
}

}  // namespace yilian::scheduling
