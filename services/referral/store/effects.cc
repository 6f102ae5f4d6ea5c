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

v1::ReferralChanged Payload(const Referral& r) {
  v1::ReferralChanged payload;
  payload.set_referral_id(r.id.ToString());
  payload.set_patient_id(r.patient.ToString());
  payload.set_direction(static_cast<v1::Direction>(r.direction));
  payload.set_channel(static_cast<v1::Channel>(r.channel));
  payload.set_state(static_cast<v1::State>(r.state));
  payload.set_referring_organization_id(r.referring_organization.ToString());
  payload.set_receiving_organization_id(r.receiving_organization.ToString());
  if (!r.receiving_department.is_nil()) {
    payload.set_receiving_department_id(r.receiving_department.ToString());
  }
  if (r.due_at) wire::SetTime(payload.mutable_due_at(), *r.due_at);
  payload.set_escalation_tier(r.escalation_tier);
  if (r.booking) {
    auto* booking = payload.mutable_booking();
    booking->set_booking_id(r.booking->booking.ToString());
    booking->set_session_id(r.booking->session.ToString());
    if (!r.booking->practitioner.is_nil()) {
      booking->set_practitioner_id(r.booking->practitioner.ToString());
    }
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

std::string DateText(absl::CivilDay day) { return absl::FormatCivilTime(day); }

}  // namespace

absl::Status WriteTasks(mysql::Session& session, const Referral* before, const Referral& after) {
  if (!after.care_plan) return absl::OkStatus();
  const std::vector<FollowUpTask>& tasks = after.care_plan->tasks;
  for (size_t i = 0; i < tasks.size(); ++i) {
    const FollowUpTask& task = tasks[i];
    if (before == nullptr) {
      RETURN_IF_ERROR(session
                          .Execute(queries::kInsertTask, after.id, static_cast<int>(i), task.id,
                                   task.instruction, DateText(task.due_date),
                                   static_cast<int>(task.state), task.result)
                          .status());
    } else if (task != before->care_plan->tasks[i]) {
      RETURN_IF_ERROR(
          session.Execute(queries::kUpdateTask, static_cast<int>(task.state), task.result, task.id)
              .status());
    }
  }
  return absl::OkStatus();
}

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
  if (!after.care_plan) return absl::OkStatus();
  // A task's clock starts when the plan reaches the community centre, and ends with the task or the
  // referral.
  const bool submitted = after.submitted_at && (before == nullptr || !before->submitted_at);
  for (const FollowUpTask& task : after.care_plan->tasks) {
    if (submitted) {
      RETURN_IF_ERROR(
          saga::SetTimer(session, {.kind = std::string(kFollowUpTimer),
                                   .aggregate_id = after.id.uuid(),
                                   .name = task.id.ToString(),
                                   .due_at = absl::FromCivil(task.due_date + 1, zone)}));
    }
  }
  if (before != nullptr && IsTerminal(after.state) && !IsTerminal(before->state)) {
    RETURN_IF_ERROR(saga::CancelTimer(session, kFollowUpTimer, after.id.uuid(), ""));
  }
  return absl::OkStatus();
}

absl::Status StartSagas(mysql::Session& session, const Change& change, absl::Time now) {
  const Referral& r = change.after;
  if (change.start_booking) {
    BookingSagaState state;
    state.set_session_id(change.start_booking->session.uuid().ToBytes());
    state.set_practitioner_id(change.start_booking->practitioner.uuid().ToBytes());
    RETURN_IF_ERROR(saga::Start(session, base::Uuid::V7(now), kBookSeatSaga, r.id.uuid(), "hold",
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

std::vector<outbox::NewEvent> EventsOf(const Change& change) {
  const Referral& r = change.after;
  std::vector<base::Uuid> audience = {r.referring_organization.uuid()};
  if (r.submitted_at) audience.push_back(r.receiving_organization.uuid());
  std::vector<outbox::NewEvent> events;
  const int64_t count = static_cast<int64_t>(change.events.size());
  for (int64_t i = 0; i < count; ++i) {
    events.push_back(outbox::NewEvent::Of("referral", r.id.uuid(), r.version - (count - 1 - i),
                                          Payload(r), r.updated_at, audience));
    events.back().type = change.events[static_cast<size_t>(i)];
  }
  return events;
}

}  // namespace yilian::referral
