#include "services/scheduling/jobs/fitted_offers.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "services/scheduling/store/fitted_offer.h"
#include "services/scheduling/store/rebooking.h"
#include "services/scheduling/store/session_rows.h"
#include "services/scheduling/store/wait_list_rows.h"

namespace yilian::scheduling {
namespace {

constexpr absl::Duration kStepDeadline = absl::Seconds(10);

}  // namespace

void FittedOffers::Define(saga::Runner& runner) const {
  const auto step = [this](auto offer) {
    return [this, offer](const saga::Saga& saga) {
      return Settle([this, offer, saga](mysql::Session& sql, FitLookup& fits) {
        return (this->*offer)(sql, fits, saga);
      });
    };
  };
  runner.Define(std::string(kOfferSeatSaga),
                {{std::string(kOfferStep), step(&FittedOffers::OfferSeat)}});
  runner.Define(std::string(kReofferSaga),
                {{std::string(kOfferStep), step(&FittedOffers::Reoffer)}});
}

absl::StatusOr<saga::Next> FittedOffers::Settle(Decision decide) const {
  const absl::Time deadline = absl::Now() + kStepDeadline;
  FitAnswers answers;
  for (;;) {
    FitQuestions open;
    // What went wrong otherwise goes wrong for the effect too, and is told there.
    mysql::RunTransaction(deps_.pool, {.name = "scheduling.TryOffer", .deadline = deadline},
                          [&](mysql::Session& sql) {
                            FitLookup fits(answers);
                            const absl::Status decided = decide(sql, fits);
                            open = fits.open();
                            return decided.ok() ? errors::FitOpen() : decided;
                          })
        .IgnoreError();
    if (open.empty()) break;
    RETURN_IF_ERROR(answers.Ask(deps_.patients, open, deadline));
  }
  return saga::Next{.effect = [decide = std::move(decide),
                               answers = std::move(answers)](mysql::Session& sql) -> absl::Status {
    FitLookup fits(answers);
    RETURN_IF_ERROR(decide(sql, fits));
    // Somebody else is next by now: the step asks again.
    return fits.complete() ? absl::OkStatus() : absl::AbortedError("another patient is next");
  }};
}

absl::Status FittedOffers::OfferSeat(mysql::Session& sql, FitLookup& fits,
                                     const saga::Saga& saga) const {
  return deps_.upkeep.wait_list().Offer(sql, fits, SessionId(saga.aggregate_id), saga.state,
                                        deps_.clock.Now());
}

absl::Status FittedOffers::Reoffer(mysql::Session& sql, FitLookup& fits,
                                   const saga::Saga& saga) const {
  ASSIGN_OR_RETURN(const WaitListEntryId id, WaitListEntryId::Parse(saga.state));
  ASSIGN_OR_RETURN(const std::optional<SessionRow> lost,
                   LoadSession(sql, SessionId(saga.aggregate_id)));
  ASSIGN_OR_RETURN(const std::optional<WaitListEntry> entry, LoadEntry(sql, id));
  if (!lost || !entry || entry->state != WaitListState::kWaiting) return absl::OkStatus();
  return Rebooking(sql, deps_.upkeep, deps_.clock.Now()).Reoffer(lost->session, *entry, fits);
}

}  // namespace yilian::scheduling
