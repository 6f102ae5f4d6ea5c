// Between reports and their rows.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/mysql/session.h"
#include "services/lab/domain/report.h"

namespace yilian::lab::rows {

// Of a SELECT of YILIAN_REPORT_COLUMNS; observations are read apart.
absl::StatusOr<Report> FromRow(const mysql::Row& row);
absl::StatusOr<Observation> ObservationFromRow(const mysql::Row& row);

mysql::Values VersionValues(const Report& report);
// What is ours: loinc, ucum_unit, code_mapping, unit_mapping, interpretation, applied_interval,
// disagrees, delta, prior_value, prior_observed_at.
mysql::Values OursValues(const Observation& observation);

// One statement for many observations: a report of twenty costs one round trip.
struct ManyRows {
  std::string sql;
  mysql::Values values;
};
ManyRows InsertObservations(const Report& report, size_t from, size_t count);
inline constexpr size_t kObservationsAStatement = 200;

}  // namespace yilian::lab::rows
