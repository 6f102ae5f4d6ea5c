// What of a report becomes points, and when it was observed.
#include "services/lab/domain/trend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace yilian::lab {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kIssued = absl::FromCivil(absl::CivilHour(2026, 3, 2, 9), absl::UTCTimeZone());

Observation Known(std::string value, std::string observed_at = "") {
  Observation o{.code = {.system = "L", .code = "K", .display = "血钾"},
                .value_type = ValueType::kNumeric,
                .value = std::move(value),
                .observed_at_text = std::move(observed_at)};
  o.mapped = {.loinc = "2823-3", .unit = "mmol/L"};
  return o;
}

Report With(std::vector<Observation> observations) {
  return {.id = ReportId(base::Uuid::V7()),
          .version = 2,
          .issued_at = kIssued,
          .observations = std::move(observations)};
}

TEST(TrendTest, OnlyWhatIsKnownAndSaidBecomesAPoint) {
  Observation unmapped = Known("5.0");
  unmapped.mapped.loinc.clear();
  Observation cancelled = Known("5.1");
  cancelled.status = ResultStatus::kCancelled;
  Observation absent = Known("");
  absent.value_type = ValueType::kAbsent;
  Observation coded = Known("");
  coded.value_coding.display = "阳性";
  Report report =
      With({Known("5.60"), unmapped, cancelled, absent, coded, Known(std::string(201, '1'))});
  const auto points = PointsOf(report);
  ASSERT_THAT(points, SizeIs(2));
  EXPECT_EQ(points[0].value, "5.60");
  EXPECT_EQ(points[0].ordinal, 0);
  EXPECT_EQ(points[1].value, "阳性");
  EXPECT_EQ(points[1].ordinal, 4);
  for (const auto status : {ResultStatus::kWithdrawn, ResultStatus::kCancelled}) {
    report.status = status;
    EXPECT_THAT(PointsOf(report), IsEmpty());
  }
}

TEST(TrendTest, ItIsObservedWhenTheLaboratorySaysSo) {
  const auto at = [](const std::string& text) {
    return absl::FormatTime("%Y-%m-%d %H:%M:%S", ObservedAt(Known("1", text), With({})),
                            absl::UTCTimeZone());
  };
  EXPECT_EQ(at("20260301093015"), "2026-03-01 01:30:15");
  EXPECT_EQ(at("20260301093015.1234+0000"), "2026-03-01 09:30:15");
  EXPECT_EQ(at("202603010930-0500"), "2026-03-01 14:30:00");
  EXPECT_EQ(at("20260301"), "2026-02-28 16:00:00");
  EXPECT_EQ(at("2026"), "2025-12-31 16:00:00");
  for (const char* none : {"", "20260231", "0000", "202613", "yesterday", "2026030199"})
    EXPECT_EQ(at(none), "2026-03-02 09:00:00") << none;
}

TEST(TrendTest, ACumulativeReportHasTheNewestTimesFirst) {
  std::vector<TrendPoint> points;
  for (const auto& [loinc, hours] : {std::pair("2951-2", 1), std::pair("2823-3", 1),
                                     std::pair("2823-3", 3), std::pair("2951-2", 2)}) {
    points.push_back({.loinc = loinc, .observed_at = kIssued + absl::Hours(hours)});
  }
  const auto columns = ColumnsOf(points, 2);
  ASSERT_THAT(columns, SizeIs(2));
  EXPECT_EQ(columns[0].observed_at, kIssued + absl::Hours(3));
  EXPECT_THAT(columns[0].points, SizeIs(1));
  EXPECT_EQ(columns[1].points[0].loinc, "2951-2");
  EXPECT_THAT(ColumnsOf(points, 5)[2].points, SizeIs(2));
  EXPECT_EQ(ColumnsOf(points, 5)[2].points[0].loinc, "2823-3");
}

}  // namespace
}  // namespace yilian::lab
