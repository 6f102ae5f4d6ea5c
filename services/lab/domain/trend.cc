#include "services/lab/domain/trend.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace yilian::lab {
namespace {

bool SaysNothing(ResultStatus status) {
  return status == ResultStatus::kWithdrawn || status == ResultStatus::kCancelled;
}

// What stands for the value in a row of a table.
std::string ValueOf(const Observation& o) {
  if (!o.value.empty()) return o.value;
  return o.value_coding.display.empty() ? o.value_coding.code : o.value_coding.display;
}

}  // namespace

std::vector<TrendPoint> PointsOf(const Report& report) {
  std::vector<TrendPoint> points;
  if (SaysNothing(report.status)) return points;
  for (size_t i = 0; i < report.observations.size(); ++i) {
    const Observation& o = report.observations[i];
    if (o.mapped.loinc.empty() || SaysNothing(o.status)) continue;
    std::string value = ValueOf(o);
    if (value.empty() || value.size() > kLongestPointValue) continue;
    points.push_back({.patient = report.patient,
                      .loinc = o.mapped.loinc,
                      .observed_at = ObservedAt(o, report),
                      .report = report.id,
                      .ordinal = static_cast<int>(i),
                      .report_version = report.version,
                      .performing_organization = report.performing_organization,
                      .ordering_organization = report.ordering_organization,
                      .display = o.code.display,
                      .value_type = o.value_type,
                      .value = std::move(value),
                      .unit = o.unit,
                      .ucum_unit = o.mapped.unit,
                      .method = o.method,
                      .reference_range = o.reference_range,
                      .status = o.status,
                      .judged = o.judged,
                      .sensitive = report.sensitive});
  }
  return points;
}

std::vector<CumulativeColumn> ColumnsOf(std::vector<TrendPoint> points, size_t most) {
  std::sort(points.begin(), points.end(), [](const TrendPoint& a, const TrendPoint& b) {
    return std::tie(b.observed_at, a.loinc, a.report, a.ordinal) <
           std::tie(a.observed_at, b.loinc, b.report, b.ordinal);
  });
  std::vector<CumulativeColumn> columns;
  for (TrendPoint& point : points) {
    if (columns.empty() || columns.back().observed_at != point.observed_at) {
      if (columns.size() == most) break;
      columns.push_back({.observed_at = point.observed_at});
    }
    columns.back().points.push_back(std::move(point));
  }
  return columns;
}

}  // namespace yilian::lab
