#include "services/lab/store/rows.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/mysql/or_null.h"

namespace yilian::lab::rows {

absl::StatusOr<Report> FromRow(const mysql::Row& row) {
  Report report;
  int at = 0;
  report.id = row.Id<ReportId>(at++);
  report.patient = row.Id<PatientId>(at++);
  report.performing_organization = row.Id<OrganizationId>(at++);
  report.ordering_organization = row.Id<OrganizationId>(at++);
  report.filler_order_number = row.Text(at++);
  report.placer_order_number = row.Text(at++);
  report.code.system = row.Text(at++);
  report.code.code = row.Text(at++);
  report.code.display = row.Text(at++);
  report.status = static_cast<ResultStatus>(row.Int(at++));
  report.version = static_cast<int>(row.Int(at++));
  report.issued_at = row.Time(at++);
  report.received_at = row.Time(at++);
  report.source_message = row.Id<MessageId>(at++);
  const std::optional<int64_t> age = row.OptionalInt(at++);
  if (age) report.patient_age_days = static_cast<int>(*age);
  report.patient_sex = static_cast<PatientSex>(row.Int(at++));
  report.sensitive.bits = static_cast<uint32_t>(row.Int(at));
  return report;
}

absl::StatusOr<Observation> ObservationFromRow(const mysql::Row& row) {
  Observation o;
  int at = 0;
  o.id = row.Id<ObservationId>(at++);
  o.code = {.system = row.Text(at), .code = row.Text(at + 1), .display = row.Text(at + 2)};
  at += 3;
  o.sub_id = row.Text(at++);
  o.value_type = static_cast<ValueType>(row.Int(at++));
  o.value = row.Text(at++);
  o.value_coding = {.system = row.Text(at), .code = row.Text(at + 1), .display = row.Text(at + 2)};
  at += 3;
  o.unit = row.Text(at++);
  o.reference_range = row.Text(at++);
  o.abnormal_flags = absl::StrSplit(row.Text(at++), ' ', absl::SkipEmpty());
  o.status = static_cast<ResultStatus>(row.Int(at++));
  o.observed_at_text = row.Text(at++);
  o.absent_reason = row.Text(at++);
  o.mapped.loinc = row.Text(at++);
  o.mapped.unit = row.Text(at++);
  o.mapped.code_mapping = static_cast<MappingStatus>(row.Int(at++));
  o.mapped.unit_mapping = static_cast<MappingStatus>(row.Int(at++));
  o.judged.interpretation = static_cast<Interpretation>(row.Int(at++));
  o.judged.interval = row.Text(at++);
  o.judged.disagrees = row.Bool(at++);
  o.method = row.Text(at++);
  o.judged.delta = static_cast<DeltaCheck>(row.Int(at++));
  o.judged.prior_value = row.Text(at++);
  o.judged.prior_observed_at = row.OptionalTime(at++);
  return o;
}

mysql::Values VersionValues(const Report& report) {
  return {report.id,
          report.version,
          report.patient,
          report.ordering_organization,
          report.placer_order_number,
          report.code.display,
          static_cast<int>(report.status),
          report.issued_at,
          report.received_at,
          mysql::OrNull(report.source_message),
          report.patient_age_days,
          static_cast<int>(report.patient_sex)};
}

mysql::Values OursValues(const Observation& o) {
  const auto text_or_null = [](const std::string& text) {
    return text.empty() ? mysql::Value(nullptr) : mysql::Value(text);
  };
  return {text_or_null(o.mapped.loinc),
          text_or_null(o.mapped.unit),
          static_cast<int>(o.mapped.code_mapping),
          static_cast<int>(o.mapped.unit_mapping),
          static_cast<int>(o.judged.interpretation),
          text_or_null(o.judged.interval),
          o.judged.disagrees,
          static_cast<int>(o.judged.delta),
          text_or_null(o.judged.prior_value),
          o.judged.prior_observed_at};
}

ManyRows InsertObservations(const Report& report, size_t from, size_t count) {
  ManyRows rows;
  rows.sql =
      "INSERT INTO observation (report_id, version, ordinal, observation_id, code_system, code, "
      "code_display, sub_id, "
      "value_type, value, value_system, value_code, value_display, unit, reference_range, "
      "abnormal_flags, status, "
      "observed_at_text, absent_reason, loinc, ucum_unit, code_mapping, unit_mapping, "
      "interpretation, applied_interval, disagrees, delta, prior_value, prior_observed_at, method) "
      "VALUES ";
  for (size_t i = from; i < from + count; ++i) {
    const Observation& o = report.observations[i];
    if (i > from) rows.sql += ", ";
    rows.sql +=
        "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
        "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    mysql::Values& v = rows.values;
    v.emplace_back(report.id);
    v.emplace_back(report.version);
    v.emplace_back(static_cast<int>(i));
    v.emplace_back(o.id);
    v.emplace_back(o.code.system);
    v.emplace_back(o.code.code);
    v.emplace_back(o.code.display);
    v.emplace_back(o.sub_id);
    v.emplace_back(static_cast<int>(o.value_type));
    v.emplace_back(o.value);
    v.emplace_back(o.value_coding.system);
    v.emplace_back(o.value_coding.code);
    v.emplace_back(o.value_coding.display);
    v.emplace_back(o.unit);
    v.emplace_back(o.reference_range);
    v.emplace_back(absl::StrJoin(o.abnormal_flags, " "));
    v.emplace_back(static_cast<int>(o.status));
    v.emplace_back(o.observed_at_text);
    v.emplace_back(o.absent_reason);
    for (mysql::Value& value : OursValues(o)) v.push_back(std::move(value));
    v.push_back(o.method.empty() ? mysql::Value(nullptr) : mysql::Value(o.method));
  }
  return rows;
}

}  // namespace yilian::lab::rows
