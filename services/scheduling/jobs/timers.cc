#include "services/scheduling/jobs/timers.h"

#include <algorithm>
#include <string>
#include <vector>

#include "services/scheduling/store/fitted_offer.h"
#include "services/scheduling/store/rebooking.h"

namespace yilian::scheduling {

namespace {

// Sessions whose reserves open in one transaction: long enough to spare statements, short enough
// for those who wait for one of their seats.
constexpr size_t kReleasedAtOnce = 50;

}  // namespace

void DefineTimers(saga::TimerRunner& timers, const Upkeep& upkeep, const TemplateUpkeep& templates,
                  const base::Clock& clock) {
  // A timer that fired is due, also where this replica's clock is a little behind the one that
  // claimed it.
  timers.Define(std::string(kHoldTimer), [&](mysql::Session& sql, const saga::Timer& timer) {
    return upkeep
        .ExpireHold(sql, BookingId(timer.aggregate_id), std::max(clock.Now(), timer.due_at))
        .status();
  });
  // The sessions of a morning open in the same moment.
  timers.DefineMany(std::string(kReleaseTimer), kReleasedAtOnce,
                    [&](mysql::Session& sql, const std::vector<saga::Timer>& due) {
                      absl::Time now = clock.Now();
                      std::vector<SessionId> sessions;
                      for (const saga::Timer& timer : due) {
                        now = std::max(now, timer.due_at);
                        sessions.emplace_back(timer.aggregate_id);
                      }
                      return upkeep.Release(sql, sessions, now);
                    });
  timers.Define(std::string(kWaitListTimer), [&](mysql::Session& sql, const saga::Timer& timer) {
    const absl::Time now = std::max(clock.Now(), timer.due_at);
    const SessionId session(timer.aggregate_id);
    const FitAnswers none;
    FitLookup fits(none);
    absl::Status offered = upkeep.wait_list().Offer(sql, fits, session, timer.name, now);
    if (!offered.ok() || fits.complete()) return offered;
    return StartOfferSeat(sql, session, timer.name, now);
  });
  timers.Define(std::string(kRebookingTimer), [&](mysql::Session& sql, const saga::Timer& timer) {
    return Rebooking(sql, upkeep, std::max(clock.Now(), timer.due_at))
        .Run(SessionId(timer.aggregate_id));
  });
  timers.Define(std::string(kWaitListEndTimer), [&](mysql::Session& sql, const saga::Timer& timer) {
    return upkeep.wait_list().Lapse(sql, WaitListEntryId(timer.aggregate_id),
                                    std::max(clock.Now(), timer.due_at));
  });
  timers.Define(std::string(kTemplateTimer), [&](mysql::Session& sql, const saga::Timer& timer) {
    return templates.Run(sql, TemplateId(timer.aggregate_id), std::max(clock.Now(), timer.due_at));
  });
}

}  // namespace yilian::scheduling
