// When the visit is over and the letter is owed: stays, discharges and their cancelling, and the
// way back that a discharge drafts.
#include <utility>

#include "common/base/status_macros.h"
#include "services/referral/domain/errors.h"
#include "services/referral/domain/referral.h"
#include "services/referral/domain/referral_store.h"

namespace yilian::referral {
namespace {

bool IsThere(const Referral& referral) {
  return referral.state == State::kArrived || referral.state == State::kInCare;
}

// Since when the letter is owed; behind a cancellation its clock is told from the asking.
absl::Time OwedSince(const Referral& referral) {
  return referral.cancellation ? referral.cancellation->asked_at - referral.paused_clock->ran
                               : *referral.clock_started_at;
}

}  // namespace

void Change::StartLetter(absl::Time from, absl::Time due) {
  if (!after.cancellation) {
    StartClock(from, due);
    return;
  }
  const absl::Time asked = after.cancellation->asked_at;
  after.paused_clock = PausedClock{.ran = asked - from, .left = due - asked};
}

void Change::StopLetter(absl::Time at) {
  // Or who is late would say that the patient is still there, and be in time.
  const std::optional<absl::Time> due = after.letter_due_at();
  if (due && *due < at && !after.letter_missed_since) after.letter_missed_since = OwedSince(after);
  if (after.cancellation) {
    after.paused_clock.reset();
  } else {
    StopClock();
  }
}

bool Referral::letter_owed() const {
  return IsThere(*this) && (cancellation ? paused_clock.has_value() : due_at.has_value());
}

std::optional<absl::Time> Referral::letter_due_at() const {
  if (!letter_owed()) return std::nullopt;
  return cancellation ? cancellation->asked_at + paused_clock->left : *due_at;
}

bool Referral::stays() const { return IsThere(*this) && !letter_owed(); }

bool Referral::LetterRunsFromArrival() const {
  return letter_owed() && arrived_at && OwedSince(*this) == *arrived_at;
}

absl::StatusOr<Change> Referral::EndStay(const Actor& by, const Deadlines& deadlines,
                                         absl::Time at) const {
  ASSIGN_OR_RETURN(Change change, Apply(Command::kEndStay, by, "ReferralDischarged", at));
  change.StartLetter(at, deadlines.OutcomeLetter(at));
  return change;
}

absl::StatusOr<Change> Referral::ContinueStay(const Actor& by, absl::Time at) const {
  ASSIGN_OR_RETURN(Change change, Apply(Command::kContinueStay, by, "ReferralStayContinued", at));
  change.StopLetter(at);
  return change;
}

std::optional<Change> Referral::NoteDischarge(const Deadlines& deadlines, absl::Time at) const {
  // Who came for a visit and was kept: the letter is about the stay.
  if (!stays() && !LetterRunsFromArrival()) return std::nullopt;
  Change change = Next("ReferralDischarged", at);
  change.StartLetter(at, deadlines.OutcomeLetter(at));
  return change;
}

std::optional<Change> Referral::NoteStay(absl::Time at) const {
  if (!letter_owed()) return std::nullopt;
  Change change = Next("ReferralStayContinued", at);
  change.StopLetter(at);
  return change;
}

std::optional<Change> Referral::OweLetter(const Deadlines& deadlines, absl::Time at) const {
  if (!stays()) return std::nullopt;
  Change change = Next("ReferralStayNotEnded", at);
  change.StartLetter(at, deadlines.OutcomeLetter(at));
  return change;
}

absl::Status Check(const Discharge& discharge, absl::Time now) {
  if (discharge.recorded_at <= now + kClockDifference) return absl::OkStatus();
  return errors::FieldInvalid({{"recorded_at", "is not in the future"}});
}

absl::StatusOr<Change> Referral::DraftDischarge(ReferralId draft, TaskId first_task,
                                                std::string episode, const Deadlines& deadlines,
                                                absl::Time at) const {
  const absl::CivilDay today = deadlines.calendar().DayOf(at);
  NewReferral down{
      .id = draft,
      .patient = patient,
      .direction = Direction::kDown,
      .channel = Channel::kStandard,
      .setting = setting,
      .urgency = Urgency::kRoutine,
      .receiving_organization = referring_organization,
      .care_plan =
          CarePlan{.tasks = {{.id = first_task,
                              .instruction = "出院后首次随访",
                              .due_date = today + deadlines.defaults().first_follow_up_days}}},
      .follows = id,
      .source = Source{.kind = SourceKind::kEpisode, .id = std::move(episode)}};
  ASSIGN_OR_RETURN(
      Change change,
      CreateReferral(down, Actor{.organization = receiving_organization}, deadlines, at));
  change.StartClock(at, deadlines.OutcomeLetter(at));
  return change;
}

std::optional<Change> Referral::NoteDischargeCancelled(bool worked_on, absl::Time at) const {
  if (state != State::kDraft) return std::nullopt;
  Change change = Next(worked_on ? "ReferralDischargeCancelled" : "ReferralWithdrawn", at);
  if (!worked_on) change.after.state = State::kCancelled;
  change.after.reason = ReasonCode::kDischargeCancelled;
  change.StopClock();
  return change;
}

std::optional<Change> Referral::NoteDischargedAgain(const Deadlines& deadlines,
                                                    absl::Time at) const {
  if (state != State::kDraft || reason != ReasonCode::kDischargeCancelled) return std::nullopt;
  Change change = Next("ReferralDischarged", at);
  change.after.reason = ReasonCode::kNone;
  change.StartClock(at, deadlines.OutcomeLetter(at));
  return change;
}

Change Referral::SentAs(Change opened) const {
  opened.after.id = id;
  opened.after.version = version + 1;
  opened.after.source = source;
  opened.events = {"ReferralSubmitted"};
  return opened;
}

}  // namespace yilian::referral
