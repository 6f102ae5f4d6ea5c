#include "services/scheduling/store/rebooking.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "common/base/status_macros.h"
#include "common/saga/timer.h"
#include "services/scheduling/store/booking_rows.h"
#include "services/scheduling/store/cancellation_rows.h"
#include "services/scheduling/store/events.h"
#include "services/scheduling/store/fitted_offer.h"
#include "services/scheduling/store/party_rows.h"
#include "services/scheduling/store/wait_list_rows.h"

namespace yilian::scheduling {
namespace {

// Bookings of one transaction, each with the guard of its patient.
constexpr int kBookingsAtOnce = 8;
// Sessions that are looked at on either side of the lost one.
constexpr int kNearby = 20;

}  // namespace

absl::Status Rebooking::Run(SessionId session) {
  ASSIGN_OR_RETURN(const std::optional<SessionRow> lost, LoadSession(sql_, session));
  if (!lost) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<BookingId> pending,
                   PendingBookings(sql_, session, kBookingsAtOnce));
  for (const BookingId& id : pending) RETURN_IF_ERROR(Settle(lost->session, id));
  if (pending.size() < kBookingsAtOnce) return absl::OkStatus();
  return saga::SetTimer(
      sql_, {.kind = std::string(kRebookingTimer), .aggregate_id = session.uuid(), .due_at = now_});
}

absl::Status Rebooking::Settle(const Session& lost, BookingId id) {
  const auto save = [&](std::string_view outcome, WaitListEntryId entry) {
    return SaveOutcome(sql_, lost.id, id, outcome, entry);
  };
  ASSIGN_OR_RETURN(const std::optional<Booking> seen, LoadBooking(sql_, id));
  if (!seen) return save("RELEASED", {});
  RETURN_IF_ERROR(GuardSurvivor(sql_, seen->patient).status());
  ASSIGN_OR_RETURN(const std::optional<Booking> booking, LockBooking(sql_, id));
  // It was cancelled, has run out or was moved to another session since; or the patient is there.
  const bool stands = booking->session == lost.id && (booking->state == BookingState::kHeld ||
                                                      booking->state == BookingState::kBooked);
  if (!stands) return save("RELEASED", {});
  ASSIGN_OR_RETURN(const std::optional<Booking> cancelled, booking->Cancel());
  RETURN_IF_ERROR(End(*booking, *cancelled));
  // The saga of the referral, or whoever held the seat, is told by the event and looks again.
  if (!booking->referral.is_nil()) return save("REFERRAL", {});
  if (booking->state == BookingState::kHeld) return save("RELEASED", {});
  ASSIGN_OR_RETURN(const WaitListEntry entry, PutFirst(lost, *booking));
  if (entry.state == WaitListState::kWaiting) {
    const FitAnswers none;
    FitLookup fits(none);
    RETURN_IF_ERROR(Reoffer(lost, entry, fits));
    if (!fits.complete()) RETURN_IF_ERROR(StartReoffer(sql_, lost.id, entry.id, now_));
  }
  return save("WAIT_LIST", entry.id);
}

absl::Status Rebooking::End(const Booking& booking, const Booking& cancelled) {
  if (booking.state == BookingState::kHeld) {
    RETURN_IF_ERROR(saga::CancelTimer(sql_, kHoldTimer, booking.id.uuid(), ""));
    ASSIGN_OR_RETURN(const std::optional<WaitListEntry> passed,
                     upkeep_.wait_list().PassOffer(sql_, booking, now_));
    if (passed) {
      RETURN_IF_ERROR(upkeep_.journal().Announce(sql_, events::PassedOrEnded(*passed),
                                                 kRebookingTimer, *passed, now_));
    }
  }
  RETURN_IF_ERROR(SaveBooking(sql_, cancelled, kSessionCancelled, now_));
  RETURN_IF_ERROR(
      upkeep_.wait_list().GiveBack(sql_, booking.session, booking.seat_number, booking.id, now_));
  return upkeep_.journal().AnnounceCancelled(sql_, kRebookingTimer, cancelled, kSessionCancelled,
                                             now_);
}

absl::StatusOr<WaitListEntry> Rebooking::PutFirst(const Session& lost, const Booking& booking) {
  const JobJournal& journal = upkeep_.journal();
  ASSIGN_OR_RETURN(const std::optional<WaitListEntry> live,
                   LiveEntryOf(sql_, booking.patient, lost.department));
  if (live) {
    ASSIGN_OR_RETURN(const std::optional<WaitListEntry> locked, LockEntry(sql_, live->id));
    WaitListEntry entry = locked->PutFirst(booking.id);
    RETURN_IF_ERROR(upkeep_.wait_list().Save(sql_, entry, now_));
    RETURN_IF_ERROR(journal.Announce(sql_, events::kWaitListJoined, kRebookingTimer, entry, now_));
    return entry;
  }
  const WaitListEntry entry{.id = WaitListEntryId::New(now_),
                            .patient = booking.patient,
                            .organization = booking.organization,
                            .session_organization = lost.organization,
                            .department = lost.department,
                            .time = {now_, now_ + upkeep_.wait_list().rules().window},
                            .cancelled_booking = booking.id,
                            .joined_at = now_};
  RETURN_IF_ERROR(LockTurns(sql_, lost.department));
  RETURN_IF_ERROR(InsertEntry(sql_, entry, now_));
  RETURN_IF_ERROR(saga::SetTimer(sql_, {.kind = std::string(kWaitListEndTimer),
                                        .aggregate_id = entry.id.uuid(),
                                        .due_at = entry.time.end}));
  RETURN_IF_ERROR(journal.Announce(sql_, events::kWaitListJoined, kRebookingTimer, entry, now_));
  return entry;
}

absl::Status Rebooking::Reoffer(const Session& lost, const WaitListEntry& entry, FitLookup& fits) {
  const RebookingWindow window;
  Booker booker;
  ASSIGN_OR_RETURN(booker.organization, LoadOrganization(sql_, entry.organization));
  SessionFilter filter{.department = lost.department, .kinds = {lost.kind}};
  std::map<SessionId, SessionRow> rows;
  std::vector<Session> sessions;
  const auto find = [&](PractitionerId expert, const Span& time) -> absl::Status {
    filter.practitioner = expert;
    filter.time = time;
    ASSIGN_OR_RETURN(
        const std::vector<SessionRow> found,
        FindSessions(sql_, filter, booker, {absl::UnixEpoch(), SessionId()}, kNearby, now_));
    for (const SessionRow& row : found) {
      if (rows.emplace(row.session.id, row).second) sessions.push_back(row.session);
    }
    return absl::OkStatus();
  };
  const Span before{lost.time.start - window.before, lost.time.start};
  const Span after{lost.time.start, lost.time.start + window.after};
  if (!lost.practitioner.is_nil()) {
    RETURN_IF_ERROR(find(lost.practitioner, before));
    RETURN_IF_ERROR(find(lost.practitioner, after));
  }
  RETURN_IF_ERROR(find({}, before));
  RETURN_IF_ERROR(find({}, after));
  SortByNearness(lost, sessions);
  for (const Session& session : sessions) {
    ASSIGN_OR_RETURN(
        const bool offered,
        upkeep_.wait_list().OfferTo(sql_, fits, rows.at(session.id), std::nullopt, entry, now_));
    if (offered) break;
    if (fits.complete()) continue;
    for (const Session& other : sessions) fits.Expect(entry.patient, {other.fit_question()});
    break;
  }
  return absl::OkStatus();
}

}  // namespace yilian::scheduling
