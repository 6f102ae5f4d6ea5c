#include "services/referral/store/effects.h"

#include <algorithm>

#include "common/base/status_macros.h"
#include "common/saga/saga.h"
#include "common/saga/timer.h"
#include "common/wire/timestamp.h"
#include "services/referral/store/booking_saga.pb.h"
#include "services/referral/store/queries.h"
#include "yilian/referral/v1/referral.pb.h"

namespace yilian::referral {
namespace {

// Where an escalation goes. The referral's own clock: the owner's department, then its referral
// office, then the region. A follow-up: the community centre, then the hospital, then the region.
OrganizationId EscalatedTo(const Referral& r, int tier, bool follow_up) {
  if (tier == Deadlines::kLastTier && !r.region.is_nil()) return r.region;
  return follow_up && tier > 1 ? r.referring_organization : r.owner();
}

const FollowUpTask* TaskOf(const Referral& r, TaskId id) {
  if (id.is_nil() || !r.care_plan) return nullptr;
  for (const FollowUpTask& task : r.care_plan->tasks) {
    if (task.id == id) return &task;
  }
  return nullptr;
}

void AddClock(const Change& change, std::string_view type, const absl::TimeZone& zone,
              v1::ReferralChanged& payload) {
  const Referral& r = change.after;
  payload.set_clock(static_cast<v1::Clock>(r.clock()));
  payload.set_escalation_tier(r.escalation_tier);
  if (r.due_at) wire::SetTime(payload.mutable_due_at(), *r.due_at);
  if (const FollowUpTask* task = TaskOf(r, change.escalated_task)) {
    payload.set_clock(v1::CLOCK_FOLLOW_UP);
    payload.set_task_id(task->id.ToString());
    payload.set_escalation_tier(task->escalation_tier);
    payload.set_escalated_to_organization_id(
        EscalatedTo(r, task->escalation_tier, true).ToString());
    const absl::Time due = absl::FromCivil(task->due_date + 1, zone);
    wire::SetTime(payload.mutable_due_at(), due);
    if (task->escalation_tier < Deadlines::kLastTier) {
      wire::SetTime(payload.mutable_next_escalation_at(),
                    Deadlines::FollowUpEscalationAt(due, task->escalation_tier + 1));
    }
    return;
  }
  if (type == "ReferralEscalated") {
    payload.set_escalated_to_organization_id(EscalatedTo(r, r.escalation_tier, false).ToString());
  }
  if (r.due_at && r.clock_started_at && r.escalation_tier < Deadlines::kLastTier) {
    wire::SetTime(payload.mutable_next_escalation_at(),
                  Deadlines::EscalationAt(*r.clock_started_at, *r.due_at, r.escalation_tier + 1));
  }
}

v1::ReferralChanged Payload(const Referral& r) {
  v1::ReferralChanged payload;
  payload.set_referral_id(r.id.ToString());
  payload.set_patient_id(r.patient.ToString());
  payload.set_direction(static_cast<v1::Direction>(r.direction));
  payload.set_channel(static_cast<v1::Channel>(r.channel));
  payload.set_state(static_cast<v1::State>(r.state));
  payload.set_reason(static_cast<v1::ReasonCode>(r.reason));
  payload.set_consent_withdrawn(r.consent_withdrawn);
  payload.set_booking_failure(static_cast<v1::BookingFailure>(r.booking_failure));
  payload.set_referring_organization_id(r.referring_organization.ToString());
  payload.set_receiving_organization_id(r.receiving_organization.ToString());
  payload.set_receiving_department_id(wire::TextOrEmpty(r.receiving_department));
  payload.set_owner_organization_id(wire::TextOrEmpty(r.owner()));
  payload.set_responsible_organization_id(wire::TextOrEmpty(r.responsible_organization));
  if (r.booking) {
    auto* booking = payload.mutable_booking();
    booking->set_booking_id(r.booking->booking.ToString());
    booking->set_session_id(r.booking->session.ToString());
    booking->set_practitioner_id(wire::TextOrEmpty(r.booking->practitioner));
    wire::SetTime(booking->mutable_starts_at(), r.booking->starts_at);
    booking->set_seat_number(r.booking->seat_number);
  }
  for (const Citation& citation : r.citations) {
    auto* cited = payload.add_citations();
    cited->set_kind(static_cast<v1::Citation::Kind>(citation.kind));
    cited->set_id(citation.id);
  }
  return payload;
}

void SetResponse(const ReceiverResponse& response, v1::ReceiverResponse* out) {
  out->set_organization_id(response.organization.ToString());
  out->set_department_id(wire::TextOrEmpty(response.department));
  wire::SetTime(out->mutable_received_at(), response.received_at);
  if (response.due_at) wire::SetTime(out->mutable_due_at(), *response.due_at);
  if (response.responded_at) wire::SetTime(out->mutable_responded_at(), *response.responded_at);
}

std::vector<base::Uuid> AudienceOf(const Change& change) {
  const Referral& r = change.after;
  std::vector<base::Uuid> audience = {r.referring_organization.uuid()};
  const auto add = [&](OrganizationId organization) {
    if (organization.is_nil()) return;
    if (std::find(audience.begin(), audience.end(), organization.uuid()) == audience.end()) {
      audience.push_back(organization.uuid());
    }
  };
  add(r.region);
  if (!r.submitted_at) return audience;
  add(r.receiving_organization);
  add(r.responsible_organization);
  if (change.redirection) add(change.redirection->from_organization);
  return audience;
}

bool SameTasks(const std::vector<FollowUpTask>& one, const std::vector<FollowUpTask>& other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](const FollowUpTask& a, const FollowUpTask& b) { return a.id == b.id; });
}

