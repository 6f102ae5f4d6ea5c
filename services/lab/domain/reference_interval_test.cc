// Which interval is for whom, and what a value is by it.
#include "services/lab/domain/reference_interval.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/matchers.h"
#include "services/lab/domain/critical_limit.h"

namespace yilian::lab {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::ElementsAre;

OrganizationId Lab(int n) {
  return OrganizationId(base::Uuid::V5(base::Uuid(), "laboratory " + std::to_string(n)));
}

ReferenceInterval Haemoglobin(std::string low, std::string high) {
  return {.loinc = "718-7",
          .effective_from = absl::CivilDay(2020, 1, 1),
          .unit = "g/L",
          .low = std::move(low),
          .high = std::move(high),
          .critically_low = "50",
          .critically_high = "230"};
}

Observation Measured(std::string value, std::string unit = "g/L") {
  Observation o{.code = {.system = "LN", .code = "718-7"},
                .value_type = value.find_first_of("<>=-") == std::string::npos
                                  ? ValueType::kNumeric
                                  : ValueType::kStructured,
                .value = std::move(value),
                .unit = unit};
  o.mapped = {.loinc = "718-7", .unit = unit};
  return o;
}

IntervalSubject Grown(PatientSex sex = PatientSex::kFemale) {
  return {
      .laboratory = Lab(1), .age_days = 30 * 365, .sex = sex, .day = absl::CivilDay(2026, 3, 2)};
}

TEST(ReferenceIntervalTest, BoundsBelongToIt) {
  const ReferenceInterval interval = Haemoglobin("115", "150");
  const auto of = [&](std::string value, std::string unit = "g/L") {
    return Interpret(Measured(std::move(value), std::move(unit)), interval);
  };
  EXPECT_EQ(of("115"), Interpretation::kNormal);
  EXPECT_EQ(of("150.0"), Interpretation::kNormal);
  EXPECT_EQ(of("114.999999999999999999"), Interpretation::kLow);
  EXPECT_EQ(of("151"), Interpretation::kHigh);
  EXPECT_EQ(of("49.9"), Interpretation::kCriticallyLow);
  EXPECT_EQ(of("50"), Interpretation::kLow);
  EXPECT_EQ(of("231"), Interpretation::kCriticallyHigh);
  EXPECT_EQ(of("11.4", "g/dL"), Interpretation::kLow);
  EXPECT_EQ(of("11.5", "g/dL"), Interpretation::kNormal);
}

TEST(ReferenceIntervalTest, AComparatorCountsWhereItLeavesNoDoubt) {
  const ReferenceInterval interval = Haemoglobin("115", "150");
  const auto of = [&](std::string value) {
    return Interpret(Measured(std::move(value)), interval);
  };
  EXPECT_EQ(of("<50"), Interpretation::kCriticallyLow);
  EXPECT_EQ(of("<115"), Interpretation::kLow);
  EXPECT_EQ(of("<116"), Interpretation::kNone);
  EXPECT_EQ(of(">150"), Interpretation::kHigh);
  EXPECT_EQ(of(">140"), Interpretation::kNone);
  EXPECT_EQ(of("110-120"), Interpretation::kNone);
  ReferenceInterval upper = Haemoglobin("", "150");
  upper.critically_low = "";
  EXPECT_EQ(Interpret(Measured("<0.41"), upper), Interpretation::kNormal);
}

TEST(ReferenceIntervalTest, TheOneThatFitsBestIsTaken) {
  ReferenceInterval region = Haemoglobin("110", "160");
  ReferenceInterval women = Haemoglobin("115", "150");
  women.sex = PatientSex::kFemale;
  ReferenceInterval newborn = Haemoglobin("145", "225");
  newborn.age_to_days = 28;
  ReferenceInterval later = region;
  later.low = "111";
  later.effective_from = absl::CivilDay(2026, 3, 2);
  ReferenceInterval tomorrow = region;
  tomorrow.effective_from = absl::CivilDay(2026, 3, 3);
  ReferenceInterval ended = women;
  ended.effective_from = absl::CivilDay(2024, 1, 1);
  ended.effective_to = absl::CivilDay(2026, 3, 2);
  std::vector<ReferenceInterval> all = {region, women, newborn, later, tomorrow, ended};
  const auto low = [&](const IntervalSubject& subject, Observation o = Measured("120")) {
    const ReferenceInterval* found = FindInterval(all, o, subject);
    return found == nullptr ? std::string("none") : found->low;
  };
  EXPECT_EQ(low(Grown()), "115");
  EXPECT_EQ(low(Grown(PatientSex::kMale)), "111");
  EXPECT_EQ(low({.laboratory = Lab(1), .day = absl::CivilDay(2026, 3, 2)}), "111")
      << "nothing is known of them";
  EXPECT_EQ(low({.laboratory = Lab(1), .age_days = 27, .day = absl::CivilDay(2026, 3, 2)}), "145");
  EXPECT_EQ(low({.laboratory = Lab(1), .age_days = 28, .day = absl::CivilDay(2026, 3, 2)}), "111");
  EXPECT_EQ(low(Grown(), Measured("120", "mmol/L")), "none") << "no molar mass, no guess";
  ReferenceInterval own = region;
  own.organization = Lab(1);
  own.low = "100";
  ReferenceInterval method = region;
  method.method = "SLS";
  method.low = "112";
  all.insert(all.end(), {own, method});
  EXPECT_EQ(low(Grown()), "100") << "the laboratory's own";
  IntervalSubject elsewhere = Grown();
  elsewhere.laboratory = Lab(2);
  EXPECT_EQ(low(elsewhere), "115");
  Observation sls = Measured("120");
  sls.method = "SLS";
  EXPECT_EQ(low(elsewhere, sls), "112");
}

TEST(ReferenceIntervalTest, DisagreementIsADirectionOrHowFar) {
  using Flags = std::vector<std::string>;
  EXPECT_FALSE(Disagrees(Flags{"L"}, Interpretation::kLow));
  EXPECT_FALSE(Disagrees(Flags{}, Interpretation::kNormal));
  EXPECT_FALSE(Disagrees(Flags{"N"}, Interpretation::kNormal));
  EXPECT_FALSE(Disagrees(Flags{"A"}, Interpretation::kHigh));
  EXPECT_FALSE(Disagrees(Flags{"H"}, Interpretation::kNone)) << "nothing is said against it";
  EXPECT_TRUE(Disagrees(Flags{}, Interpretation::kLow));
  EXPECT_TRUE(Disagrees(Flags{"H"}, Interpretation::kLow));
  EXPECT_TRUE(Disagrees(Flags{"A"}, Interpretation::kNormal));
  EXPECT_TRUE(Disagrees(Flags{"L"}, Interpretation::kCriticallyLow));
  EXPECT_TRUE(Disagrees(Flags{"HH"}, Interpretation::kHigh));
}

TEST(ReferenceIntervalTest, WhatIsBeyondItsCriticalBoundIsACriticalValue) {
  std::vector<Observation> all = {Measured("4.9", "g/dL")};
  Interpret({Haemoglobin("115", "150")}, Grown(), all);
  EXPECT_EQ(all[0].judged.interval, "115-150 g/L");
  EXPECT_TRUE(all[0].judged.disagrees);
  const auto grounds = Judge(all[0], {});
  ASSERT_TRUE(grounds.has_value());
  EXPECT_EQ(grounds->side, CriticalSide::kLow);
  EXPECT_EQ(grounds->limit, "LL 115-150 g/L");
  // Judged anew without an interval: nothing of before is left.
  Interpret({}, Grown(), all);
  EXPECT_EQ(all[0].judged, Judged());
}

TEST(ReferenceIntervalTest, EveryBrokenRuleIsNamed) {
  EXPECT_THAT(CheckInterval(Haemoglobin("115", "150")), IsOk());
  ReferenceInterval wrong = Haemoglobin("150", "115");
  wrong.loinc = "718-8";
  wrong.unit = "gL";
  wrong.critically_high = "1e3";
  wrong.age_from_days = wrong.age_to_days;
  wrong.effective_to = wrong.effective_from;
  const absl::Status refused = CheckInterval(wrong);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  std::vector<std::string> fields;
  const auto bad = status::BadRequestOf(refused).value();
  for (const auto& one : bad.field_violations()) fields.push_back(one.field());
  EXPECT_THAT(fields, ElementsAre("loinc", "unit", "age_to_days", "effective_to", "high",
                                  "critically_high"));
  EXPECT_THAT(CheckInterval(Haemoglobin("", "")),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

}  // namespace
}  // namespace yilian::lab
