#include "services/referral/domain/referral.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "services/referral/domain/command_table.h"
#include "services/referral/domain/errors.h"

namespace yilian::referral {
namespace {

std::string_view NameOf(TaskState state) {
  return state == TaskState::kDone ? "DONE" : state == TaskState::kOverdue ? "OVERDUE" : "OPEN";
}

// What the receiver needs to see before it can decide; a department's own list comes from the
// service catalogue later.
errors::Violations MissingItems(const Referral& referral) {
  errors::Violations missing;
  if (!referral.patient_consented) {
    missing.emplace_back("patient_consented",
                         "the patient agreed to the referral and to the sharing of their data");
  }
  if (referral.direction == Direction::kDown) return missing;
  if (referral.summary.complaint.empty()) {
    missing.emplace_back("summary.complaint", "the chief complaint is given");
  }
  if (referral.summary.diagnosis_code.empty() && referral.summary.diagnosis_display.empty()) {
    missing.emplace_back("summary.diagnosis",
                         "a provisional diagnosis is given, as a code or in words");
  }
  if (referral.setting == Setting::kInpatient && referral.summary.history.empty()) {
    missing.emplace_back("summary.history", "the history is given when a bed is asked for");
  }
  return missing;
}

void CheckCarePlan(const CarePlan& plan, const Deadlines& deadlines, absl::Time at,
                   errors::Violations& violations) {
  const absl::CivilDay today = deadlines.calendar().DayOf(at);
  const int limit = deadlines.defaults().first_follow_up_days;
  absl::CivilDay first = absl::CivilDay::max();
  for (size_t i = 0; i < plan.tasks.size(); ++i) {
    first = std::min(first, plan.tasks[i].due_date);
    if (plan.tasks[i].due_date < today) {
      violations.emplace_back(fmt::format("care_plan.tasks[{}].due_date", i), "is today or later");
    }
  }
  if (plan.tasks.empty()) {
    violations.emplace_back("care_plan.tasks", "at least one follow-up task is given");
  } else if (first > today + limit) {
    violations.emplace_back(
        "care_plan.tasks",
        fmt::format("the first follow-up is due within {} days of the discharge", limit));
  }
}

}  // namespace

std::string Referral::etag() const { return fmt::format("v{}", version); }

std::optional<Side> Referral::SideOf(OrganizationId organization) const {
  if (organization == referring_organization) return Side::kReferring;
  // A draft is the referrer's own business.
  if (organization == receiving_organization && state != State::kDraft && submitted_at)
    return Side::kReceiving;
  return std::nullopt;
}

std::vector<Command> Referral::AvailableTo(const Actor& by) const {
  const std::optional<Side> side = SideOf(by.organization);
  return side ? AvailableCommands(state, *side, direction, channel) : std::vector<Command>{};
}

bool Referral::BooksOnAcceptance() const {
  return direction != Direction::kDown && channel == Channel::kGreen &&
         setting != Setting::kEmergency;
}

void Change::StartClock(absl::Time from, absl::Time due) {
  after.clock_started_at = from;
  after.due_at = due;
  after.escalation_tier = 0;
}

void Change::StopClock() {
  after.clock_started_at.reset();
  after.due_at.reset();
  after.escalation_tier = 0;
}

Change Referral::Next(std::string_view event, absl::Time at) const {
  Change change{.after = *this, .events = {std::string(event)}};
  change.after.updated_at = at;
  ++change.after.version;
  return change;
}

absl::StatusOr<Change> Referral::Apply(Command command, const Actor& by, std::string_view event,
                                       absl::Time at) const {
  const std::optional<Side> side = SideOf(by.organization);
  if (!side) return errors::NotFound();
  const CommandRule* rule = FindRule(state, command, direction, channel);
  if (rule == nullptr) return errors::CommandNotAvailable(command, state, AvailableTo(by));
  if (rule->side && *rule->side != *side) return errors::NotYourSide(command, *rule->side);
  Change change = Next(event, at);
  change.after.state = rule->to;
  return change;
}

absl::StatusOr<Change> CreateReferral(const NewReferral& input, const Actor& by,
                                      const Deadlines& deadlines, absl::Time at) {
  errors::Violations violations;
  if (input.receiving_organization == by.organization) {
    violations.emplace_back("receiving_organization_id",
                            "is another organization than the referring one");
  }
  const bool down = input.direction == Direction::kDown;
  if (!down && input.receiving_department.is_nil()) {
    violations.emplace_back("receiving_department_id", "is given, but for a down-referral");
  }
  if (down && !input.care_plan) {
    violations.emplace_back("care_plan", "is given for a down-referral");
  }
  if (!down && input.care_plan) {
    violations.emplace_back("care_plan", "is given for a down-referral only");
  }
  if (down && input.channel == Channel::kGreen) {
    violations.emplace_back("channel", "is STANDARD for a down-referral");
  }
  if (input.care_plan) CheckCarePlan(*input.care_plan, deadlines, at, violations);
  if (!violations.empty()) return errors::FieldInvalid(violations);

  Change change{.events = {"ReferralCreated"}};
  Referral& draft = change.after;
  draft.id = input.id;
  draft.patient = input.patient;
  draft.direction = input.direction;
  draft.channel = input.channel;
  draft.setting = input.setting;
  draft.urgency = input.urgency;
  draft.referring_organization = by.organization;
  draft.referring_practitioner = by.practitioner;
  draft.receiving_organization = input.receiving_organization;
  draft.receiving_department = input.receiving_department;
  draft.summary = input.summary;
  draft.citations = input.citations;
  draft.care_plan = input.care_plan;
  draft.follows = input.follows;
  draft.updated_at = at;
  draft.version = 1;
  return change;
}

absl::StatusOr<Change> Referral::Submit(const Actor& by, bool consented,
                                        const std::optional<ClinicalSummary>& new_summary,
                                        const Deadlines& deadlines, absl::Time at) const {
  ASSIGN_OR_RETURN(Change change, Apply(Command::kSubmit, by, "ReferralSubmitted", at));
  Referral& next = change.after;
  next.patient_consented = patient_consented || consented;
  if (new_summary) next.summary = *new_summary;
  if (const errors::Violations missing = MissingItems(next); !missing.empty())
    return errors::Incomplete(missing);
  next.reason = ReasonCode::kNone;
  next.reason_comment.clear();
  const absl::Time due = deadlines.FirstResponse(direction, channel, urgency, at);
  if (!submitted_at) {
    next.submitted_at = at;
    next.response_due_at = due;
  }
  change.StartClock(at, due);
  return change;
}

absl::StatusOr<Change> Referral::Return(const Actor& by, ReasonCode code, std::string comment,
                                        const Deadlines& deadlines, absl::Time at) const {
  ASSIGN_OR_RETURN(Change change, Apply(Command::kReturn, by, "ReferralReturned", at));
  change.after.reason = code;
  change.after.reason_comment = std::move(comment);
  if (!first_response_at) change.after.first_response_at = at;
  change.StartClock(at, deadlines.AnswerToReturn(at));
  return change;
}

absl::StatusOr<Change> Referral::Accept(const Actor& by, std::optional<Urgency> raised,
                                        const SeatWish& wish, absl::Time at) const {
  ASSIGN_OR_RETURN(Change change, Apply(Command::kAccept, by, "ReferralAccepted", at));
  if (raised) {
    if (*raised < urgency) {
      return errors::FieldInvalid({{"raised_urgency", "is not below the referrer's urgency"}});
    }
    change.after.urgency = *raised;
  }
  if (!first_response_at) change.after.first_response_at = at;
  change.StopClock();
  if (BooksOnAcceptance()) change.start_booking = wish;
  return change;
}

absl::StatusOr<Change> Referral::Reject(const Actor& by, ReasonCode code, std::string comment,
                                        absl::Time at) const {
  ASSIGN_OR_RETURN(Change change, Apply(Command::kReject, by, "ReferralRejected", at));
  change.after.reason = code;
  change.after.reason_comment = std::move(comment);
  if (!first_response_at) change.after.first_response_at = at;
  change.StopClock();
  return change;
}

absl::StatusOr<Change> Referral::Schedule(const Actor& by, const SeatWish& wish,
                                          absl::Time at) const {
  ASSIGN_OR_RETURN(Change change, Apply(Command::kSchedule, by, "ReferralBookingAsked", at));
  change.StopClock();
  change.after.booking.reset();
  change.start_booking = wish;
  return change;
}

absl::StatusOr<Change> Referral::Arrive(const Actor& by, const Deadlines& deadlines,
                                        absl::Time at) const {
  ASSIGN_OR_RETURN(Change change, Apply(Command::kArrive, by, "ReferralArrived", at));
  change.after.arrived_at = at;
  if (booking) change.visit = VisitState::kCheckedIn;
  change.StartClock(at, deadlines.OutcomeLetter(at));
  return change;
}

absl::StatusOr<Change> Referral::MarkNoShow(const Actor& by, const Deadlines& deadlines,
                                            absl::Time at) const {
  ASSIGN_OR_RETURN(Change change, Apply(Command::kMarkNoShow, by, "ReferralNoShow", at));
  if (booking) change.visit = VisitState::kNoShow;
  change.StartClock(at, deadlines.AnswerToReturn(at));
  return change;
}

absl::StatusOr<Change> Referral::BeginCare(const Actor& by, absl::Time at) const {
  ASSIGN_OR_RETURN(Change change, Apply(Command::kBeginCare, by, "ReferralCareBegun", at));
  // An admission lasts as long as it must; its letter is owed when it ends.
  if (setting == Setting::kInpatient) change.StopClock();
  return change;
}

absl::StatusOr<Change> Referral::Complete(const Actor& by, std::string letter,
                                          absl::Time at) const {
  ASSIGN_OR_RETURN(Change change, Apply(Command::kComplete, by, "ReferralCompleted", at));
  change.after.outcome_letter = std::move(letter);
  change.after.completed_at = at;
  if (booking) change.visit = VisitState::kDone;
  change.after.completed_in_time = !due_at || at <= *due_at;
  change.StopClock();
  return change;
}

absl::StatusOr<Change> Referral::Withdraw(const Actor& by, ReasonCode code, std::string comment,
                                          absl::Time at) const {
  ASSIGN_OR_RETURN(Change change, Apply(Command::kWithdraw, by, "ReferralWithdrawn", at));
  change.after.reason = code;
  change.after.reason_comment = std::move(comment);
  change.StopClock();
  if (booking && (state == State::kSlotHeld || state == State::kScheduled)) {
    change.release_booking = booking->booking;
    change.after.booking.reset();
  }
  return change;
}

absl::StatusOr<Change> Referral::RecordFollowUp(const Actor& by, TaskId task, std::string result,
                                                absl::Time at) const {
  ASSIGN_OR_RETURN(Change change,
                   Apply(Command::kRecordFollowUp, by, "ReferralFollowUpRecorded", at));
  auto& tasks = change.after.care_plan->tasks;
  const auto found =
      std::find_if(tasks.begin(), tasks.end(), [&](const FollowUpTask& t) { return t.id == task; });
  if (found == tasks.end()) return errors::TaskNotFound();
  // A late visit is still a visit: an overdue task may be done.
  if (found->state == TaskState::kDone) return errors::TaskClosed(NameOf(found->state));
  found->state = TaskState::kDone;
  found->result = std::move(result);
  return change;
}

absl::StatusOr<Change> Referral::Rate(const Actor& by, int score, absl::Time at) const {
  ASSIGN_OR_RETURN(Change change, Apply(Command::kRate, by, "ReferralRated", at));
  (SideOf(by.organization) == Side::kReferring ? change.after.referrer_score
                                               : change.after.receiver_score) = score;
  return change;
}

absl::StatusOr<Change> Referral::OpenDownReferral(NewReferral down, const Actor& by,
                                                  const Deadlines& deadlines, absl::Time at) const {
  down.patient = patient;
  down.follows = id;
  down.urgency = urgency;
  down.setting = setting;
  ASSIGN_OR_RETURN(Change created, CreateReferral(down, by, deadlines, at));
  ASSIGN_OR_RETURN(Change submitted,
                   created.after.Submit(by, patient_consented, std::nullopt, deadlines, at));
  submitted.events.insert(submitted.events.begin(), created.events[0]);
  return submitted;
}

std::optional<Change> Referral::HoldSlot(const BookingReference& held, absl::Time at) const {
  if (state != State::kAccepted) return std::nullopt;
  Change change = Next("ReferralSlotHeld", at);
  change.after.state = State::kSlotHeld;
  change.after.booking = held;
  return change;
}

std::optional<Change> Referral::ConfirmBooking(absl::Time at) const {
  if (state != State::kSlotHeld) return std::nullopt;
  Change change = Next("ReferralScheduled", at);
  change.after.state = State::kScheduled;
  return change;
}

std::optional<Change> Referral::LoseHold(absl::Time at) const {
  if (state != State::kSlotHeld) return std::nullopt;
  Change change = Next("ReferralHoldLost", at);
  change.after.state = State::kAccepted;
  change.after.booking.reset();
  return change;
}

std::optional<Change> Referral::FailBooking(absl::Time at) const {
  if (state != State::kAccepted) return std::nullopt;
  Change change = Next("ReferralBookingFailed", at);
  change.after.state = State::kAccepted;
  change.after.booking.reset();
  return change;
}

std::optional<Change> Referral::Escalate(absl::Time at) const {
  if (!due_at || !clock_started_at || escalation_tier >= Deadlines::kLastTier) return std::nullopt;
  if (at < Deadlines::EscalationAt(*clock_started_at, *due_at, escalation_tier + 1))
    return std::nullopt;
  Change change = Next("ReferralEscalated", at);
  ++change.after.escalation_tier;
  return change;
}

std::optional<Change> Referral::LetTaskLapse(TaskId task, absl::Time at) const {
  if (!care_plan || IsTerminal(state)) return std::nullopt;
  Change change = Next("ReferralFollowUpOverdue", at);
  for (FollowUpTask& t : change.after.care_plan->tasks) {
    if (t.id == task && t.state == TaskState::kOpen) {
      t.state = TaskState::kOverdue;
      return change;
    }
  }
  return std::nullopt;
}

}  // namespace yilian::referral
