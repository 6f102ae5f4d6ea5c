// Whose turn it is, and what happens when a clock runs out; follow-up tasks.
#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "services/referral/domain/errors.h"
#include "services/referral/domain/referral.h"

namespace yilian::referral {
namespace {

// How far a follow-up may be put off from today.
constexpr int kFarthestFollowUpDays = 90;

std::string_view NameOf(TaskState state) {
  return state == TaskState::kDone ? "DONE" : state == TaskState::kOverdue ? "OVERDUE" : "OPEN";
}

absl::StatusOr<FollowUpTask*> OpenTask(Change& change, TaskId task) {
  auto& tasks = change.after.care_plan->tasks;
  const auto found =
      std::find_if(tasks.begin(), tasks.end(), [&](const FollowUpTask& t) { return t.id == task; });
  if (found == tasks.end()) return errors::TaskNotFound();
  // A late visit is still a visit: an overdue task may be done.
  if (found->state == TaskState::kDone) return errors::TaskClosed(NameOf(found->state));
  return &*found;
}

}  // namespace

void Change::StartClock(absl::Time from, absl::Time due) {
  StopClock();
  after.clock_started_at = from;
  after.due_at = due;
}

void Change::StopClock() {
  after.clock_started_at.reset();
  after.due_at.reset();
  after.paused_clock.reset();
  after.escalation_tier = 0;
  after.region = OrganizationId();
}

void Change::PauseClock(absl::Time at) {
  std::optional<PausedClock> paused;
  if (after.clock_started_at && after.due_at) {
    paused = PausedClock{.ran = at - *after.clock_started_at,
                         .left = std::max(*after.due_at - at, absl::ZeroDuration())};
  }
  StopClock();
  after.paused_clock = paused;
}

void Change::ResumeClock(absl::Time at) {
  const std::optional<PausedClock> paused = after.paused_clock;
  StopClock();
  if (paused) StartClock(at - paused->ran, at + paused->left);
}

void Change::BeginBooking() {
  after.booking_saga = base::Uuid::V5(after.id.uuid(), "booking " + after.etag());
  after.booking_failure = BookingFailure::kNone;
}

ClockKind Referral::clock() const {
  if (!due_at) return ClockKind::kNone;
  switch (state) {
    case State::kDraft:
      return ClockKind::kDischargeSummary;
    case State::kSubmitted:
      return direction == Direction::kDown ? ClockKind::kAcknowledgement
                                           : ClockKind::kFirstResponse;
    case State::kReturned:
      return ClockKind::kReturnAnswer;
    case State::kNoShow:
      return ClockKind::kRebooking;
    case State::kArrived:
    case State::kInCare:
      return cancellation ? ClockKind::kCancellationAnswer : ClockKind::kOutcomeLetter;
    case State::kAccepted:
      return cancellation ? ClockKind::kCancellationAnswer : ClockKind::kNone;
    default:
      return ClockKind::kNone;
  }
}

OrganizationId Referral::owner() const {
  switch (state) {
    case State::kDraft:
    case State::kReturned:
    case State::kNoShow:
    case State::kRejected:
      return referring_organization;
    case State::kCompleted:
    case State::kCancelled:
      return OrganizationId();
    default:
      return receiving_organization;
  }
}

absl::StatusOr<Change> Referral::RecordFollowUp(const Actor& by, TaskId task, std::string result,
                                                absl::Time at) const {
  ASSIGN_OR_RETURN(Change change,
                   Apply(Command::kRecordFollowUp, by, "ReferralFollowUpRecorded", at));
  ASSIGN_OR_RETURN(FollowUpTask * done, OpenTask(change, task));
  done->state = TaskState::kDone;
  done->result = std::move(result);
  return change;
}

absl::StatusOr<Change> Referral::RescheduleFollowUp(const Actor& by, TaskId task,
                                                    absl::CivilDay due_date, std::string reason,
                                                    const Deadlines& deadlines,
                                                    absl::Time at) const {
  ASSIGN_OR_RETURN(Change change,
                   Apply(Command::kRescheduleFollowUp, by, "ReferralFollowUpRescheduled", at));
  ASSIGN_OR_RETURN(FollowUpTask * moved, OpenTask(change, task));
  const absl::CivilDay today = deadlines.calendar().DayOf(at);
  if (due_date < today || due_date > today + kFarthestFollowUpDays) {
    return errors::FieldInvalid({{"due_date", "is today or later, and within 90 days"}});
  }
  moved->due_date = due_date;
  moved->state = TaskState::kOpen;
  moved->escalation_tier = 0;
  ++moved->reschedule_count;
  moved->reschedule_reason = std::move(reason);
  return change;
}

std::optional<Change> Referral::Escalate(OrganizationId authority, absl::Time at) const {
  if (!due_at || !clock_started_at || escalation_tier >= Deadlines::kLastTier) return std::nullopt;
  if (at < Deadlines::EscalationAt(*clock_started_at, *due_at, escalation_tier + 1))
    return std::nullopt;
  Change change = Next("ReferralEscalated", at);
  ++change.after.escalation_tier;
  if (change.after.escalation_tier == Deadlines::kLastTier) change.after.region = authority;
  return change;
}

std::optional<Change> Referral::EscalateTask(TaskId task, OrganizationId authority,
                                             const absl::TimeZone& zone, absl::Time at) const {
  if (!care_plan || IsTerminal(state)) return std::nullopt;
  Change change = Next("ReferralFollowUpOverdue", at);
  for (FollowUpTask& t : change.after.care_plan->tasks) {
    if (t.id != task || t.state == TaskState::kDone || t.escalation_tier >= Deadlines::kLastTier)
      continue;
    const absl::Time due = absl::FromCivil(t.due_date + 1, zone);
    if (at < Deadlines::FollowUpEscalationAt(due, t.escalation_tier + 1)) return std::nullopt;
    t.state = TaskState::kOverdue;
    ++t.escalation_tier;
    if (t.escalation_tier == Deadlines::kLastTier) change.after.region = authority;
    change.escalated_task = task;
    return change;
  }
  return std::nullopt;
}

}  // namespace yilian::referral
