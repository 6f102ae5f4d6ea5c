// How far a value is from the one before it.
#include "services/lab/domain/delta_check.h"

#include <gtest/gtest.h>

#include "services/lab/domain/decimal.h"

namespace yilian::lab {
namespace {

const absl::Time kNow = absl::FromCivil(absl::CivilHour(2026, 3, 2, 9), absl::UTCTimeZone());
const DeltaLimit kLimit{.loinc = "2823-3",
                        .unit = "mmol/L",
                        .absolute = "1.0",
                        .percent = "20",
                        .within = absl::Hours(72)};

DeltaCheck Check(std::string value, const PriorValue& prior, const DeltaLimit& limit = kLimit,
                 std::string unit = "mmol/L", ValueType type = ValueType::kNumeric) {
  Observation o{.value_type = type, .value = std::move(value)};
  o.mapped = {.loinc = "2823-3", .unit = std::move(unit)};
  return CheckDelta(o, kNow, prior, limit);
}
PriorValue Before(std::string value, absl::Duration ago = absl::Hours(1),
                  std::string unit = "mmol/L") {
  return {.loinc = "2823-3",
          .observed_at = kNow - ago,
          .value = std::move(value),
          .unit = std::move(unit)};
}

TEST(DeltaCheckTest, AStepBeyondEitherLimitIsMarked) {
  EXPECT_EQ(Check("4.0", Before("4.0")), DeltaCheck::kWithin);
  EXPECT_EQ(Check("7.0", Before("6.0")), DeltaCheck::kWithin) << "one, and a sixth";
  EXPECT_EQ(Check("7.00000000000000000001", Before("6.0")), DeltaCheck::kExceeded);
  EXPECT_EQ(Check("2.4", Before("2.0")), DeltaCheck::kWithin) << "a fifth, not more";
  EXPECT_EQ(Check("2.41", Before("2.0")), DeltaCheck::kExceeded);
  EXPECT_EQ(Check("1.59", Before("2.0")), DeltaCheck::kExceeded) << "downward as well";
  EXPECT_EQ(Check("0.1", Before("0")), DeltaCheck::kExceeded) << "of nothing, anything is more";
}

TEST(DeltaCheckTest, UnitsAreConvertedAndNeverGuessed) {
  EXPECT_EQ(Check("5.2", Before("4000", absl::Hours(1), "umol/L")), DeltaCheck::kExceeded);
  EXPECT_EQ(Check("4.1", Before("4000", absl::Hours(1), "umol/L")), DeltaCheck::kWithin);
  EXPECT_EQ(Check("9", Before("4.0"), kLimit, "mg/dL"), DeltaCheck::kNone);
  EXPECT_EQ(Check("<9", Before("4.0"), kLimit, "mmol/L", ValueType::kStructured),
            DeltaCheck::kNone);
}

TEST(DeltaCheckTest, OnlyAnEarlierValueInTimeCounts) {
  EXPECT_EQ(Check("9", Before("4.0", absl::Hours(72))), DeltaCheck::kExceeded);
  EXPECT_EQ(Check("9", Before("4.0", absl::Hours(73))), DeltaCheck::kNone);
  EXPECT_EQ(Check("9", Before("4.0", absl::ZeroDuration())), DeltaCheck::kNone);
}

TEST(DecimalArithmeticTest, IsExact) {
  EXPECT_EQ(Subtract("4.10", "4.1"), "0.00");
  EXPECT_EQ(Subtract("4", "4.05"), "-0.05");
  EXPECT_EQ(Subtract("-1.5", "2"), "-3.5");
  EXPECT_EQ(Subtract("2", "-1.5"), "3.5");
  EXPECT_EQ(Subtract("1000000000000000000000", "0.1"), "999999999999999999999.9");
  EXPECT_EQ(Subtract("x", "1"), std::nullopt);
  EXPECT_EQ(Multiply("1.5", "-20"), "-30.0");
  EXPECT_EQ(Multiply("0.10", "0.10"), "0.0100");
  EXPECT_EQ(Multiply("123456789012345678901234567890", "10"), "1234567890123456789012345678900");
  EXPECT_EQ(Multiply("1e5", "1"), std::nullopt);
}

}  // namespace
}  // namespace yilian::lab
