// Mutual recognition: each rule alone and together, without a database.
#include "services/lab/domain/recognition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "common/status/matchers.h"

namespace yilian::lab {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
// Noon in China.
const absl::Time kNow = absl::FromCivil(absl::CivilHour(2026, 3, 2, 4), absl::UTCTimeZone());
const OrganizationId kLaboratory(base::Uuid::V7());
const OrganizationId kOrdering(base::Uuid::V7());

RecognitionRule Rule() {
  return {.loinc = "2823-3",
          .effective_from = absl::CivilDay(2026, 1, 1),
          .least_scope = RecognitionScope::kRegion,
          .max_age = absl::Hours(72),
          .methods = {"ISE"},
          .excluded = {RepeatReason::kEmergency, RepeatReason::kBeforeIntervention}};
}
QualityAssessment Assessment() {
  return {.laboratory = kLaboratory,
          .loinc = "2823-3",
          .valid_from = absl::CivilDay(2026, 1, 1),
          .valid_to = absl::CivilDay(2027, 1, 1),
          .scope = RecognitionScope::kProvince};
}
TrendPoint Result() {
  return {.loinc = "2823-3",
          .observed_at = kNow - absl::Hours(24),
          .performing_organization = kLaboratory,
          .value_type = ValueType::kNumeric,
          .value = "4.1",
          .method = "ISE"};
}
RecognitionTerms Terms(const RecognitionRule& rule = Rule(),
                       const QualityAssessment& assessment = Assessment()) {
  return {.rules = {{.term = rule}}, .assessments = {{.term = assessment}}};
}
std::vector<Obstacle> Obstacles(const RecognitionTerms& terms, const TrendPoint& result = Result(),
                                const std::vector<RepeatReason>& circumstances = {}) {
  return JudgeRecognition(terms, result, circumstances, kNow).obstacles;
}
TrendPoint With(const std::function<void(TrendPoint&)>& change) {
  TrendPoint result = Result();
  change(result);
  return result;
}

TEST(Recognition, AResultThatKeepsEveryRuleMayBeRecognizedUntilItIsTooOld) {
  const RecognitionJudgement judgement = JudgeRecognition(Terms(), Result(), {}, kNow);
  EXPECT_THAT(judgement.obstacles, IsEmpty());
  EXPECT_EQ(judgement.scope, RecognitionScope::kProvince);
  EXPECT_EQ(judgement.expires_at, kNow + absl::Hours(48));
}

TEST(Recognition, WithoutARuleInForceNothingIs) {
  EXPECT_THAT(Obstacles({.assessments = Terms().assessments}), ElementsAre(Obstacle::kNoRule));
  RecognitionRule rule = Rule();
  rule.effective_from = absl::CivilDay(2026, 3, 3);
  EXPECT_THAT(Obstacles(Terms(rule)), ElementsAre(Obstacle::kNoRule)) << "from tomorrow on";
  rule.effective_from = absl::CivilDay(2026, 3, 2);
  EXPECT_THAT(Obstacles(Terms(rule)), IsEmpty());
  rule.effective_from = absl::CivilDay(2026, 1, 1);
  rule.effective_to = absl::CivilDay(2026, 3, 2);
  EXPECT_THAT(Obstacles(Terms(rule)), ElementsAre(Obstacle::kNoRule)) << "until yesterday";
  rule = Rule();
  rule.loinc = "2951-2";
  EXPECT_THAT(Obstacles(Terms(rule)), ElementsAre(Obstacle::kNoRule)) << "of another item";
}

TEST(Recognition, TheRuleOfTheLatestFirstDayHolds) {
  RecognitionTerms terms = Terms();
  RecognitionRule stricter = Rule();
  stricter.effective_from = absl::CivilDay(2026, 2, 1);
  stricter.max_age = absl::Hours(12);
  terms.rules.insert(terms.rules.begin(), {.term = stricter});
  EXPECT_THAT(Obstacles(terms), ElementsAre(Obstacle::kAge));
}

TEST(Recognition, OnlyWhatIsFinalIs) {
  for (const ResultStatus status :
       {ResultStatus::kFinal, ResultStatus::kCorrected, ResultStatus::kAmended}) {
    EXPECT_THAT(Obstacles(Terms(), With([&](TrendPoint& r) { r.status = status; })), IsEmpty());
  }
  for (const ResultStatus status :
       {ResultStatus::kRegistered, ResultStatus::kPartial, ResultStatus::kPreliminary}) {
    EXPECT_THAT(Obstacles(Terms(), With([&](TrendPoint& r) { r.status = status; })),
                ElementsAre(Obstacle::kNotFinal));
  }
}

TEST(Recognition, AgeIsCountedFromTheObservationAndNoneIsOfTheFuture) {
  const auto aged = [](absl::Duration age) {
    return With([&](TrendPoint& r) { r.observed_at = kNow - age; });
  };
  EXPECT_THAT(Obstacles(Terms(), aged(absl::ZeroDuration())), IsEmpty());
  EXPECT_THAT(Obstacles(Terms(), aged(absl::Hours(72) - absl::Microseconds(1))), IsEmpty());
  EXPECT_THAT(Obstacles(Terms(), aged(absl::Hours(72))), ElementsAre(Obstacle::kAge));
  EXPECT_THAT(Obstacles(Terms(), aged(-absl::Microseconds(1))), ElementsAre(Obstacle::kAge));
}

TEST(Recognition, TheLaboratoryHasPassedAnAssessmentForItemMethodAndDay) {
  QualityAssessment other = Assessment();
  other.laboratory = kOrdering;
  EXPECT_THAT(Obstacles(Terms(Rule(), other)), ElementsAre(Obstacle::kNotAssessed));
  other = Assessment();
  other.loinc = "2951-2";
  EXPECT_THAT(Obstacles(Terms(Rule(), other)), ElementsAre(Obstacle::kNotAssessed));
  other = Assessment();
  other.method = "FLAME";
  EXPECT_THAT(Obstacles(Terms(Rule(), other)), ElementsAre(Obstacle::kNotAssessed));
  other.method = "ISE";
  EXPECT_THAT(Obstacles(Terms(Rule(), other)), IsEmpty());
  // The day of the observation in China counts, not today.
  other = Assessment();
  other.valid_from = absl::CivilDay(2026, 3, 2);
  EXPECT_THAT(Obstacles(Terms(Rule(), other)), ElementsAre(Obstacle::kNotAssessed));
  other.valid_from = absl::CivilDay(2026, 1, 1);
  other.valid_to = absl::CivilDay(2026, 3, 1);
  EXPECT_THAT(Obstacles(Terms(Rule(), other)), ElementsAre(Obstacle::kNotAssessed));
  other.valid_to = absl::CivilDay(2026, 3, 2);
  EXPECT_THAT(Obstacles(Terms(Rule(), other)), IsEmpty());
  // 16:30 UTC of the first is 00:30 of the second.
  const TrendPoint night = With([](TrendPoint& r) {
    r.observed_at = absl::FromCivil(absl::CivilMinute(2026, 3, 1, 16, 30), absl::UTCTimeZone());
  });
  EXPECT_THAT(Obstacles(Terms(Rule(), other), night), ElementsAre(Obstacle::kNotAssessed));
}

TEST(Recognition, TheWidestMarkReachesAsFarAsTheRuleAsks) {
  RecognitionTerms terms = Terms();
  terms.assessments[0].term.scope = RecognitionScope::kConsortium;
  EXPECT_THAT(Obstacles(terms), ElementsAre(Obstacle::kScope));
  terms.assessments.push_back({.term = Assessment()});
  EXPECT_THAT(Obstacles(terms), IsEmpty());
  EXPECT_EQ(JudgeRecognition(terms, Result(), {}, kNow).scope, RecognitionScope::kProvince);
}

TEST(Recognition, TheMethodIsOneOfTheRules) {
  EXPECT_THAT(Obstacles(Terms(), With([](TrendPoint& r) { r.method = "FLAME"; })),
              ElementsAre(Obstacle::kMethod));
  EXPECT_THAT(Obstacles(Terms(), With([](TrendPoint& r) { r.method = ""; })),
              ElementsAre(Obstacle::kMethod))
      << "not said is not known";
  RecognitionRule any = Rule();
  any.methods.clear();
  EXPECT_THAT(Obstacles(Terms(any), With([](TrendPoint& r) { r.method = ""; })), IsEmpty());
}

TEST(Recognition, ExcludedCircumstancesLetNothingPass) {
  EXPECT_THAT(Obstacles(Terms(), Result(), {RepeatReason::kConditionChanged}), IsEmpty());
  EXPECT_THAT(Obstacles(Terms(), Result(), {RepeatReason::kEmergency}),
              ElementsAre(Obstacle::kCircumstance));
  EXPECT_THAT(Obstacles(Terms(), Result(),
                        {RepeatReason::kConditionChanged, RepeatReason::kBeforeIntervention}),
              ElementsAre(Obstacle::kCircumstance));
}

TEST(Recognition, EveryObstacleIsNamedNotTheFirstOnly) {
  const TrendPoint bad = With([](TrendPoint& r) {
    r.status = ResultStatus::kPreliminary;
    r.observed_at = kNow - absl::Hours(2000);
    r.method = "FLAME";
  });
  const RecognitionJudgement judgement =
      JudgeRecognition(Terms(), bad, {RepeatReason::kEmergency}, kNow);
  EXPECT_THAT(judgement.obstacles,
              ElementsAre(Obstacle::kNotFinal, Obstacle::kAge, Obstacle::kNotAssessed,
                          Obstacle::kMethod, Obstacle::kCircumstance));
  EXPECT_FALSE(judgement.expires_at);
}

TEST(RecognitionTerms, AnOrganizationsOwnPriceComesBeforeTheRegionsAndTheLatestBeforeEarlierOnes) {
  RecognitionTerms terms;
  const auto add = [&](OrganizationId organization, int month, int64_t fen) {
    terms.prices.push_back({.term = {.organization = organization,
                                     .loinc = "2823-3",
                                     .effective_from = absl::CivilDay(2026, month, 1),
                                     .fen = fen}});
  };
  const auto price = [&](OrganizationId organization) {
    return terms.PriceFor(organization, "2823-3", absl::CivilDay(2026, 3, 2));
  };
  EXPECT_EQ(price(kOrdering), std::nullopt);
  add({}, 4, 900);
  EXPECT_EQ(price(kOrdering), std::nullopt) << "from April on";
  add({}, 3, 800);
  add({}, 1, 700);
  EXPECT_EQ(price(kOrdering), 800);
  add(kOrdering, 1, 650);
  EXPECT_EQ(price(kOrdering), 650);
  EXPECT_EQ(price(kLaboratory), 800);
}

TEST(RecognitionTerms, WhatContradictsItselfIsRefused) {
  EXPECT_THAT(Rule().Check(), IsOk());
  RecognitionRule rule = Rule();
  rule.effective_to = rule.effective_from;
  EXPECT_THAT(rule.Check(), StatusIs(kInvalid, "FIELD_INVALID"));
  rule = Rule();
  rule.loinc = "2823-4";
  EXPECT_THAT(rule.Check(), StatusIs(kInvalid, "FIELD_INVALID"));
  rule = Rule();
  rule.methods = {"ISE\nFLAME"};
  EXPECT_THAT(rule.Check(), StatusIs(kInvalid, "FIELD_INVALID"));
  rule = Rule();
  rule.excluded = {RepeatReason::kNone};
  EXPECT_THAT(rule.Check(), StatusIs(kInvalid, "FIELD_INVALID"));
  QualityAssessment assessment = Assessment();
  EXPECT_THAT(assessment.Check(), IsOk());
  assessment.valid_to = assessment.valid_from;
  EXPECT_THAT(assessment.Check(), StatusIs(kInvalid, "FIELD_INVALID"));
}

TEST(NewDecision, AReasonGoesWithARepeatAndAnotherOneIsStated) {
  NewDecision decision{.outcome = RecognitionOutcome::kRecognized};
  EXPECT_THAT(decision.Check(), IsOk());
  decision.reason = RepeatReason::kEmergency;
  EXPECT_THAT(decision.Check(), StatusIs(kInvalid, "FIELD_INVALID"));
  decision.outcome = RecognitionOutcome::kRepeated;
  EXPECT_THAT(decision.Check(), IsOk());
  decision.reason = RepeatReason::kNone;
  EXPECT_THAT(decision.Check(), StatusIs(kInvalid, "FIELD_INVALID"));
  decision.reason = RepeatReason::kOther;
  EXPECT_THAT(decision.Check(), StatusIs(kInvalid, "FIELD_INVALID"));
  decision.comment = "标本复核";
  EXPECT_THAT(decision.Check(), IsOk());
}

TEST(RecognitionStatistic, TheRateIsOfAllThatWasDecided) {
  RecognitionStatistic statistic;
  EXPECT_EQ(statistic.recognized_permille(), 0);
  statistic.recognized = 2;
  EXPECT_EQ(statistic.recognized_permille(), 1000);
  statistic.repeated = {{RepeatReason::kEmergency, 1}};
  EXPECT_EQ(statistic.recognized_permille(), 666);
}

}  // namespace
}  // namespace yilian::lab
