#include "services/directory/domain/patient_fit.h"

#include <gtest/gtest.h>

namespace yilian::directory {
namespace {

using absl::CivilDay;

constexpr AgeBound Years(int value) { return {.value = value, .unit = AgeUnit::kYears}; }
constexpr AgeBound Days(int value) { return {.value = value, .unit = AgeUnit::kDays}; }

PatientFit Of(const std::optional<CivilDay>& birth, CivilDay date,
              const std::optional<AgeBound>& least, const std::optional<AgeBound>& greatest) {
  return FitOf({.sex = Sex::kFemale, .birth_date = birth},
               {.least = least, .greatest = greatest, .date = date});
}

TEST(AgeAt, CountsCompletedYears) {
  const CivilDay birth(2012, 5, 20);
  EXPECT_EQ(AgeAt(birth, CivilDay(2027, 5, 19), AgeUnit::kYears), 14);
  EXPECT_EQ(AgeAt(birth, CivilDay(2027, 5, 20), AgeUnit::kYears), 15);
  EXPECT_EQ(AgeAt(birth, birth, AgeUnit::kYears), 0);
  EXPECT_EQ(AgeAt(birth, birth - 1, AgeUnit::kYears), -1);
}

TEST(AgeAt, OfALeapDayGoesOnTheFirstOfMarch) {
  const CivilDay birth(2012, 2, 29);
  EXPECT_EQ(AgeAt(birth, CivilDay(2027, 2, 28), AgeUnit::kYears), 14);
  EXPECT_EQ(AgeAt(birth, CivilDay(2027, 3, 1), AgeUnit::kYears), 15);
  EXPECT_EQ(AgeAt(birth, CivilDay(2028, 2, 28), AgeUnit::kYears), 15);
  EXPECT_EQ(AgeAt(birth, CivilDay(2028, 2, 29), AgeUnit::kYears), 16);
}

TEST(AgeAt, CountsDaysFromTheDayOfBirth) {
  const CivilDay birth(2026, 12, 30);
  EXPECT_EQ(AgeAt(birth, birth, AgeUnit::kDays), 0);
  EXPECT_EQ(AgeAt(birth, CivilDay(2027, 1, 27), AgeUnit::kDays), 28);
}

TEST(FitOf, TakesBothAgesIn) {
  const CivilDay birth(2012, 5, 20);
  EXPECT_EQ(Of(birth, CivilDay(2027, 5, 19), std::nullopt, Years(14)), PatientFit::kFits);
  EXPECT_EQ(Of(birth, CivilDay(2027, 5, 20), std::nullopt, Years(14)), PatientFit::kDoesNotFit);
  EXPECT_EQ(Of(birth, CivilDay(2027, 5, 19), Years(15), std::nullopt), PatientFit::kDoesNotFit);
  EXPECT_EQ(Of(birth, CivilDay(2027, 5, 20), Years(15), std::nullopt), PatientFit::kFits);
}

TEST(FitOf, MixesDaysAndYears) {
  // From the 29th day to the fourteenth year: newborns have a clinic of their own.
  const CivilDay birth(2026, 11, 1);
  EXPECT_EQ(Of(birth, CivilDay(2026, 11, 29), Days(29), Years(14)), PatientFit::kDoesNotFit);
  EXPECT_EQ(Of(birth, CivilDay(2026, 11, 30), Days(29), Years(14)), PatientFit::kFits);
  EXPECT_EQ(Of(birth, CivilDay(2026, 11, 29), std::nullopt, Days(28)), PatientFit::kFits);
  EXPECT_EQ(Of(birth, CivilDay(2026, 11, 30), std::nullopt, Days(28)), PatientFit::kDoesNotFit);
}

TEST(FitOf, OfTheSex) {
  const FitQuestion women{.sex = Sex::kFemale, .date = CivilDay(2026, 12, 1)};
  EXPECT_EQ(FitOf({.sex = Sex::kFemale}, women), PatientFit::kFits);
  EXPECT_EQ(FitOf({.sex = Sex::kMale}, women), PatientFit::kDoesNotFit);
  EXPECT_EQ(FitOf({.sex = Sex::kUnknown}, women), PatientFit::kNotKnown);
}

TEST(FitOf, WhatIsNotOnRecordIsNotKnownUnlessSomethingElseKeepsThePatientOut) {
  const FitQuestion girls{
      .greatest = Years(14), .sex = Sex::kFemale, .date = CivilDay(2026, 12, 1)};
  const CivilDay child(2020, 1, 1);
  const CivilDay grown(1980, 1, 1);
  EXPECT_EQ(FitOf({.sex = Sex::kFemale}, girls), PatientFit::kNotKnown);
  EXPECT_EQ(FitOf({.sex = Sex::kUnknown, .birth_date = child}, girls), PatientFit::kNotKnown);
  EXPECT_EQ(FitOf({.sex = Sex::kUnknown, .birth_date = grown}, girls), PatientFit::kDoesNotFit);
  EXPECT_EQ(FitOf({.sex = Sex::kMale}, girls), PatientFit::kDoesNotFit);
  EXPECT_EQ(FitOf({.sex = Sex::kFemale, .birth_date = child}, girls), PatientFit::kFits);
}

TEST(FitOf, WithoutARuleEverybodyFits) {
  EXPECT_EQ(FitOf({}, {.date = CivilDay(2026, 12, 1)}), PatientFit::kFits);
}

}  // namespace
}  // namespace yilian::directory
