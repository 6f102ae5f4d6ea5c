#include "services/lab/domain/critical_limit.h"

#include <gtest/gtest.h>

#include "services/lab/domain/decimal.h"

namespace yilian::lab {
namespace {

const std::vector<CriticalLimit> kLimits = {
    {.loinc = "2823-3", .units = {"mmol/L"}, .below = "2.8", .above = "6.2"},
    {.loinc = "718-7", .units = {"g/L"}, .below = "50"}};

Observation Potassium(ValueType type, std::string value, std::vector<std::string> flags = {}) {
  return {.code = {.system = "LN", .code = "2823-3", .display = "血钾"},
          .value_type = type,
          .value = std::move(value),
          .unit = "mmol/L",
          .abnormal_flags = std::move(flags)};
}

std::string LimitBroken(ValueType type, std::string value) {
  const auto grounds = Judge(Potassium(type, std::move(value)), kLimits);
  return grounds ? grounds->limit : "";
}

TEST(DecimalTest, ComparesExactly) {
  const auto compare = [](std::string_view a, std::string_view b) {
    const auto order = CompareDecimals(a, b);
    if (!order) return 'x';
    return *order < 0 ? '<' : *order > 0 ? '>' : '=';
  };
  EXPECT_EQ(compare("6.80", "6.8"), '=');
  EXPECT_EQ(compare("06.8", "+6.8"), '=');
  EXPECT_EQ(compare("-0", "0.00"), '=');
  EXPECT_EQ(compare("6.20000000000000000001", "6.2"), '>');
  EXPECT_EQ(compare("105600", "99999.9"), '>');
  EXPECT_EQ(compare("0.0000001", "0.0000002"), '<');
  EXPECT_EQ(compare(".5", "0.45"), '>');
  EXPECT_EQ(compare("5.", "5"), '=');
  EXPECT_EQ(compare("-3", "2"), '<');
  EXPECT_EQ(compare("-3.1", "-3"), '<');
  for (const char* no : {"", ".", "+", "1e5", "1.2.3", "6,2", " 6", "<6", "--1"}) {
    EXPECT_EQ(compare(no, "1"), 'x') << no;
    EXPECT_EQ(compare("1", no), 'x') << no;
  }
}

TEST(CriticalLimitTest, BeyondALimitIsCriticalAndOnItIsNot) {
  EXPECT_EQ(LimitBroken(ValueType::kNumeric, "6.3"), "> 6.2 mmol/L");
  EXPECT_EQ(LimitBroken(ValueType::kNumeric, "6.20"), "");
  EXPECT_EQ(LimitBroken(ValueType::kNumeric, "2.79"), "< 2.8 mmol/L");
  EXPECT_EQ(LimitBroken(ValueType::kNumeric, "2.8"), "");
  EXPECT_EQ(LimitBroken(ValueType::kNumeric, "4.1"), "");
}

TEST(CriticalLimitTest, AComparatorCountsWhereItLeavesNoDoubt) {
  EXPECT_EQ(LimitBroken(ValueType::kStructured, "<2.0"), "< 2.8 mmol/L");
  EXPECT_EQ(LimitBroken(ValueType::kStructured, "<2.8"), "< 2.8 mmol/L");
  EXPECT_EQ(LimitBroken(ValueType::kStructured, "<=2.8"), "") << "it may be 2.8";
  EXPECT_EQ(LimitBroken(ValueType::kStructured, "<3.0"), "") << "it may be 2.9";
  EXPECT_EQ(LimitBroken(ValueType::kStructured, ">9.0"), "> 6.2 mmol/L");
  EXPECT_EQ(LimitBroken(ValueType::kStructured, ">6.2"), "> 6.2 mmol/L");
  EXPECT_EQ(LimitBroken(ValueType::kStructured, ">=6.2"), "");
  EXPECT_EQ(LimitBroken(ValueType::kStructured, ">2.0"), "");
  EXPECT_EQ(LimitBroken(ValueType::kStructured, "<>9.0"), "");
  EXPECT_EQ(LimitBroken(ValueType::kStructured, "7-9"), "") << "a range is not judged";
  EXPECT_EQ(LimitBroken(ValueType::kText, "9.9"), "") << "a text is not a number";
}

TEST(CriticalLimitTest, AnotherUnitOrCodeIsNotGuessedAt) {
  Observation o = Potassium(ValueType::kNumeric, "9.9");
  o.unit = "mg/dL";
  EXPECT_EQ(Judge(o, kLimits), std::nullopt);
  o = Potassium(ValueType::kNumeric, "9.9");
  o.code.system = "L";
  EXPECT_EQ(Judge(o, kLimits), std::nullopt);
}

TEST(CriticalLimitTest, TheLaboratorysFlagIsEnough) {
  const auto high = Judge(Potassium(ValueType::kNumeric, "5.9", {"H", "HH"}), kLimits);
  ASSERT_TRUE(high);
  EXPECT_TRUE(high->flagged);
  EXPECT_EQ(high->limit, "");
  EXPECT_EQ(high->side, CriticalSide::kHigh);
  const auto text = Judge(Potassium(ValueType::kText, "检出霍乱弧菌", {"AA"}), kLimits);
  ASSERT_TRUE(text);
  EXPECT_EQ(text->side, CriticalSide::kUnknown);
  EXPECT_EQ(Judge(Potassium(ValueType::kNumeric, "5.9", {"H", "A"}), kLimits), std::nullopt);
  const auto normal = Judge(Potassium(ValueType::kNumeric, "6.9", {"N"}), kLimits);
  ASSERT_TRUE(normal) << "our own limit, whatever the flag says";
  EXPECT_FALSE(normal->flagged);
}

TEST(CriticalLimitTest, WhatSaysNothingIsNotCritical) {
  Observation o = Potassium(ValueType::kNumeric, "9.9", {"HH"});
  o.status = ResultStatus::kCancelled;
  EXPECT_EQ(Judge(o, kLimits), std::nullopt);
  o.status = ResultStatus::kWithdrawn;
  EXPECT_EQ(Judge(o, kLimits), std::nullopt);
  EXPECT_EQ(Judge(Potassium(ValueType::kAbsent, "", {"HH"}), kLimits), std::nullopt);
}

}  // namespace
}  // namespace yilian::lab
