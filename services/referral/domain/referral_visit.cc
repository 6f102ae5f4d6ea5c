// From the booking to the outcome letter: the visit, its seat, and how it is called off.
#include <utility>

#include "common/base/status_macros.h"
#include "services/referral/domain/errors.h"
#include "services/referral/domain/referral.h"

namespace yilian::referral {

absl::StatusOr<Change> Referral::Schedule(const Actor& by, const SeatWish& wish,
                                          absl::Time at) const {
  ASSIGN_OR_RETURN(Change change, Apply(Command::kSchedule, by, "ReferralBookingAsked", at));
  // From NO_SHOW the clock to rebook goes on where no seat is found; after an acceptance what is
  // left of the first one waits for a redirect.
  if (due_at) change.PauseClock(at);
  change.after.booking.reset();
  change.start_booking = wish;
  change.BeginBooking();
  return change;
}

absl::StatusOr<Change> Referral::Reschedule(const Actor& by, const SeatWish& wish,
                                            absl::Time at) const {
  ASSIGN_OR_RETURN(Change change, Apply(Command::kReschedule, by, "ReferralRescheduleAsked", at));
  change.move_booking = wish;
  change.BeginBooking();
  return change;
}

absl::StatusOr<Change> Referral::Arrive(const Actor& by, const Deadlines& deadlines,
                                        absl::Time at) const {
  ASSIGN_OR_RETURN(Change change, Apply(Command::kArrive, by, "ReferralArrived", at));
  change.after.arrived_at = at;
  // Whoever is there needs no seat any more; a seat that is being moved is still theirs.
  if (!booking) change.after.booking_saga = base::Uuid();
  if (booking) change.visit = VisitState::kCheckedIn;
  change.StartClock(at, deadlines.OutcomeLetter(at));
  return change;
}

absl::StatusOr<Change> Referral::MarkNoShow(const Actor& by, const Deadlines& deadlines,
                                            absl::Time at) const {
  ASSIGN_OR_RETURN(Change change, Apply(Command::kMarkNoShow, by, "ReferralNoShow", at));
  if (booking && at < booking->starts_at) return errors::TooEarly(booking->starts_at);
  if (booking) change.visit = VisitState::kNoShow;
  change.after.no_show_at = at;
  change.StartClock(at, deadlines.AnswerToReturn(at));
  return change;
}

absl::StatusOr<Change> Referral::BeginCare(const Actor& by, absl::Time at) const {
  ASSIGN_OR_RETURN(Change change, Apply(Command::kBeginCare, by, "ReferralCareBegun", at));
  // An admission lasts as long as it must; its letter is owed when it ends, which may have been
  // told already. Since the arrival none was, so that none was missed, however late this is said.
  if (setting == Setting::kInpatient && LetterRunsFromArrival()) change.StopLetter(*arrived_at);
  return change;
}

absl::StatusOr<Change> Referral::Complete(const Actor& by, std::string letter,
                                          absl::Time at) const {
  ASSIGN_OR_RETURN(Change change, Apply(Command::kComplete, by, "ReferralCompleted", at));
  Referral& next = change.after;
  if (care_plan) {
    errors::Violations open;
    for (const FollowUpTask& task : care_plan->tasks) {
      if (task.state == TaskState::kDone) continue;
      open.emplace_back("follow_up_task " + task.id.ToString(),
                        "is done before the down-referral is completed");
    }
    if (!open.empty()) return errors::Incomplete(open);
  }
  const std::optional<absl::Time> letter_due = letter_due_at();
  next.outcome_letter = std::move(letter);
  next.completed_at = at;
  next.completed_in_time = !letter_missed_since && (!letter_due || at <= *letter_due);
  next.cancellation.reset();
  if (booking) change.visit = VisitState::kDone;
  change.StopClock();
  return change;
}

absl::StatusOr<Change> Referral::Withdraw(const Actor& by, ReasonCode code, std::string comment,
                                          absl::Time at) const {
  ASSIGN_OR_RETURN(Change change, Apply(Command::kWithdraw, by, "ReferralWithdrawn", at));
  change.after.reason = code;
  change.after.reason_comment = std::move(comment);
  change.after.booking_saga = base::Uuid();
  change.StopClock();
  if (booking && (state == State::kSlotHeld || state == State::kScheduled)) {
    change.release_booking = booking->booking;
    change.after.booking.reset();
  }
  return change;
}

absl::StatusOr<Change> Referral::RequestCancellation(const Actor& by, ReasonCode code,
                                                     std::string comment,
                                                     const Deadlines& deadlines,
                                                     absl::Time at) const {
  ASSIGN_OR_RETURN(Change change,
                   Apply(Command::kRequestCancellation, by, "ReferralCancellationRequested", at));
  change.PauseClock(at);
  const std::optional<PausedClock> letter = change.after.paused_clock;
  change.StartClock(at, deadlines.CancellationAnswer(at));
  change.after.paused_clock = letter;
  change.after.cancellation =
      CancellationRequest{.reason = code, .comment = std::move(comment), .asked_at = at};
  return change;
}

absl::StatusOr<Change> Referral::ConfirmCancellation(const Actor& by, absl::Time at) const {
  ASSIGN_OR_RETURN(Change change,
                   Apply(Command::kConfirmCancellation, by, "ReferralCancelled", at));
  change.after.reason = cancellation->reason;
  change.after.reason_comment = cancellation->comment;
  change.after.cancellation.reset();
  // The patient was there: the seat was used.
  if (booking) change.visit = VisitState::kDone;
  change.StopClock();
  return change;
}

absl::StatusOr<Change> Referral::RefuseCancellation(const Actor& by, std::string comment,
                                                    absl::Time at) const {
  ASSIGN_OR_RETURN(Change change,
                   Apply(Command::kRefuseCancellation, by, "ReferralCancellationRefused", at));
  change.after.reason_comment = std::move(comment);
  change.after.cancellation.reset();
  // The letter's clock went on meanwhile: asking does not give the receiver more time.
  std::optional<PausedClock> letter = paused_clock;
  if (letter) {
    const absl::Duration waited = at - cancellation->asked_at;
    letter->ran += waited;
    letter->left = letter->left - waited;
  }
  change.after.paused_clock = letter;
  change.ResumeClock(at);
  return change;
}

absl::StatusOr<Change> Referral::OpenDownReferral(NewReferral down, const Actor& by,
                                                  const Deadlines& deadlines, absl::Time at) const {
  down.patient = patient;
  down.follows = id;
  down.urgency = urgency;
  down.setting = setting;
  ASSIGN_OR_RETURN(Change created, CreateReferral(down, by, deadlines, at));
  ASSIGN_OR_RETURN(
      Change submitted,
      created.after.Submit(by, Submission{.consented = patient_consented}, deadlines, at));
  submitted.events.insert(submitted.events.begin(), created.events[0]);
  return submitted;
}

std::optional<Change> Referral::HoldSlot(const base::Uuid& saga, const BookingReference& held,
                                         absl::Time at) const {
  if (state != State::kAccepted || booking_saga != saga) return std::nullopt;
  Change change = Next("ReferralSlotHeld", at);
  change.after.state = State::kSlotHeld;
  change.after.booking = held;
  return change;
}

std::optional<Change> Referral::ConfirmBooking(const base::Uuid& saga, absl::Time at) const {
  if (!HeldBy(saga)) return std::nullopt;
  Change change = Next("ReferralScheduled", at);
  change.after.state = State::kScheduled;
  change.after.no_show_at.reset();
  change.after.booking_saga = base::Uuid();
  change.StopClock();
  return change;
}

std::optional<Change> Referral::LoseHold(const base::Uuid& saga, absl::Time at) const {
  if (!HeldBy(saga)) return std::nullopt;
  Change change = Next("ReferralHoldLost", at);
  change.after.state = State::kAccepted;
  change.after.booking.reset();
  return change;
}

std::optional<Change> Referral::FailBooking(const base::Uuid& saga, BookingFailure why,
                                            absl::Time at) const {
  if (state != State::kAccepted || booking_saga != saga) return std::nullopt;
  Change change = Next("ReferralBookingFailed", at);
  change.after.booking_failure = why;
  change.after.booking.reset();
  change.after.booking_saga = base::Uuid();
  if (no_show_at) {
    // It is the referrer's again, with what was left to them.
    change.after.state = State::kNoShow;
    change.ResumeClock(at);
  }
  return change;
}

std::optional<Change> Referral::ConfirmMove(const base::Uuid& saga, const BookingReference& moved,
                                            absl::Time at) const {
  if (booking_saga != saga || !booking || booking->booking != moved.booking) return std::nullopt;
  Change change = Next("ReferralRescheduled", at);
  change.after.booking = moved;
  change.after.booking_saga = base::Uuid();
  return change;
}

std::optional<Change> Referral::FailMove(const base::Uuid& saga, BookingFailure why,
                                         absl::Time at) const {
  if (booking_saga != saga) return std::nullopt;
  Change change = Next("ReferralRescheduleFailed", at);
  change.after.booking_failure = why;
  change.after.booking_saga = base::Uuid();
  return change;
}

}  // namespace yilian::referral
