// What becomes of a seat that is given back: it is set aside while the wait list is asked, and open
// to all when nobody there may take it.
#pragma once

#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "services/scheduling/domain/clinic_rule.h"
#include "services/scheduling/domain/wait_list.h"
#include "services/scheduling/store/job_journal.h"
#include "services/scheduling/store/session_rows.h"

namespace yilian::scheduling {

// Timer kinds: of a session, one for each seat that is set aside and one for all that are free; and
// of an entry.
inline constexpr std::string_view kWaitListTimer = "scheduling.WaitList";
inline constexpr std::string_view kWaitListEndTimer = "scheduling.WaitListEnd";

// Every method works in the caller's transaction. Giving a seat back only sets a timer, and the
// timer's own transaction makes the offer: so locks go in the one order (the patient's guard,
// bookings, entries, seats), and what a crash interrupts is done later. Thread-safe: immutable.
class WaitList {
 public:
  WaitList(const JobJournal& journal, const WaitListRules& rules)
      : journal_(journal), rules_(rules) {}

  // The seat that `by` took, whose booking has ended or moved away.
  absl::Status GiveBack(mysql::Session& sql, SessionId session, int seat_number, BookingId by,
                        absl::Time now) const;
  // Free seats of the session go to the list: it is new, or there are more of them than were looked
  // at.
  static absl::Status AskForFree(mysql::Session& sql, SessionId session, absl::Time now);
  // The same for some, whose reserve was released. Their rows are locked.
  static absl::Status AskForFree(mysql::Session& sql, const std::vector<SessionId>& sessions,
                                 absl::Time now);
  // The entry after its offer, which `ended` held, was passed; nullopt: it was no offer. Before the
  // seat is given back; the event is the caller's.
  absl::StatusOr<std::optional<WaitListEntry>> PassOffer(mysql::Session& sql, const Booking& ended,
                                                         absl::Time now) const;

  // The timers' effects. `seat`: "free", or the number of the seat that is set aside. What is open
  // about the next one who waits, in a session that has a rule, leaves the seat where it is.
  absl::Status Offer(mysql::Session& sql, FitLookup& fits, SessionId session, std::string_view seat,
                     absl::Time now) const;
  absl::Status Lapse(mysql::Session& sql, WaitListEntryId id, absl::Time now) const;

  // Holds a seat of the session for the entry: that of `aside`, or any free one. False: it takes
  // none, or whether it may is open.
  absl::StatusOr<bool> OfferTo(mysql::Session& sql, FitLookup& fits, const SessionRow& row,
                               std::optional<int> aside, const WaitListEntry& seen,
                               absl::Time now) const;

  // Stores the entry; one that has ended loses its timer.
  absl::Status Save(mysql::Session& sql, const WaitListEntry& entry, absl::Time now) const;

  const WaitListRules& rules() const { return rules_; }

 private:
  absl::Status OfferAside(mysql::Session& sql, FitLookup& fits, const SessionRow& row,
                          int seat_number, absl::Time now) const;
  absl::Status OfferFree(mysql::Session& sql, FitLookup& fits, const SessionRow& row,
                         absl::Time now) const;
  // The next entry after `after` that takes a seat: that of `aside`, or else any free one. nullopt:
  // nobody does, or it is open whether the next one may.
  absl::StatusOr<std::optional<WaitListEntry>> OfferNext(mysql::Session& sql, FitLookup& fits,
                                                         const SessionRow& row,
                                                         std::optional<int> aside,
                                                         std::optional<WaitListEntry> after,
                                                         absl::Time now) const;
  absl::StatusOr<std::optional<int>> PickSeat(mysql::Session& sql, const SessionRow& row,
                                              std::optional<int> aside, const WaitListEntry& entry,
                                              absl::Time now) const;

  const JobJournal& journal_;
  const WaitListRules rules_;
};

}  // namespace yilian::scheduling
