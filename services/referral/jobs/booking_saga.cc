#include "services/referral/jobs/booking_saga.h"

#include <fmt/format.h>

#include <utility>

#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
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

// Errors that the callee will give again however often it is asked.
bool IsFinal(const absl::Status& status) {
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
  runner.Define(std::string(kReleaseSeatSaga),
                {{"release", [this](const saga::Saga& saga) { return Release(saga); }}});
  runner.Define(std::string(kMoveVisitSaga),
                {{"move", [this](const saga::Saga& saga) { return Move(saga); }}});
}

absl::StatusOr<saga::Next> BookingSaga::Fail(const saga::Saga& saga) {
  const ReferralId id(saga.aggregate_id);
  return saga::Next{.effect = [this, id](mysql::Session& session) {
    return deps_.store
        .ApplyInJob(session, id, deps_.clock.Now(),
                    [](const Referral& now, absl::Time at) { return now.FailBooking(at); })
        .status();
  }};
}

absl::StatusOr<saga::Next> BookingSaga::Hold(const saga::Saga& saga) {
  ASSIGN_OR_RETURN(BookingSagaState state, StateOf(saga));
  const ReferralId id(saga.aggregate_id);
  std::optional<Referral> referral;
  RETURN_IF_ERROR(mysql::RunRead(deps_.pool, absl::Now() + kStepTime,
                                 [&](mysql::Session& session) -> absl::Status {
                                   ASSIGN_OR_RETURN(referral, deps_.store.Find(session, id));
                                   return absl::OkStatus();
                                 }));
  // A hold that was made and whose answer was lost is found again by its request id: so ask even
  // where the referral has been withdrawn since, and let go below.
  if (!referral) return saga::Next{};
  SeatBooking::Wish wish{.department = referral->receiving_department,
                         .patient = referral->patient,
                         .booking_organization = referral->referring_organization,
                         .referral = id,
                         .green_channel = referral->channel == Channel::kGreen};
  ASSIGN_OR_RETURN(wish.session, FromState<SessionId>(state.session_id()));
  ASSIGN_OR_RETURN(wish.practitioner, FromState<PractitionerId>(state.practitioner_id()));
  const absl::StatusOr<SeatBooking::Held> held = deps_.seats.Hold(RequestOf(saga, state), wish);
  if (!held.ok())
    return IsFinal(held.status()) ? Fail(saga) : absl::StatusOr<saga::Next>(held.status());

  state.set_booking_id(held->booking.booking.uuid().ToBytes());
  state.set_hold_token(held->hold_token);
  const BookingReference booking = held->booking;
  // "book" finds out by itself when the referral has moved on, and lets the seat go.
  return saga::Next{.step = "book",
                    .state = state.SerializeAsString(),
                    .effect = [this, id, booking](mysql::Session& session) {
                      return deps_.store
                          .ApplyInJob(session, id, deps_.clock.Now(),
                                      [&](const Referral& now, absl::Time at) {
                                        return now.HoldSlot(booking, at);
                                      })
                          .status();
                    }};
}

absl::StatusOr<saga::Next> BookingSaga::Book(const saga::Saga& saga) {
  ASSIGN_OR_RETURN(BookingSagaState state, StateOf(saga));
  ASSIGN_OR_RETURN(const BookingId booking, FromState<BookingId>(state.booking_id()));
  const ReferralId id(saga.aggregate_id);
  std::optional<Referral> referral;
  RETURN_IF_ERROR(mysql::RunRead(deps_.pool, absl::Now() + kStepTime,
                                 [&](mysql::Session& session) -> absl::Status {
                                   ASSIGN_OR_RETURN(referral, deps_.store.Find(session, id));
                                   return absl::OkStatus();
                                 }));
  const bool ours = referral && referral->booking && referral->booking->booking == booking &&
                    referral->state == State::kSlotHeld;
  if (!ours) return saga::Next{.step = "release", .state = state.SerializeAsString()};

  const absl::Status booked = deps_.seats.Book(RequestOf(saga, state), booking, state.hold_token());
  if (!booked.ok()) {
    if (!IsFinal(booked)) return booked;
    // The hold ran out: the referral goes back to ACCEPTED and the next round holds anew.
    state.set_round(state.round() + 1);
    state.clear_booking_id();
    state.clear_hold_token();
    return saga::Next{.step = "hold",
                      .state = state.SerializeAsString(),
                      .effect = [this, id](mysql::Session& session) {
                        return deps_.store
                            .ApplyInJob(
                                session, id, deps_.clock.Now(),
                                [](const Referral& now, absl::Time at) { return now.LoseHold(at); })
                            .status();
                      }};
  }
  // Withdrawn between the booking and this transaction: the withdrawal itself started a release of
  // this booking.
  return saga::Next{.effect = [this, id](mysql::Session& session) {
    return deps_.store
        .ApplyInJob(session, id, deps_.clock.Now(),
                    [](const Referral& now, absl::Time at) { return now.ConfirmBooking(at); })
        .status();
  }};
}

absl::StatusOr<saga::Next> BookingSaga::Release(const saga::Saga& saga) {
  ASSIGN_OR_RETURN(const BookingSagaState state, StateOf(saga));
  ASSIGN_OR_RETURN(const BookingId booking, FromState<BookingId>(state.booking_id()));
  if (booking.is_nil()) return saga::Next{};
  const absl::Status cancelled =
      deps_.seats.Cancel(RequestOf(saga, state), booking, "REFERRAL_WITHDRAWN");
  // NOT_FOUND, or past cancelling: there is nothing to let go.
  if (!cancelled.ok() && !IsFinal(cancelled)) return cancelled;
  return saga::Next{};
}

absl::StatusOr<saga::Next> BookingSaga::Move(const saga::Saga& saga) {
  ASSIGN_OR_RETURN(const BookingSagaState state, StateOf(saga));
  ASSIGN_OR_RETURN(const BookingId booking, FromState<BookingId>(state.booking_id()));
  const absl::Status moved =
      deps_.seats.Move(RequestOf(saga, state), booking, static_cast<VisitState>(state.visit()));
  // A booking that was moved by hand at the hospital's desk is where it should be, or where its
  // people want it.
  if (!moved.ok() && !IsFinal(moved)) return moved;
  return saga::Next{};
}

}  // namespace yilian::referral
