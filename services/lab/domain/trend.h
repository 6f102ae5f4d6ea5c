// What is kept of an observation for the trend of its analyte. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/lab/domain/report.h"

namespace yilian::lab {

// One value of an analyte, of the version of its report that readers see.
struct TrendPoint {
  PatientId patient;
  std::string loinc;
  absl::Time observed_at;
  ReportId report;
  int ordinal = 0;  // of the observation in the report
  int report_version = 0;
  OrganizationId performing_organization;
  OrganizationId ordering_organization;
  std::string display;  // the laboratory's name of it
  ValueType value_type = ValueType::kAbsent;
  std::string value;      // exactly as sent
  std::string unit;       // as sent
  std::string ucum_unit;  // empty: not known
  std::string method;
  std::string reference_range;  // as sent
  ResultStatus status = ResultStatus::kFinal;
  Judged judged;
  ClassSet sensitive{};  // of its report
};

// Longer values are texts, which have no trend.
inline constexpr size_t kLongestPointValue = 200;

// The points of a version; none of one that says nothing (withdrawn, cancelled), none of an analyte
// whose LOINC code is not known.
std::vector<TrendPoint> PointsOf(const Report& report);

// A point's key in a patient's trend: the newest first.
struct TrendKey {
  absl::Time observed_at = absl::FromUnixSeconds(253'402'300'799);  // 9999-12-31: the last DATETIME
  ReportId report;
  int ordinal = 0;
};
inline TrendKey KeyOf(const TrendPoint& point) {
  return {point.observed_at, point.report, point.ordinal};
}

// A cumulative report: the newest times first, for each of them the points of every analyte.
struct CumulativeColumn {
  absl::Time observed_at;
  std::vector<TrendPoint> points;  // by LOINC code
};
// `points` in any order; the newest `most` times.
std::vector<CumulativeColumn> ColumnsOf(std::vector<TrendPoint> points, size_t most);

}  // namespace yilian::lab
