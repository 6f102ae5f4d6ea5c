// The seat, the visit, and how it is called off.
#include <gtest/gtest.h>

#include "common/status/matchers.h"
#include "services/referral/domain/lost_seat.h"
#include "services/referral/domain/referral_fixture.h"

namespace yilian::referral {
namespace {

using status::IsOk;
using status::StatusIs;

const base::Uuid kSaga = base::Uuid::V7();

Referral Working(State state) {
  Referral referral = InState(state);
  referral.booking_saga = kSaga;
  if (state != State::kAccepted) referral.booking = Booked();
  return referral;
}

TEST(Booking, GoesThroughSlotHeldToScheduled) {
  const Referral held = Working(State::kAccepted).HoldSlot(kSaga, Booked(), kMonday)->after;
  EXPECT_EQ(held.state, State::kSlotHeld);
  const Referral booked = held.ConfirmBooking(kSaga, kMonday)->after;
  EXPECT_EQ(booked.state, State::kScheduled);
  EXPECT_EQ(booked.booking->seat_number, 3);
  EXPECT_TRUE(booked.booking_saga.is_nil());
}

TEST(Booking, OnlyTheSagaThatTheReferralNamesHasAnEffect) {
  const base::Uuid late = base::Uuid::V7();
  EXPECT_FALSE(Working(State::kAccepted).HoldSlot(late, Booked(), kMonday).has_value());
  EXPECT_FALSE(Working(State::kSlotHeld).ConfirmBooking(late, kMonday).has_value());
  EXPECT_FALSE(Working(State::kSlotHeld).LoseHold(late, kMonday).has_value());
  EXPECT_FALSE(
      Working(State::kAccepted).FailBooking(late, BookingFailure::kNoSeat, kMonday).has_value());
  EXPECT_FALSE(Working(State::kScheduled)
                   .ConfirmMove(late, *Working(State::kScheduled).booking, kMonday)
                   .has_value());
  EXPECT_FALSE(
      Working(State::kScheduled).FailMove(late, BookingFailure::kNoSeat, kMonday).has_value());
  EXPECT_FALSE(InState(State::kCancelled).HoldSlot(base::Uuid(), Booked(), kMonday).has_value());
}

TEST(Booking, ASeatHeldBeforeSagasWereNamedIsBookedAllTheSame) {
  Referral before = Working(State::kSlotHeld);
  before.booking_saga = base::Uuid();
  EXPECT_EQ(before.ConfirmBooking(kSaga, kMonday)->after.state, State::kScheduled);
}

TEST(Booking, WithoutASeatItWaitsForAnother) {
  const Referral failed =
      Working(State::kAccepted).FailBooking(kSaga, BookingFailure::kPatientOverlap, kMonday)->after;
  EXPECT_EQ(failed.state, State::kAccepted);
  EXPECT_TRUE(failed.booking_saga.is_nil());
  EXPECT_EQ(failed.booking_failure, BookingFailure::kPatientOverlap);
  const auto again = failed.Schedule(kTownship, {}, kMonday);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->after.booking_failure, BookingFailure::kNone) << "another seat is asked for";
}

TEST(Booking, ASeatWhoseSessionIsCancelledIsLookedForAgain) {
  Referral scheduled = InState(State::kScheduled);
  scheduled.booking = Booked();
  const Change lost = *LoseSeat(scheduled, scheduled.booking->booking, kMonday);
  EXPECT_EQ(lost.after.state, State::kAccepted);
  EXPECT_FALSE(lost.after.booking.has_value());
  ASSERT_TRUE(lost.start_booking.has_value());
  EXPECT_TRUE(lost.start_booking->session.is_nil());
  EXPECT_FALSE(lost.after.booking_saga.is_nil());
  EXPECT_EQ(lost.events.back(), "ReferralSeatCancelled");
}

TEST(Booking, AnotherSeatOrAPatientWhoIsThereIsNotLost) {
  Referral scheduled = InState(State::kScheduled);
  scheduled.booking = Booked();
  EXPECT_FALSE(LoseSeat(scheduled, BookingId(base::Uuid::V7()), kMonday).has_value());
  for (const State state : {State::kSlotHeld, State::kArrived, State::kCancelled}) {
    Referral other = InState(state);
    other.booking = Booked();
    EXPECT_FALSE(LoseSeat(other, other.booking->booking, kMonday).has_value());
  }
}

TEST(Reschedule, ShowsTheOldSeatUntilTheNewOneIsThere) {
  Referral scheduled = InState(State::kScheduled);
  scheduled.booking = Booked();
  const Change asked = *scheduled.Reschedule(kTownship, {}, kMonday);
  EXPECT_TRUE(asked.move_booking.has_value());
  EXPECT_EQ(asked.after.state, State::kScheduled);
  EXPECT_EQ(asked.after.booking, scheduled.booking);
  BookingReference other = *scheduled.booking;
  other.seat_number = 9;
  const Referral moved = asked.after.ConfirmMove(asked.after.booking_saga, other, kMonday)->after;
  EXPECT_EQ(moved.booking->seat_number, 9);
  EXPECT_TRUE(moved.booking_saga.is_nil());
  const Referral kept =
      asked.after.FailMove(asked.after.booking_saga, BookingFailure::kNoSeat, kMonday)->after;
  EXPECT_EQ(kept.booking, scheduled.booking);
  EXPECT_EQ(kept.booking_failure, BookingFailure::kNoSeat);
}

TEST(Reschedule, IsStillHeardOfAfterThePatientArrived) {
  Referral scheduled = Working(State::kScheduled);
  const Referral arrived = scheduled.Arrive(kHospital, TestDeadlines(), kMonday)->after;
  BookingReference other = *scheduled.booking;
  other.seat_number = 9;
  const Referral moved = arrived.ConfirmMove(kSaga, other, kMonday)->after;
  EXPECT_EQ(moved.state, State::kArrived);
  EXPECT_EQ(moved.booking->seat_number, 9);
}

TEST(Withdraw, LetsTheSeatGoAndTheSagaIsNoLongerItsOwn) {
  const Referral referral = Working(State::kScheduled);
  const Change change = *referral.Withdraw(kTownship, ReasonCode::kPatientDeclined, "", kMonday);
  EXPECT_EQ(change.release_booking, referral.booking->booking);
  EXPECT_FALSE(change.after.booking.has_value());
  EXPECT_TRUE(change.after.booking_saga.is_nil());
}

TEST(MarkNoShow, NotBeforeTheBookedTime) {
  Referral referral = InState(State::kScheduled);
  referral.booking = Booked(kMonday + absl::Hours(1));
  EXPECT_THAT(referral.MarkNoShow(kHospital, TestDeadlines(), kMonday),
              StatusIs(absl::StatusCode::kFailedPrecondition, "TOO_EARLY"));
  const Change late = *referral.MarkNoShow(kHospital, TestDeadlines(), kMonday + absl::Hours(1));
  EXPECT_EQ(late.visit, VisitState::kNoShow);
  EXPECT_EQ(late.after.owner(), kTownship.organization);
  EXPECT_EQ(late.after.clock(), ClockKind::kRebooking);
  EXPECT_EQ(late.after.due_at, kMonday + absl::Hours(49));
}

// The patient did not come; the township asks for another seat an hour later.
Referral RebookingAsked() {
  Referral referral = InState(State::kScheduled);
  referral.booking = Booked();
  const Referral missed = referral.MarkNoShow(kHospital, TestDeadlines(), kMonday)->after;
  return missed.Schedule(kTownship, {}, kMonday + absl::Hours(1))->after;
}

TEST(MarkNoShow, WithoutAnotherSeatTheReferrerHasWhatWasLeftOfItsTime) {
  const Referral asked = RebookingAsked();
  EXPECT_EQ(asked.state, State::kAccepted);
  EXPECT_FALSE(asked.due_at.has_value());
  const absl::Time failed_at = kMonday + absl::Hours(3);
  const Referral failed =
      asked.FailBooking(asked.booking_saga, BookingFailure::kNoSeat, failed_at)->after;
  EXPECT_EQ(failed.state, State::kNoShow);
  EXPECT_EQ(failed.owner(), kTownship.organization);
  EXPECT_EQ(failed.clock(), ClockKind::kRebooking);
  EXPECT_EQ(failed.due_at, failed_at + absl::Hours(47));
  EXPECT_EQ(failed.clock_started_at, failed_at - absl::Hours(1));
  EXPECT_THAT(failed.Schedule(kTownship, {}, failed_at), IsOk());
}

TEST(MarkNoShow, ALostHoldStillLeadsBackAndABookingEndsIt) {
  const Referral asked = RebookingAsked();
  const base::Uuid saga = asked.booking_saga;
  const Referral held = asked.HoldSlot(saga, Booked(), kMonday)->after;
  const Referral lost = held.LoseHold(saga, kMonday)->after;
  EXPECT_EQ(lost.FailBooking(saga, BookingFailure::kNoSeat, kMonday)->after.state, State::kNoShow);
  const Referral booked = held.ConfirmBooking(saga, kMonday)->after;
  EXPECT_FALSE(booked.no_show_at.has_value());
  EXPECT_FALSE(booked.due_at.has_value());
}

TEST(MarkNoShow, ARedirectWhileAnotherSeatIsSoughtGivesTheNewReceiverItsOwnTime) {
  const absl::Time at = kMonday + absl::Hours(2);
  const Referral redirected =
      RebookingAsked()
          .Redirect(kHospital, kOtherHospital.organization, DepartmentId(base::Uuid::V7()),
                    ReasonCode::kNoCapacity, "", TestDeadlines(), at)
          ->after;
  EXPECT_EQ(redirected.clock_started_at, at);
  EXPECT_FALSE(redirected.no_show_at.has_value());
}

Referral Arrived() {
  Referral referral = InState(State::kScheduled);
  referral.booking = Booked();
  return referral.Arrive(kHospital, TestDeadlines(), kMonday)->after;
}

Referral Asked(const Referral& referral, absl::Time at) {
  return referral
      .RequestCancellation(kTownship, ReasonCode::kConditionChanged, "家属要求", TestDeadlines(),
                           at)
      ->after;
}

TEST(Cancellation, TheReceiverOwesAnAnswerInFourHours) {
  const Referral asked = Asked(Arrived(), kMonday + absl::Hours(2));
  EXPECT_EQ(asked.state, State::kArrived);
  EXPECT_EQ(asked.clock(), ClockKind::kCancellationAnswer);
  EXPECT_EQ(asked.due_at, kMonday + absl::Hours(6));
}

TEST(Cancellation, ConfirmedItIsCancelledForTheReasonThatWasGiven) {
  const Change confirmed = *Asked(Arrived(), kMonday).ConfirmCancellation(kHospital, kMonday);
  EXPECT_EQ(confirmed.after.state, State::kCancelled);
  EXPECT_EQ(confirmed.after.reason, ReasonCode::kConditionChanged);
  EXPECT_EQ(confirmed.visit, VisitState::kDone);
  EXPECT_FALSE(confirmed.after.due_at.has_value());
}

TEST(Cancellation, RefusedTheLettersClockHasRunOnMeanwhile) {
  const Referral arrived = Arrived();  // the letter is owed in 24 h
  const Referral asked = Asked(arrived, kMonday + absl::Hours(2));
  const Referral refused =
      asked.RefuseCancellation(kHospital, "已开始治疗", kMonday + absl::Hours(5))->after;
  EXPECT_EQ(refused.state, State::kArrived);
  EXPECT_EQ(refused.clock(), ClockKind::kOutcomeLetter);
  EXPECT_EQ(refused.due_at, arrived.due_at);
  EXPECT_EQ(refused.clock_started_at, arrived.clock_started_at);
  EXPECT_FALSE(refused.cancellation.has_value());
}

TEST(Cancellation, DoesNotGiveTheLetterMoreTime) {
  const Referral asked = Asked(Arrived(), kMonday + absl::Hours(23));
  EXPECT_TRUE(
      asked.Complete(kHospital, "已出院", kMonday + absl::Hours(24))->after.completed_in_time);
  EXPECT_FALSE(asked.Complete(kHospital, "已出院", kMonday + absl::Hours(24) + absl::Seconds(1))
                   ->after.completed_in_time);
}

TEST(Complete, ADownReferralHasNoFollowUpLeft) {
  const Referral open = InState(State::kAccepted, Direction::kDown);
  EXPECT_THAT(open.Complete(kHospital, "随访结束", kMonday),
              StatusIs(absl::StatusCode::kFailedPrecondition, "INCOMPLETE"));
}

}  // namespace
}  // namespace yilian::referral
