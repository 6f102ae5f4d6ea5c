#include "services/scheduling/store/seat_hold.h"

#include <algorithm>

#include "common/base/status_macros.h"
#include "common/saga/timer.h"
#include "common/status/error.h"
#include "services/scheduling/domain/errors.h"
#include "services/scheduling/store/booking_limits.h"
#include "services/scheduling/store/booking_rows.h"
#include "services/scheduling/store/events.h"
#include "services/scheduling/store/party_rows.h"

namespace yilian::scheduling {
namespace {

// Sessions that a hold by department looks at with one query.
constexpr int kCandidates = 20;

}  // namespace

absl::StatusOr<Booking> SeatHold::Run() {
  RETURN_IF_ERROR(RefuseIfFull());
  RETURN_IF_ERROR(LoadBooker());
  ASSIGN_OR_RETURN(patient_, GuardSurvivor(sql_, command_.patient));
  RETURN_IF_ERROR(CheckReferral());
  if (!command_.coordinator) {
    RETURN_IF_ERROR(CheckNoShows(sql_, rules_.limits, patient_, scope_.now()));
  }
  return command_.session.is_nil() ? InDepartment() : InSession();
}

absl::StatusOr<Booking> SeatHold::Move(BookingId id) {
  ASSIGN_OR_RETURN(patient_, GuardSurvivor(sql_, command_.patient));
  ASSIGN_OR_RETURN(moving_, LockBooking(sql_, id));
  if (!moving_) return errors::BookingNotFound();
  if (moving_->state != BookingState::kBooked) {
    return errors::CommandNotAvailable("RESCHEDULE", moving_->state);
  }
  // Whose time has come is there or did not come.
  if (moving_->time.start <= scope_.now()) {
    return errors::SessionClosed(moving_->session, moving_->time.start);
  }
  RETURN_IF_ERROR(LoadBooker());
  return command_.session.is_nil() ? InDepartment() : InSession();
}

absl::Status SeatHold::LoadBooker() {
  if (!booker_.organization.id.is_nil()) return absl::OkStatus();
  ASSIGN_OR_RETURN(booker_.organization, LoadOrganization(sql_, command_.organization));
  booker_.green = command_.green;
  return absl::OkStatus();
}

bool SeatHold::IsClosed(const Session& session) const {
  if (command_.walk_in == HoldCommand::WalkIn::kNo) return session.ClosedAt(scope_.now());
  return session.cancelled || session.time.end <= scope_.now();
}

absl::Status SeatHold::CheckWalkIn(const Session& session) const {
  if (command_.walk_in == HoldCommand::WalkIn::kNo) return absl::OkStatus();
  if (command_.organization != session.organization && command_.organization != session.site) {
    return errors::ForeignOrganization();
  }
  // The reserve is its organization's to give.
  if (command_.walk_in == HoldCommand::WalkIn::kAnySeat &&
      command_.organization != session.organization) {
    return errors::ForeignOrganization();
  }
  if (session.time.Overlaps(rules_.limits.DayOf(scope_.now()))) return absl::OkStatus();
  return errors::NotToday(session.id, session.time.start);
}

absl::StatusOr<std::vector<SeatPool>> SeatHold::PoolsOf(const SessionRow& row) {
  std::vector<SeatPool> pools;
  switch (command_.walk_in) {
    case HoldCommand::WalkIn::kNo:
      return PoolsToTry(booker_, row.consortium);
    case HoldCommand::WalkIn::kOpenSeat:
      return std::vector<SeatPool>{{.kind = PoolKind::kOpen}};
    case HoldCommand::WalkIn::kAnySeat:
      break;
  }
  // What is kept for somebody goes last.
  pools.push_back({.kind = PoolKind::kOpen});
  ASSIGN_OR_RETURN(const std::vector<PoolCount> counts, CountPools(sql_, row.session.id));
  for (const PoolCount& count : counts) {
    if (count.pool.kind != PoolKind::kOpen) pools.push_back(count.pool);
  }
  return pools;
}

absl::Status SeatHold::RefuseIfFull() {
  const std::optional<FullSessions::Asker> asker = FullSessions::AskerOf(command_);
  if (!asker) return absl::OkStatus();
  const FullSessions::Instant looked = std::chrono::steady_clock::now();
  absl::Status refusal = LookWhetherFull();
  if (full_ != nullptr && status::ReasonOf(refusal) == "NO_SEAT") {
    full_->Remember(*asker, looked, refusal);
  }
  return refusal;
}

absl::Status SeatHold::LookWhetherFull() {
  RETURN_IF_ERROR(LoadBooker());
  ASSIGN_OR_RETURN(row_, LoadSession(sql_, command_.session));
  if (!row_ || IsClosed(row_->session) || !DueReleases(row_->session, scope_.now()).empty()) {
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(CheckWalkIn(row_->session));
  ASSIGN_OR_RETURN(const std::vector<SeatPool> pools_to_try, PoolsOf(*row_));
  ASSIGN_OR_RETURN(const bool any, AnyFreeIn(sql_, command_.session, pools_to_try));
  if (any) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<BookingId> over,
                   HoldsOver(sql_, command_.session, scope_.now()));
  if (!over.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<PoolCount> pools, CountPools(sql_, command_.session));
  return errors::NoSeat(command_.session,
                        CountFree(booker_, row_->consortium, pools).reserved_elsewhere);
}

absl::StatusOr<Booking> SeatHold::InSession() {
  if (!row_) {
    ASSIGN_OR_RETURN(row_, LoadSession(sql_, command_.session));
  }
  const std::optional<SessionRow>& row = row_;
  if (!row) return errors::SessionNotFound();
  RETURN_IF_ERROR(CheckWalkIn(row->session));
  if (IsClosed(row->session)) {
    return errors::SessionClosed(row->session.id, row->session.time.start);
  }
  ASSIGN_OR_RETURN(const std::optional<Booking> held, TrySession(*row));
  if (held) return *held;
  if (overlapping_) return errors::PatientOverlap(*overlapping_);
  if (limited_) return *limited_;
  if (unfit_) return *unfit_;
  ASSIGN_OR_RETURN(const std::vector<PoolCount> pools, CountPools(sql_, row->session.id));
  return errors::NoSeat(row->session.id,
                        CountFree(booker_, row->consortium, pools).reserved_elsewhere);
}

absl::StatusOr<Booking> SeatHold::InDepartment() {
  ASSIGN_OR_RETURN(std::optional<Booking> held, InEarliest());
  if (held) return *held;
  ASSIGN_OR_RETURN(const std::vector<BookingId> over,
                   HoldsOver(sql_, command_.department, scope_.now()));
  ASSIGN_OR_RETURN(const bool freed, ExpireAll(over));
  if (freed) {
    ASSIGN_OR_RETURN(held, InEarliest());
    if (held) return *held;
  }
  if (overlapping_) return errors::PatientOverlap(*overlapping_);
  if (limited_) return *limited_;
  if (unfit_) return *unfit_;
  ASSIGN_OR_RETURN(const int64_t elsewhere,
                   CountFreeInDepartment(sql_, command_.department,
                                         command_.within.value_or(Span{
                                             scope_.now(), scope_.now() + rules_.search_window})));
  return errors::NoSeat(command_.department, elsewhere);
}

SeatHold::Attempt SeatHold::InEarliest() {
  const Span ahead{scope_.now(), scope_.now() + rules_.search_window};
  const SessionFilter filter{.department = command_.department,
                             .practitioner = command_.practitioner,
                             .time = command_.within.value_or(ahead),
                             .kinds = command_.kinds};
  SessionPosition after{absl::UnixEpoch(), SessionId()};
  for (;;) {
    ASSIGN_OR_RETURN(const std::vector<SessionRow> candidates,
                     FindSessions(sql_, filter, booker_, after, kCandidates, scope_.now()));
    for (const SessionRow& row : candidates) {
      if (moving_ && moving_->session == row.session.id) continue;
      ASSIGN_OR_RETURN(std::optional<Booking> held, TrySession(row));
      if (held) return held;
    }
    if (candidates.size() < kCandidates) return std::optional<Booking>();
    after = {candidates.back().session.time.start, candidates.back().session.id};
  }
}

SeatHold::Attempt SeatHold::TrySession(const SessionRow& row) {
  const Session& session = row.session;
  ASSIGN_OR_RETURN(fit_, FitIn(session));
  if (fit_ == Fit::kDoesNotFit) return std::optional<Booking>();
  ASSIGN_OR_RETURN(const bool limited, Limited(session));
  if (limited) return std::optional<Booking>();
  if (!DueReleases(session, scope_.now()).empty()) {
    // The timer is late: what is open by the clock must not be refused.
    RETURN_IF_ERROR(upkeep_.Release(sql_, {session.id}, scope_.now()));
  }
  RETURN_IF_ERROR(LoadBlocked(session));
  ASSIGN_OR_RETURN(std::optional<int> seat, PickSeat(row, Wait::kNo));
  if (!seat) {
    // Free seats may be locked by callers who give them back: only waiting tells. Holds may be over
    // whose timer is late.
    ASSIGN_OR_RETURN(const std::vector<BookingId> over, HoldsOver(sql_, session.id, scope_.now()));
    RETURN_IF_ERROR(ExpireAll(over).status());
    ASSIGN_OR_RETURN(seat, PickSeat(row, Wait::kYes));
  }
  if (seat) return Take(session, *seat);
  if (blocked_.empty()) return std::optional<Booking>();
  ASSIGN_OR_RETURN(const std::vector<PoolCount> pools, CountPools(sql_, session.id));
  if (CountFree(booker_, row.consortium, pools).mine == 0) return std::optional<Booking>();
  // What was in the way may have been cancelled meanwhile, and its seat be the one that was
  // counted. The patient's guard is ours: nothing new comes in the way, so that this ends.
  const std::vector<BlockedSeats> blocked = blocked_;
  RETURN_IF_ERROR(LoadBlocked(session));
  if (blocked_ != blocked) return TrySession(row);
  const auto by = std::find_if(blocked_.begin(), blocked_.end(),
                               [](const BlockedSeats& one) { return !one.by.is_nil(); });
  if (by != blocked_.end()) overlapping_ = by->by;
  return std::optional<Booking>();
}

absl::StatusOr<std::optional<int>> SeatHold::PickSeat(const SessionRow& row, Wait wait) {
  ASSIGN_OR_RETURN(const std::vector<SeatPool> pools, PoolsOf(row));
  for (const SeatPool& pool : pools) {
    ASSIGN_OR_RETURN(std::optional<int> seat,
                     LockFreeSeat(sql_, row.session.id, pool, blocked_, wait));
    if (seat) return seat;
  }
  return std::optional<int>();
}

SeatHold::Attempt SeatHold::Take(const Session& session, int seat_number) {
  return moving_ ? Exchange(session, seat_number) : Hold(session, seat_number);
}

SeatHold::Attempt SeatHold::Exchange(const Session& session, int seat_number) {
  ASSIGN_OR_RETURN(const Booking moved, moving_->MoveTo(session, seat_number, fit_));
  RETURN_IF_ERROR(MarkTaken(sql_, session.id, seat_number, moved.id));
  RETURN_IF_ERROR(upkeep_.wait_list().GiveBack(sql_, moving_->session, moving_->seat_number,
                                               moved.id, scope_.now()));
  RETURN_IF_ERROR(SaveSeat(sql_, moved, scope_.now()));
  scope_.Append(
      events::BookingChanged(events::kBookingRescheduled, moved, upkeep_.encoding(), scope_.now()));
  scope_.Subject("booking", moved.id.uuid(), moved.patient.uuid());
  return std::optional<Booking>(moved);
}

SeatHold::Attempt SeatHold::Hold(const Session& session, int seat_number) {
  const Booking booking{
      .id = BookingId::New(scope_.now()),
      .session = session.id,
      .session_organization = session.organization,
      .practitioner = session.practitioner,
      .seat_number = seat_number,
      .time = session.SeatTime(seat_number),
      .patient = patient_,
      .organization = command_.organization,
      .referral = command_.referral,
      .hold_expires_at = command_.walk_in == HoldCommand::WalkIn::kNo
                             ? std::min(scope_.now() + command_.hold, session.time.start)
                             : scope_.now() + command_.hold,
      .fit_unknown = fit_ == Fit::kNotKnown,
  };
  RETURN_IF_ERROR(MarkTaken(sql_, session.id, seat_number, booking.id));
  const absl::Status inserted = InsertBooking(sql_, booking, scope_.now());
  if (status::ReasonOf(inserted) == "DUPLICATE_KEY" && !command_.referral.is_nil()) {
    // Another patient's hold of the same referral was faster: the patient's guard does not order
    // the two.
    RETURN_IF_ERROR(CheckReferral());
  }
  RETURN_IF_ERROR(inserted);
  RETURN_IF_ERROR(saga::SetTimer(sql_, {.kind = std::string(kHoldTimer),
                                        .aggregate_id = booking.id.uuid(),
                                        .due_at = booking.hold_expires_at}));
  scope_.Append(
      events::BookingChanged(events::kSeatHeld, booking, upkeep_.encoding(), scope_.now()));
  scope_.Subject("booking", booking.id.uuid(), booking.patient.uuid());
  return std::optional<Booking>(booking);
}

absl::StatusOr<Fit> SeatHold::FitIn(const Session& session) {
  if (session.rule.none()) return Fit::kFits;
  if (command_.cannot_wait) return Fit::kNotKnown;
  const std::optional<Fit> fit = fits_.Of(patient_, session.fit_question());
  if (!fit) {
    if (!command_.session.is_nil()) return errors::FitOpen();
    // One question for all sessions that may be tried, and for every visit of a series.
    ASSIGN_OR_RETURN(const std::vector<FitQuestion> all,
                     FitQuestionsOf(sql_, command_.department, command_.practitioner,
                                    {scope_.now(), scope_.now() + rules_.search_window}));
    fits_.Expect(patient_, all);
    return errors::FitOpen();
  }
  if (*fit == Fit::kDoesNotFit) unfit_ = errors::PatientNotForClinic(session.id, session.rule);
  return *fit;
}

absl::StatusOr<bool> SeatHold::Limited(const Session& session) {
  // An emergency is not turned away for it.
  if (command_.green) return false;
  const Limits& limits = rules_.limits;
  const BookingId but = moving_ ? moving_->id : BookingId();
  ASSIGN_OR_RETURN(const std::optional<BookingId> taken,
                   DayTaken(sql_, limits, patient_, session, but, scope_.now()));
  if (!taken) return false;
  limited_ = errors::PatientLimit(limits.bookings_a_day,
                                  absl::FormatTime("%F", session.time.start, limits.zone), *taken);
  return true;
}

absl::Status SeatHold::LoadBlocked(const Session& session) {
  ASSIGN_OR_RETURN(std::vector<Booking> live, LiveBookingsOf(sql_, patient_, session.time));
  // Those that are over bind nobody; their seat is freed by the timer.
  // Nor does the seat that is being given up.
  std::erase_if(live, [&](const Booking& booking) {
    return booking.HoldOver(scope_.now()) || (moving_ && booking.id == moving_->id);
  });
  const bool walk_in = command_.walk_in != HoldCommand::WalkIn::kNo;
  blocked_ = SeatsBlockedBy(session, live, kMaxBlockedRanges - (walk_in ? 1 : 0));
  if (!walk_in) return absl::OkStatus();
  // Seats whose time is over.
  int over = 0;
  while (over < session.seats && session.SeatTime(over + 1).end <= scope_.now()) ++over;
  if (over > 0) blocked_.insert(blocked_.begin(), {.first = 1, .last = over});
  return absl::OkStatus();
}

absl::Status SeatHold::CheckReferral() {
  if (command_.referral.is_nil()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::optional<Booking> live, LiveBookingOf(sql_, command_.referral));
  if (!live) return absl::OkStatus();
  if (!live->HoldOver(scope_.now())) return errors::ReferralBooked(live->id);
  // Its row stands in the way of the new one's unique key until it has ended.
  return upkeep_.ExpireHold(sql_, live->id, scope_.now()).status();
}

absl::StatusOr<bool> SeatHold::ExpireAll(const std::vector<BookingId>& holds) {
  bool any = false;
  for (const BookingId& id : holds) {
    ASSIGN_OR_RETURN(const bool expired, upkeep_.ExpireHold(sql_, id, scope_.now()));
    any = any || expired;
  }
  return any;
}

}  // namespace yilian::scheduling
