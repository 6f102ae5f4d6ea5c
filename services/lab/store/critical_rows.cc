#include "services/lab/store/critical_rows.h"

#include <optional>

#include "common/mysql/or_null.h"

namespace yilian::lab::rows {
namespace {

using mysql::OrNull;

std::optional<CriticalStep> StepAt(const mysql::Row& row, int at) {
  if (row.IsNull(at)) return std::nullopt;
  return CriticalStep{.at = row.Time(at),
                      .organization = row.Id<OrganizationId>(at + 1),
                      .practitioner = row.Id<PractitionerId>(at + 2)};
}

void Append(const std::optional<CriticalStep>& step, mysql::Values& values) {
  if (!step) {
    for (int i = 0; i < 3; ++i) values.emplace_back(nullptr);
    return;
  }
  values.emplace_back(step->at);
  values.emplace_back(step->organization);
  values.push_back(OrNull(step->practitioner));
}

// The tail that insert and update share, from the state on.
void AppendProgress(const CriticalValue& value, mysql::Values& values) {
  values.emplace_back(static_cast<int>(value.state));
  Append(value.verified, values);
  Append(value.read_back, values);
  Append(value.acted, values);
  values.emplace_back(value.action);
  values.emplace_back(value.tier);
  values.emplace_back(value.action_overdue);
  values.push_back(value.due_at ? mysql::Value(*value.due_at) : mysql::Value(nullptr));
  values.emplace_back(value.version);
}

}  // namespace

absl::StatusOr<CriticalValue> CriticalFromRow(const mysql::Row& row) {
  CriticalValue value;
  int at = 0;
  value.id = row.Id<CriticalValueId>(at++);
  value.report = row.Id<ReportId>(at++);
  value.report_version = static_cast<int>(row.Int(at++));
  value.observation = row.Id<ObservationId>(at++);
  value.patient = row.Id<PatientId>(at++);
  value.performing_organization = row.Id<OrganizationId>(at++);
  value.ordering_organization = row.Id<OrganizationId>(at++);
  value.code = {.system = row.Text(at), .code = row.Text(at + 1), .display = row.Text(at + 2)};
  at += 3;
  value.sub_id = row.Text(at++);
  value.value = row.Text(at++);
  value.unit = row.Text(at++);
  value.reference_range = row.Text(at++);
  value.grounds.flagged = row.Bool(at++);
  value.grounds.limit = row.Text(at++);
  value.grounds.side = static_cast<CriticalSide>(row.Int(at++));
  value.detected_at = row.Time(at++);
  value.replaces = row.Id<CriticalValueId>(at++);
  value.state = static_cast<CriticalState>(row.Int(at++));
  value.verified = StepAt(row, at);
  value.read_back = StepAt(row, at + 3);
  value.acted = StepAt(row, at + 6);
  at += 9;
  value.action = row.Text(at++);
  value.tier = static_cast<int>(row.Int(at++));
  value.action_overdue = row.Bool(at++);
  value.due_at = row.OptionalTime(at++);
  value.version = row.Int(at++);
  value.sensitive.bits = static_cast<uint32_t>(row.OptionalInt(at).value_or(0));
  return value;
}

absl::StatusOr<NotificationAttempt> AttemptFromRow(const mysql::Row& row) {
  return NotificationAttempt{.by = {.at = row.Time(0),
                                    .organization = row.Id<OrganizationId>(1),
                                    .practitioner = row.Id<PractitionerId>(2)},
                             .channel = static_cast<NotificationChannel>(row.Int(3)),
                             .outcome = static_cast<NotificationOutcome>(row.Int(4))};
}

mysql::Values InsertCriticalValues(const CriticalValue& value) {
  mysql::Values values = {value.id,
                          value.report,
                          value.report_version,
                          value.observation,
                          value.patient,
                          value.performing_organization,
                          value.ordering_organization,
                          value.code.system,
                          value.code.code,
                          value.code.display,
                          value.sub_id,
                          value.value,
                          value.unit,
                          value.reference_range,
                          value.grounds.flagged,
                          value.grounds.limit,
                          static_cast<int>(value.grounds.side),
                          value.detected_at,
                          OrNull(value.replaces)};
  AppendProgress(value, values);
  return values;
}

mysql::Values UpdateCriticalValues(const CriticalValue& value, int64_t version_before) {
  mysql::Values values;
  AppendProgress(value, values);
  values.emplace_back(value.id);
  values.emplace_back(version_before);
  return values;
}

}  // namespace yilian::lab::rows