absl::Status InsertTasks(mysql::Session& session, const Referral& r) {
  const std::vector<FollowUpTask>& tasks = r.care_plan->tasks;
  for (size_t i = 0; i < tasks.size(); ++i) {
    const FollowUpTask& task = tasks[i];
    RETURN_IF_ERROR(
        session
            .Execute(queries::kInsertTask, r.id, static_cast<int>(i), task.id, task.instruction,
                     absl::FormatCivilTime(task.due_date), static_cast<int>(task.state),
                     task.result, r.receiving_organization, r.referring_organization,
                     task.escalation_tier, task.reschedule_count, task.reschedule_reason)
            .status());
  }
  return absl::OkStatus();
}

BookingSagaState WishOf(const Referral& r, const SeatWish& wish) {
  BookingSagaState state;
  state.set_session_id(wish.session.uuid().ToBytes());
  state.set_practitioner_id(wish.practitioner.uuid().ToBytes());
  state.set_department_id(r.receiving_department.uuid().ToBytes());
  state.set_patient_id(r.patient.uuid().ToBytes());
  state.set_organization_id(r.referring_organization.uuid().ToBytes());
  state.set_green_channel(r.channel == Channel::kGreen);
  state.set_setting(static_cast<int>(r.setting));
  return state;
}

}  // namespace

absl::Status WriteTasks(mysql::Session& session, const Referral* before, const Referral& after) {
  if (!after.care_plan) return absl::OkStatus();
  if (before == nullptr) return InsertTasks(session, after);
  const std::vector<FollowUpTask>& tasks = after.care_plan->tasks;
  const std::vector<FollowUpTask>& old = before->care_plan->tasks;
  if (!SameTasks(old, tasks)) {
    RETURN_IF_ERROR(session.Execute(queries::kDeleteTasks, after.id).status());
    return InsertTasks(session, after);
  }
  for (size_t i = 0; i < tasks.size(); ++i) {
    const FollowUpTask& task = tasks[i];
    if (task == old[i]) continue;
    RETURN_IF_ERROR(session
                        .Execute(queries::kUpdateTask, static_cast<int>(task.state), task.result,
                                 absl::FormatCivilTime(task.due_date), task.escalation_tier,
                                 task.reschedule_count, task.reschedule_reason, task.id)
                        .status());
  }
  return absl::OkStatus();
}

namespace {

// A task's clock starts when the plan reaches the community centre, and ends with the task or the
// referral.
absl::Status WriteTaskTimers(mysql::Session& session, const Referral* before, const Referral& after,
                             const absl::TimeZone& zone) {
  if (IsTerminal(after.state)) {
    if (before == nullptr || IsTerminal(before->state)) return absl::OkStatus();
    return saga::CancelTimer(session, kFollowUpTimer, after.id.uuid(), "");
  }
  if (!after.submitted_at) return absl::OkStatus();
  bool submitted = before == nullptr || !before->submitted_at;
  if (!submitted && !SameTasks(before->care_plan->tasks, after.care_plan->tasks)) {
    // Returned and handed over with other tasks.
    RETURN_IF_ERROR(saga::CancelTimer(session, kFollowUpTimer, after.id.uuid(), ""));
    submitted = true;
  }
  for (const FollowUpTask& task : after.care_plan->tasks) {
    const FollowUpTask* old = submitted ? nullptr : TaskOf(*before, task.id);
    if (old != nullptr && *old == task) continue;
    if (task.state == TaskState::kDone) {
      RETURN_IF_ERROR(
          saga::CancelTimer(session, kFollowUpTimer, after.id.uuid(), task.id.ToString()));
    } else if (task.escalation_tier < Deadlines::kLastTier) {
      RETURN_IF_ERROR(saga::SetTimer(
          session, {.kind = std::string(kFollowUpTimer),
                    .aggregate_id = after.id.uuid(),
                    .name = task.id.ToString(),
                    .due_at = Deadlines::FollowUpEscalationAt(
                        absl::FromCivil(task.due_date + 1, zone), task.escalation_tier + 1)}));
    }
  }
  return absl::OkStatus();
}

// The patient is asked about when a stay has lasted for too long without a word.
absl::Status WriteStayTimer(mysql::Session& session, const Referral* before,
                            const Referral& after) {
  const bool stayed = before != nullptr && before->stays();
  if (after.stays() == stayed) return absl::OkStatus();
  if (stayed) return saga::CancelTimer(session, kStayTimer, after.id.uuid(), "");
  return saga::SetTimer(session, {.kind = std::string(kStayTimer),
                                  .aggregate_id = after.id.uuid(),
                                  .due_at = after.updated_at + Deadlines::kLongestStay});
}

}  // namespace

