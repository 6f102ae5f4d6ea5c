#include "services/scheduling/domain/clinic_rule.h"

#include <gmock/gmock.h>

#include "common/status/error.h"
#include "common/status/matchers.h"

namespace yilian::scheduling {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::ElementsAre;
using ::testing::Pair;

constexpr AgeBound Years(int value) { return {value, AgeUnit::kYears}; }
constexpr AgeBound Days(int value) { return {value, AgeUnit::kDays}; }

const PatientId kPatient(base::Uuid::V5(base::Uuid(), "patient"));
const PatientId kOther(base::Uuid::V5(base::Uuid(), "other"));
const FitQuestion kChildren{{.greatest = Years(14)}, absl::CivilDay(2026, 12, 1)};
const FitQuestion kWomen{{.sex = PatientSex::kFemale}, absl::CivilDay(2026, 12, 1)};

// Answers alike whatever is asked, and counts.
class Answering : public PatientDirectory {
 public:
  explicit Answering(Fit fit) : fit_(fit) {}
  absl::StatusOr<std::vector<Fit>> FitsOf(PatientId /*patient*/,
                                          const std::vector<FitQuestion>& questions,
                                          absl::Time /*deadline*/) override {
    sizes.push_back(questions.size());
    return std::vector<Fit>(questions.size(), fit_);
  }
  std::vector<size_t> sizes;

 private:
  const Fit fit_;
};

std::vector<std::string> FieldsOf(const ClinicRule& rule) {
  errors::Violations violations;
  CheckClinicRule(rule, "clinic_rule", violations);
  std::vector<std::string> fields;
  for (const auto& [field, why] : violations) fields.push_back(field);
  return fields;
}

TEST(ClinicRules, ForNobodyAreRefused) {
  EXPECT_THAT(FieldsOf({.least = Years(15), .greatest = Years(14)}),
              ElementsAre("clinic_rule.greatest_age"));
  EXPECT_THAT(FieldsOf({.least = Days(29), .greatest = Days(28)}),
              ElementsAre("clinic_rule.greatest_age"));
  EXPECT_THAT(FieldsOf({.least = Years(2), .greatest = Days(28)}),
              ElementsAre("clinic_rule.greatest_age"));
  EXPECT_THAT(FieldsOf({.least = Years(14), .greatest = Years(14)}), ElementsAre());
  EXPECT_THAT(FieldsOf({.least = Days(29), .greatest = Years(0)}), ElementsAre());
  EXPECT_THAT(FieldsOf({.sex = PatientSex::kFemale}), ElementsAre());
}

TEST(ClinicRules, AreToldApartByTheirText) {
  EXPECT_EQ(ClinicRule({.greatest = Years(14)}).ToString(), "/14 YEARS/");
  EXPECT_NE(ClinicRule({.least = Years(14)}).ToString(),
            ClinicRule({.greatest = Years(14)}).ToString());
  EXPECT_EQ(ClinicRule({.greatest = Years(14)}).Kind(), "AGE");
  EXPECT_EQ(ClinicRule({.sex = PatientSex::kMale}).Kind(), "SEX");
  EXPECT_EQ(ClinicRule({.least = Days(1), .sex = PatientSex::kMale}).Kind(), "AGE_AND_SEX");
  EXPECT_TRUE(ClinicRule().none());
}

TEST(ClinicRules, RefuseWithWhatIsAllowed) {
  const SessionId session(base::Uuid::V5(base::Uuid(), "session"));
  const absl::Status refused = errors::PatientNotForClinic(
      session, {.least = Days(29), .greatest = Years(14), .sex = PatientSex::kFemale});
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition, "PATIENT_NOT_FOR_CLINIC"));
  EXPECT_THAT(
      status::InfoOf(refused)->metadata(),
      ::testing::UnorderedElementsAre(Pair("session_id", session.ToString()),
                                      Pair("rule", "AGE_AND_SEX"), Pair("least_age", "29 DAYS"),
                                      Pair("greatest_age", "14 YEARS"), Pair("sex", "FEMALE")));
  EXPECT_EQ(status::LocalizedOf(refused)->message(),
            "该门诊仅接诊满 29 天以上、14 周岁以下女性的患者（按就诊当日计算），请另选门诊");
}

TEST(FitLookups, NoteWhatIsOpenOnceAPatient) {
  const FitAnswers none;
  FitLookup fits(none);
  EXPECT_EQ(fits.Of(kPatient, kChildren), std::nullopt);
  EXPECT_EQ(fits.Of(kPatient, kChildren), std::nullopt);
  fits.Expect(kPatient, {kWomen, kChildren, {}});
  fits.Expect(kOther, {kWomen});
  EXPECT_FALSE(fits.complete());
  EXPECT_THAT(fits.open(),
              ::testing::UnorderedElementsAre(Pair(kPatient, ElementsAre(kChildren, kWomen)),
                                              Pair(kOther, ElementsAre(kWomen))));
}

TEST(FitLookups, KnowWhatWasAnswered) {
  FitAnswers answers;
  Answering directory(Fit::kDoesNotFit);
  ASSERT_THAT(answers.Ask(directory, {{kPatient, {kChildren, kWomen}}}, absl::InfiniteFuture()),
              IsOk());
  FitLookup fits(answers);
  EXPECT_EQ(fits.Of(kPatient, kWomen), Fit::kDoesNotFit);
  EXPECT_EQ(fits.Of(kPatient, kChildren), Fit::kDoesNotFit);
  EXPECT_TRUE(fits.complete());
  // Another date is another question, and another patient is another one.
  EXPECT_EQ(fits.Of(kPatient, {kChildren.rule, kChildren.date + 1}), std::nullopt);
  EXPECT_EQ(fits.Of(kOther, kWomen), std::nullopt);
  EXPECT_EQ(directory.sizes, std::vector<size_t>{2});
}

TEST(FitLookups, AskNoMoreAtOnceThanIsAnswered) {
  std::vector<FitQuestion> many;
  for (int day = 0; day < 450; ++day) many.push_back({kChildren.rule, kChildren.date + day});
  FitAnswers answers;
  Answering directory(Fit::kFits);
  ASSERT_THAT(answers.Ask(directory, {{kPatient, many}}, absl::InfiniteFuture()), IsOk());
  EXPECT_THAT(directory.sizes, ElementsAre(400u, 50u));
  EXPECT_EQ(answers.Of(kPatient, many.back()), Fit::kFits);
}

}  // namespace
}  // namespace yilian::scheduling
