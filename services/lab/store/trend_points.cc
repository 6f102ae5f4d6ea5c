#include "services/lab/store/trend_points.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "common/base/status_macros.h"

namespace yilian::lab {
namespace {

constexpr size_t kPointsAStatement = 200;

std::string Placeholders(size_t count) {
  std::string text = "(";
  for (size_t i = 0; i < count; ++i) text += i == 0 ? "?" : ", ?";
  return text + ")";
}

// Index: primary key, its prefix up to the report.
absl::Status Delete(mysql::Session& session, const Report& before) {
  std::set<std::string> loincs;
  std::set<absl::Time> times;
  for (const TrendPoint& point : PointsOf(before)) {
    loincs.insert(point.loinc);
    times.insert(point.observed_at);
  }
  if (loincs.empty()) return absl::OkStatus();
  mysql::Values values = {before.patient};
  for (const std::string& loinc : loincs) values.emplace_back(loinc);
  for (const absl::Time time : times) values.emplace_back(time);
  values.emplace_back(before.id);
  return session
      .ExecuteComposed("lab.DeletePoints",
                       "DELETE FROM trend_point WHERE patient_id = ? AND loinc IN " +
                           Placeholders(loincs.size()) + " AND observed_at IN " +
                           Placeholders(times.size()) + " AND report_id = ?",
                       values)
      .status();
}

absl::Status Insert(mysql::Session& session, const std::vector<TrendPoint>& points, size_t from,
                    size_t count) {
  constexpr size_t kColumns = 20;
  std::string sql =
      "INSERT INTO trend_point (patient_id, loinc, observed_at, report_id, ordinal, "
      "report_version, performing_organization_id, ordering_organization_id, display, value_type, "
      "value, unit, ucum_unit, method, reference_range, status, interpretation, applied_interval, "
      "disagrees, sensitivity) VALUES ";
  mysql::Values values;
  for (size_t i = from; i < from + count; ++i) {
    const TrendPoint& point = points[i];
    if (i > from) sql += ", ";
    sql += Placeholders(kColumns);
    values.insert(values.end(), {point.patient,
                                 point.loinc,
                                 point.observed_at,
                                 point.report,
                                 point.ordinal,
                                 point.report_version,
                                 point.performing_organization,
                                 point.ordering_organization,
                                 point.display,
                                 static_cast<int>(point.value_type),
                                 point.value,
                                 point.unit,
                                 point.ucum_unit,
                                 point.method,
                                 point.reference_range,
                                 static_cast<int>(point.status),
                                 static_cast<int>(point.judged.interpretation),
                                 point.judged.interval,
                                 point.judged.disagrees,
                                 point.sensitive.bits});
  }
  return session.ExecuteComposed("lab.InsertPoints", sql, values).status();
}

}  // namespace

absl::Status ReplacePoints(mysql::Session& session, const Report* before, const Report& after) {
  if (before != nullptr) RETURN_IF_ERROR(Delete(session, *before));
  const std::vector<TrendPoint> points = PointsOf(after);
  for (size_t from = 0; from < points.size(); from += kPointsAStatement) {
    RETURN_IF_ERROR(
        Insert(session, points, from, std::min(kPointsAStatement, points.size() - from)));
  }
  return absl::OkStatus();
}

absl::Status JudgeDeltas(mysql::Session& session, const std::vector<DeltaLimit>& limits,
                         Report& report) {
  // The latest moment of each analyte that has a limit.
  std::map<std::string, std::pair<absl::Time, absl::Duration>> wanted;
  for (const Observation& o : report.observations) {
    const auto limit = std::find_if(limits.begin(), limits.end(), [&](const DeltaLimit& one) {
      return one.loinc == o.mapped.loinc;
    });
    if (limit == limits.end() || o.value_type != ValueType::kNumeric) continue;
    auto& [at, within] = wanted[o.mapped.loinc];
    at = std::max(at, ObservedAt(o, report));
    within = limit->within;
  }
  std::vector<PriorValue> priors;
  std::string sql;
  mysql::Values values;
  for (const auto& [loinc, span] : wanted) {
    // Index: primary key, read backwards.
    if (!sql.empty()) sql += " UNION ALL ";
    sql +=
        "(SELECT loinc, observed_at, value, ucum_unit FROM trend_point WHERE patient_id = ? AND "
        "loinc = ? AND observed_at < ? AND observed_at >= ? AND report_id <> ? AND value_type = 1 "
        "AND (sensitivity = 0 OR (? IN (performing_organization_id, ordering_organization_id) AND "
        "? IN (performing_organization_id, ordering_organization_id))) "
        "ORDER BY observed_at DESC LIMIT 1)";
    values.insert(values.end(),
                  {report.patient, loinc, span.first, span.first - span.second, report.id,
                   report.performing_organization, report.ordering_organization});
  }
  if (!sql.empty()) {
    RETURN_IF_ERROR(
        session.SelectValues({"lab.PriorValues", sql}, values, [&](const mysql::Row& row) {
          priors.push_back({.loinc = row.Text(0),
                            .observed_at = row.Time(1),
                            .value = row.Text(2),
                            .unit = row.Text(3)});
          return absl::OkStatus();
        }));
  }
  CheckDeltas(limits, priors, report);
  return absl::OkStatus();
}

}  // namespace yilian::lab
