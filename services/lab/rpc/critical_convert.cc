#include "services/lab/rpc/critical_convert.h"

#include <optional>

#include "common/wire/timestamp.h"

namespace yilian::lab::convert {
namespace {

void SetStep(const CriticalStep& step, v1::CriticalStep* out) {
  wire::SetTime(out->mutable_at(), step.at);
  out->set_organization_id(step.organization.ToString());
  out->set_practitioner_id(wire::TextOrEmpty(step.practitioner));
}

}  // namespace

v1::CriticalValue ToProto(const CriticalValue& value) {
  v1::CriticalValue out;
  out.set_critical_value_id(value.id.ToString());
  out.set_report_id(value.report.ToString());
  out.set_report_version(value.report_version);
  out.set_observation_id(value.observation.ToString());
  out.set_patient_id(value.patient.ToString());
  out.set_performing_organization_id(value.performing_organization.ToString());
  out.set_ordering_organization_id(value.ordering_organization.ToString());
  out.mutable_code()->set_system(value.code.system);
  out.mutable_code()->set_code(value.code.code);
  out.mutable_code()->set_display(value.code.display);
  out.set_value(value.value);
  out.set_unit(value.unit);
  out.set_reference_range(value.reference_range);
  out.set_flagged(value.grounds.flagged);
  out.set_limit(value.grounds.limit);
  out.set_side(static_cast<v1::CriticalSide>(value.grounds.side));
  out.set_state(static_cast<v1::CriticalState>(value.state));
  wire::SetTime(out.mutable_detected_at(), value.detected_at);
  if (value.verified) SetStep(*value.verified, out.mutable_verified());
  if (value.read_back) SetStep(*value.read_back, out.mutable_read_back());
  if (value.acted) SetStep(*value.acted, out.mutable_acted());
  out.set_action(value.action);
  out.set_tier(value.tier);
  out.set_action_overdue(value.action_overdue);
  if (value.due_at) wire::SetTime(out.mutable_due_at(), *value.due_at);
  out.set_replaces_critical_value_id(wire::TextOrEmpty(value.replaces));
  return out;
}

v1::CriticalValue ToProto(const CriticalRecord& record) {
  v1::CriticalValue out = ToProto(record.value);
  for (const NotificationAttempt& attempt : record.attempts) {
    v1::NotificationAttempt* one = out.add_attempts();
    SetStep(attempt.by, one->mutable_by());
    one->set_channel(static_cast<v1::NotificationChannel>(attempt.channel));
    one->set_outcome(static_cast<v1::NotificationOutcome>(attempt.outcome));
  }
  return out;
}

}  // namespace yilian::lab::convert