absl::Status WriteTimers(mysql::Session& session, const Referral* before, const Referral& after,
                         const absl::TimeZone& zone) {
  const bool had_clock = before != nullptr && before->due_at.has_value();
  const bool has_clock = after.due_at.has_value() && after.escalation_tier < Deadlines::kLastTier;
  if (has_clock) {
    const bool same = had_clock && before->due_at == after.due_at &&
                      before->clock_started_at == after.clock_started_at &&
                      before->escalation_tier == after.escalation_tier;
    if (!same) {
      RETURN_IF_ERROR(saga::SetTimer(
          session, {.kind = std::string(kClockTimer),
                    .aggregate_id = after.id.uuid(),
                    .due_at = Deadlines::EscalationAt(*after.clock_started_at, *after.due_at,
                                                      after.escalation_tier + 1)}));
    }
  } else if (had_clock) {
    RETURN_IF_ERROR(saga::CancelTimer(session, kClockTimer, after.id.uuid(), ""));
  }
  RETURN_IF_ERROR(WriteStayTimer(session, before, after));
  return after.care_plan ? WriteTaskTimers(session, before, after, zone) : absl::OkStatus();
}

absl::Status StartSagas(mysql::Session& session, const Change& change, absl::Time now) {
  const Referral& r = change.after;
  if (change.start_booking) {
    RETURN_IF_ERROR(saga::Start(session, r.booking_saga, kBookSeatSaga, r.id.uuid(), "hold",
                                WishOf(r, *change.start_booking).SerializeAsString(), now));
  }
  if (change.move_booking) {
    BookingSagaState state = WishOf(r, *change.move_booking);
    state.set_booking_id(r.booking->booking.uuid().ToBytes());
    RETURN_IF_ERROR(saga::Start(session, r.booking_saga, kMoveSeatSaga, r.id.uuid(), "exchange",
                                state.SerializeAsString(), now));
  }
  if (change.release_booking) {
    BookingSagaState state;
    state.set_booking_id(change.release_booking->uuid().ToBytes());
    RETURN_IF_ERROR(saga::Start(session, base::Uuid::V7(now), kReleaseSeatSaga, r.id.uuid(),
                                "release", state.SerializeAsString(), now));
  }
  if (change.visit) {
    BookingSagaState state;
    state.set_booking_id(r.booking->booking.uuid().ToBytes());
    state.set_visit(static_cast<int>(*change.visit));
    RETURN_IF_ERROR(saga::Start(session, base::Uuid::V7(now), kMoveVisitSaga, r.id.uuid(), "move",
                                state.SerializeAsString(), now));
  }
  return absl::OkStatus();
}

std::vector<outbox::NewEvent> EventsOf(const Change& change, const absl::TimeZone& zone) {
  const Referral& r = change.after;
  const std::vector<base::Uuid> audience = AudienceOf(change);
  std::vector<outbox::NewEvent> events;
  const int64_t count = static_cast<int64_t>(change.events.size());
  for (int64_t i = 0; i < count; ++i) {
    const std::string& type = change.events[static_cast<size_t>(i)];
    v1::ReferralChanged payload = Payload(r);
    AddClock(change, type, zone, payload);
    if (change.response) SetResponse(*change.response, payload.mutable_response());
    events.push_back(outbox::NewEvent::Of("referral", r.id.uuid(), r.version - (count - 1 - i),
                                          payload, r.updated_at, audience));
    events.back().type = type;
  }
  return events;
}

}  // namespace yilian::referral
