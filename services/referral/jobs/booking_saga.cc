#include "services/referral/jobs/booking_saga.h"

#include <fmt/format.h>

#include <utility>

#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "common/status/error.h"
#include "services/referral/domain/booking_failure.h"
#include "services/referral/store/effects.h"

namespace yilian::referral {
namespace {

// How long one step may take, with its calls and its transaction; well below the runner's lease.
constexpr absl::Duration kStepTime = absl::Seconds(10);

absl::StatusOr<BookingSagaState> StateOf(const saga::Saga& saga) {
  BookingSagaState state;
  if (!state.ParseFromString(saga.state))
    return absl::DataLossError("a booking saga's state does not parse");
  return state;
}

// The same for every attempt of a step, another for each new round of holding.
base::Uuid RequestOf(const saga::Saga& saga, const BookingSagaState& state) {
  return base::Uuid::V5(saga.saga_id, fmt::format("{} {}", saga.step, state.round()));
}

template <typename IdType>
absl::StatusOr<IdType> FromState(const std::string& bytes) {
  if (bytes.empty()) return IdType();
  ASSIGN_OR_RETURN(const base::Uuid id, base::Uuid::FromBytes(bytes));
  return IdType(id);
}

// What the saga wants, as it was written down when it began.
absl::StatusOr<SeatBooking::Wish> WishOf(const saga::Saga& saga, const BookingSagaState& state) {
  SeatBooking::Wish wish{.referral = ReferralId(saga.aggregate_id),
                         .green_channel = state.green_channel(),
                         .setting = static_cast<Setting>(state.setting())};
  ASSIGN_OR_RETURN(wish.session, FromState<SessionId>(state.session_id()));
  ASSIGN_OR_RETURN(wish.practitioner, FromState<PractitionerId>(state.practitioner_id()));
  ASSIGN_OR_RETURN(wish.department, FromState<DepartmentId>(state.department_id()));
  ASSIGN_OR_RETURN(wish.patient, FromState<PatientId>(state.patient_id()));
  ASSIGN_OR_RETURN(wish.booking_organization, FromState<OrganizationId>(state.organization_id()));
  return wish;
}

// Errors that the callee will give again however often it is asked.
bool IsFinal(const absl::Status& status, int attempt) {
  // The booking that stands in the way may be one that is being let go: a redirect and a new
  // acceptance follow each other that fast. Nine attempts take about a minute.
  if (status::ReasonOf(status) == "REFERRAL_BOOKED") return attempt >= 9;
  return status.code() == absl::StatusCode::kFailedPrecondition ||
         status.code() == absl::StatusCode::kNotFound ||
         status.code() == absl::StatusCode::kInvalidArgument ||
         status.code() == absl::StatusCode::kPermissionDenied;
}

}  // namespace

void BookingSaga::Define(saga::Runner& runner) {
  runner.Define(std::string(kBookSeatSaga),
                {{"hold", [this](const saga::Saga& saga) { return Hold(saga); }},
                 {"book", [this](const saga::Saga& saga) { return Book(saga); }},
                 {"release", [this](const saga::Saga& saga) { return Release(saga); }}});
  runner.Define(std::string(kMoveSeatSaga),
                {{"exchange", [this](const saga::Saga& saga) { return Exchange(saga); }}});
  runner.Define(std::string(kReleaseSeatSaga),
                {{"release", [this](const saga::Saga& saga) { return Release(saga); }}});
  runner.Define(std::string(kMoveVisitSaga),
                {{"move", [this](const saga::Saga& saga) { return Move(saga); }}});
}

// What of the referral decides about the saga: whether it still works for it.
absl::StatusOr<std::optional<Referral>> BookingSaga::Read(ReferralId id) {
  std::optional<Referral> referral;
  RETURN_IF_ERROR(mysql::RunRead(deps_.pool, absl::Now() + kStepTime,
                                 [&](mysql::Session& session) -> absl::Status {
                                   ASSIGN_OR_RETURN(referral, deps_.store.Find(session, id));
                                   return absl::OkStatus();
                                 }));
  return referral;
}

std::function<absl::Status(mysql::Session&)> BookingSaga::Effect(const saga::Saga& saga,
                                                                 Decide decide) {
  return [this, id = ReferralId(saga.aggregate_id),
          decide = std::move(decide)](mysql::Session& session) {
    return deps_.store.ApplyInJob(session, id, deps_.clock.Now(), decide).status();
  };
}

absl::StatusOr<saga::Next> BookingSaga::Hold(const saga::Saga& saga) {
  ASSIGN_OR_RETURN(BookingSagaState state, StateOf(saga));
  // A hold that was made and whose answer was lost is found again by its request id: so ask even
  // where the referral has been withdrawn since, and let go below.
  ASSIGN_OR_RETURN(const SeatBooking::Wish wish, WishOf(saga, state));
  const absl::StatusOr<SeatBooking::Held> held = deps_.seats.Hold(RequestOf(saga, state), wish);
  if (!held.ok()) {
    if (!IsFinal(held.status(), saga.attempt)) return held.status();
    return saga::Next{.effect =
                          Effect(saga, [by = saga.saga_id, why = BookingFailureOf(held.status())](
                                           const Referral& now, absl::Time at) {
                            return now.FailBooking(by, why, at);
                          })};
  }
  state.set_booking_id(held->booking.booking.uuid().ToBytes());
  state.set_hold_token(held->hold_token);
  // "book" finds out by itself when the referral has moved on, and lets the seat go.
  return saga::Next{.step = "book",
                    .state = state.SerializeAsString(),
                    .effect = Effect(saga, [by = saga.saga_id, booking = held->booking](
                                               const Referral& now, absl::Time at) {
                      return now.HoldSlot(by, booking, at);
                    })};
}

absl::StatusOr<saga::Next> BookingSaga::Book(const saga::Saga& saga) {
  ASSIGN_OR_RETURN(BookingSagaState state, StateOf(saga));
  ASSIGN_OR_RETURN(const BookingId booking, FromState<BookingId>(state.booking_id()));
  ASSIGN_OR_RETURN(const std::optional<Referral> referral, Read(ReferralId(saga.aggregate_id)));
  const bool ours = referral && referral->booking && referral->booking->booking == booking &&
                    referral->HeldBy(saga.saga_id);
  if (!ours) return saga::Next{.step = "release", .state = state.SerializeAsString()};

  const absl::Status booked = deps_.seats.Book(RequestOf(saga, state), booking, state.hold_token());
  if (!booked.ok()) {
    if (!IsFinal(booked, saga.attempt)) return booked;
    // The hold ran out: the referral goes back to ACCEPTED and the next round holds anew.
    state.set_round(state.round() + 1);
    state.clear_booking_id();
    state.clear_hold_token();
    return saga::Next{
        .step = "hold",
        .state = state.SerializeAsString(),
        .effect = Effect(saga, [by = saga.saga_id](const Referral& now, absl::Time at) {
          return now.LoseHold(by, at);
        })};
  }
  // Withdrawn between the booking and this transaction: the withdrawal itself started a release of
  // this booking.
  return saga::Next{.effect = Effect(saga, [by = saga.saga_id](const Referral& now, absl::Time at) {
                      return now.ConfirmBooking(by, at);
                    })};
}

absl::StatusOr<saga::Next> BookingSaga::Exchange(const saga::Saga& saga) {
  ASSIGN_OR_RETURN(const BookingSagaState state, StateOf(saga));
  ASSIGN_OR_RETURN(const BookingId booking, FromState<BookingId>(state.booking_id()));
  ASSIGN_OR_RETURN(const SeatBooking::Wish wish, WishOf(saga, state));
  // Asked again after a crash the answer is the first one; withdrawn meanwhile the booking is
  // cancelled, whichever seat it is on.
  const absl::StatusOr<BookingReference> moved =
      deps_.seats.Reschedule(RequestOf(saga, state), booking, wish);
  if (moved.ok()) {
    return saga::Next{.effect = Effect(saga, [by = saga.saga_id, seat = *moved](const Referral& now,
                                                                                absl::Time at) {
                        return now.ConfirmMove(by, seat, at);
                      })};
  }
  if (!IsFinal(moved.status(), saga.attempt)) return moved.status();
  return saga::Next{
      .effect = Effect(
          saga, [by = saga.saga_id, why = BookingFailureOf(moved.status())](
                    const Referral& now, absl::Time at) { return now.FailMove(by, why, at); })};
}

absl::StatusOr<saga::Next> BookingSaga::Release(const saga::Saga& saga) {
  ASSIGN_OR_RETURN(const BookingSagaState state, StateOf(saga));
  ASSIGN_OR_RETURN(const BookingId booking, FromState<BookingId>(state.booking_id()));
  if (booking.is_nil()) return saga::Next{};
  const absl::Status cancelled =
      deps_.seats.Cancel(RequestOf(saga, state), booking, "REFERRAL_WITHDRAWN");
  // NOT_FOUND, or past cancelling: there is nothing to let go.
  if (!cancelled.ok() && !IsFinal(cancelled, saga.attempt)) return cancelled;
  return saga::Next{};
}

absl::StatusOr<saga::Next> BookingSaga::Move(const saga::Saga& saga) {
  ASSIGN_OR_RETURN(const BookingSagaState state, StateOf(saga));
  ASSIGN_OR_RETURN(const BookingId booking, FromState<BookingId>(state.booking_id()));
  const absl::Status moved =
      deps_.seats.Move(RequestOf(saga, state), booking, static_cast<VisitState>(state.visit()));
  // A booking that was moved by hand at the hospital's desk is where it should be, or where its
  // people want it.
  if (!moved.ok() && !IsFinal(moved, saga.attempt)) return moved;
  return saga::Next{};
}

}  // namespace yilian::referral
