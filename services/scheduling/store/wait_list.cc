#include "services/scheduling/store/wait_list.h"

#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/saga/timer.h"
#include "services/scheduling/store/booking_limits.h"
#include "services/scheduling/store/booking_rows.h"
#include "services/scheduling/store/events.h"
#include "services/scheduling/store/party_rows.h"
#include "services/scheduling/store/seat_rows.h"
#include "services/scheduling/store/wait_list_rows.h"

namespace yilian::scheduling {
namespace {

constexpr std::string_view kFreeSeats = "free";
// Entries that one query looks at.
constexpr int kCandidates = 20;
// Offers of one transaction, each with the guard of its patient; the timer goes on with the rest.
constexpr int kOffersAtOnce = 8;

saga::Timer TimerOf(SessionId session, std::string name, absl::Time due) {
  return {.kind = std::string(kWaitListTimer),
          .aggregate_id = session.uuid(),
          .name = std::move(name),
          .due_at = due};
}

bool IsBlocked(const std::vector<BlockedSeats>& blocked, int seat_number) {
  for (const BlockedSeats& range : blocked) {
    if (range.first <= seat_number && seat_number <= range.last) return true;
  }
  return false;
}

}  // namespace

absl::Status WaitList::GiveBack(mysql::Session& sql, SessionId session, int seat_number,
                                BookingId by, absl::Time now) const {
  ASSIGN_OR_RETURN(const SeatFate fate, FateOfSeats(sql, session, now));
  const GivenBack as = fate.cancelled ? GivenBack::kClosed
                       : fate.awaited ? GivenBack::kAside
                                      : GivenBack::kFree;
  RETURN_IF_ERROR(MarkGivenBack(sql, session, seat_number, by, as));
  if (as != GivenBack::kAside) return absl::OkStatus();
  return saga::SetTimer(sql, TimerOf(session, std::to_string(seat_number), now));
}

absl::Status WaitList::AskForFree(mysql::Session& sql, SessionId session, absl::Time now) {
  ASSIGN_OR_RETURN(const SeatFate fate, FateOfSeats(sql, session, now));
  if (fate.cancelled || !fate.awaited) return absl::OkStatus();
  return saga::SetTimer(sql, TimerOf(session, std::string(kFreeSeats), now));
}

absl::Status WaitList::AskForFree(mysql::Session& sql, const std::vector<SessionId>& sessions,
                                  absl::Time now) {
  ASSIGN_OR_RETURN(const std::vector<SessionId> awaited, AwaitedAmong(sql, sessions, now));
  for (const SessionId session : awaited) {
    RETURN_IF_ERROR(saga::SetTimer(sql, TimerOf(session, std::string(kFreeSeats), now)));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<WaitListEntry>> WaitList::PassOffer(mysql::Session& sql,
                                                                 const Booking& ended,
                                                                 absl::Time now) const {
  ASSIGN_OR_RETURN(const std::optional<WaitListEntry> offered, LockEntryOf(sql, ended.id));
  if (!offered) return std::optional<WaitListEntry>();
  WaitListEntry passed = offered->Pass(rules_, now);
  RETURN_IF_ERROR(Save(sql, passed, now));
  return std::optional<WaitListEntry>(std::move(passed));
}

absl::Status WaitList::Save(mysql::Session& sql, const WaitListEntry& entry, absl::Time now) const {
  if (!IsLive(entry.state)) {
    RETURN_IF_ERROR(saga::CancelTimer(sql, kWaitListEndTimer, entry.id.uuid(), ""));
  }
  return SaveEntry(sql, entry, now);
}

absl::Status WaitList::Offer(mysql::Session& sql, FitLookup& fits, SessionId session,
                             std::string_view seat, absl::Time now) const {
  ASSIGN_OR_RETURN(const std::optional<SessionRow> row, LoadSession(sql, session));
  if (!row || row->session.cancelled) return absl::OkStatus();
  if (seat == kFreeSeats) return OfferFree(sql, fits, *row, now);
  int number = 0;
  std::from_chars(seat.data(), seat.data() + seat.size(), number);
  return OfferAside(sql, fits, *row, number, now);
}

absl::Status WaitList::OfferAside(mysql::Session& sql, FitLookup& fits, const SessionRow& row,
                                  int seat_number, absl::Time now) const {
  if (!row.session.ClosedAt(now)) {
    ASSIGN_OR_RETURN(const std::optional<WaitListEntry> taker,
                     OfferNext(sql, fits, row, seat_number, std::nullopt, now));
    if (taker || !fits.complete()) return absl::OkStatus();
  }
  return OpenToAll(sql, row.session.id, seat_number);
}

absl::Status WaitList::OfferFree(mysql::Session& sql, FitLookup& fits, const SessionRow& row,
                                 absl::Time now) const {
  if (row.session.ClosedAt(now)) return absl::OkStatus();
  std::optional<WaitListEntry> last;
  for (int made = 0; made < kOffersAtOnce; ++made) {
    ASSIGN_OR_RETURN(last, OfferNext(sql, fits, row, std::nullopt, last, now));
    if (!last) return absl::OkStatus();
  }
  return AskForFree(sql, row.session.id, now);
}

absl::StatusOr<std::optional<WaitListEntry>> WaitList::OfferNext(
    mysql::Session& sql, FitLookup& fits, const SessionRow& row, std::optional<int> aside,
    std::optional<WaitListEntry> after, absl::Time now) const {
  for (;;) {
    if (!aside) {
      ASSIGN_OR_RETURN(const bool left, AnyFree(sql, row.session.id));
      if (!left) return std::optional<WaitListEntry>();
    }
    ASSIGN_OR_RETURN(const std::vector<WaitListEntry> candidates,
                     Candidates(sql, row.session, after, kCandidates));
    for (const WaitListEntry& entry : candidates) {
      ASSIGN_OR_RETURN(const bool offered, OfferTo(sql, fits, row, aside, entry, now));
      if (offered) return std::optional<WaitListEntry>(entry);
      if (fits.complete()) continue;
      // Those behind are asked about with it: mostly one of them takes the seat.
      for (const WaitListEntry& other : candidates) {
        fits.Expect(other.patient, {row.session.fit_question()});
      }
      return std::optional<WaitListEntry>();
    }
    if (candidates.size() < kCandidates) return std::optional<WaitListEntry>();
    after = candidates.back();
  }
}

absl::StatusOr<std::optional<int>> WaitList::PickSeat(mysql::Session& sql, const SessionRow& row,
                                                      std::optional<int> aside,
                                                      const WaitListEntry& entry,
                                                      absl::Time now) const {
  const Session& session = row.session;
  ASSIGN_OR_RETURN(const std::optional<BookingId> taken,
                   DayTaken(sql, rules_.limits, entry.patient, session, BookingId(), now));
  if (taken) return std::optional<int>();
  Booker booker;
  ASSIGN_OR_RETURN(booker.organization, LoadOrganization(sql, entry.organization));
  ASSIGN_OR_RETURN(std::vector<Booking> live, LiveBookingsOf(sql, entry.patient, session.time));
  std::erase_if(live, [&](const Booking& booking) { return booking.HoldOver(now); });
  const std::vector<BlockedSeats> blocked = SeatsBlockedBy(session, live, kMaxBlockedRanges);
  if (aside) {
    if (IsBlocked(blocked, *aside)) return std::optional<int>();
    ASSIGN_OR_RETURN(const std::optional<SeatPool> pool, LockAside(sql, session.id, *aside));
    const bool takes = pool && MayTake(booker, row.consortium, *pool);
    return takes ? aside : std::optional<int>();
  }
  for (const SeatPool& pool : PoolsToTry(booker, row.consortium)) {
    ASSIGN_OR_RETURN(const std::optional<int> seat,
                     LockFreeSeat(sql, session.id, pool, blocked, Wait::kNo));
    if (seat) return seat;
  }
  return std::optional<int>();
}

absl::StatusOr<bool> WaitList::OfferTo(mysql::Session& sql, FitLookup& fits, const SessionRow& row,
                                       std::optional<int> aside, const WaitListEntry& seen,
                                       absl::Time now) const {
  ASSIGN_OR_RETURN(const PatientId patient, GuardSurvivor(sql, seen.patient));
  ASSIGN_OR_RETURN(const std::optional<WaitListEntry> entry, LockEntry(sql, seen.id));
  // It was offered something else, has left, or its patient was merged since it was read.
  if (!entry || entry->state != WaitListState::kWaiting || entry->patient != patient) return false;
  const Session& session = row.session;
  std::optional<Fit> fit = Fit::kFits;
  if (!session.rule.none()) fit = fits.Of(patient, session.fit_question());
  if (!fit || *fit == Fit::kDoesNotFit) return false;
  ASSIGN_OR_RETURN(const std::optional<int> seat, PickSeat(sql, row, aside, *entry, now));
  if (!seat) return false;
  const Booking held{.id = BookingId::New(now),
                     .session = session.id,
                     .session_organization = session.organization,
                     .practitioner = session.practitioner,
                     .seat_number = *seat,
                     .time = session.SeatTime(*seat),
                     .patient = patient,
                     .organization = entry->organization,
                     .hold_expires_at = entry->OfferEnd(now, session.time.start, rules_),
                     .fit_unknown = *fit == Fit::kNotKnown};
  ASSIGN_OR_RETURN(const WaitListEntry offered, entry->Offer(held));
  RETURN_IF_ERROR(MarkTaken(sql, session.id, *seat, held.id));
  RETURN_IF_ERROR(InsertBooking(sql, held, now));
  RETURN_IF_ERROR(saga::SetTimer(sql, {.kind = std::string(kHoldTimer),
                                       .aggregate_id = held.id.uuid(),
                                       .due_at = held.hold_expires_at}));
  RETURN_IF_ERROR(RememberOffer(sql, entry->id, session.id, now));
  RETURN_IF_ERROR(Save(sql, offered, now));
  RETURN_IF_ERROR(ServeTurn(sql, entry->department, entry->turn));
  RETURN_IF_ERROR(journal_.Announce(sql, events::kSeatHeld, kWaitListTimer, held, now));
  RETURN_IF_ERROR(journal_.Announce(sql, events::kWaitListOffered, kWaitListTimer, offered, now));
  return true;
}

absl::Status WaitList::Lapse(mysql::Session& sql, WaitListEntryId id, absl::Time now) const {
  ASSIGN_OR_RETURN(const std::optional<WaitListEntry> entry, LockEntry(sql, id));
  const std::optional<WaitListEntry> lapsed = entry ? entry->Lapse(now) : std::nullopt;
  if (!lapsed) return absl::OkStatus();
  RETURN_IF_ERROR(SaveEntry(sql, *lapsed, now));
  return journal_.Announce(sql, events::kWaitListEnded, kWaitListEndTimer, *lapsed, now);
}

}  // namespace yilian::scheduling
