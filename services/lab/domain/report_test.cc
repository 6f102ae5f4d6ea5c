#include "services/lab/domain/report.h"

#include <gtest/gtest.h>

#include "common/status/matchers.h"

namespace yilian::lab {
namespace {

using status::IsOk;
using status::StatusIs;

const absl::Time kNow = absl::FromCivil(absl::CivilHour(2026, 3, 2, 9), absl::UTCTimeZone());

OrganizationId Org(int n) {
  return OrganizationId(base::Uuid::V5(base::Uuid(), "organization " + std::to_string(n)));
}
PatientId Person(int n) {
  return PatientId(base::Uuid::V5(base::Uuid(), "patient " + std::to_string(n)));
}

Observation Potassium(std::string value) {
  return {.code = {.system = "LN", .code = "2823-3", .display = "血钾"},
          .value_type = ValueType::kNumeric,
          .value = std::move(value),
          .unit = "mmol/L",
          .reference_range = "3.5-5.3"};
}

IncomingReport Incoming(ResultStatus status, std::string value = "5.60") {
  return {.patient = Person(1),
          .performing_organization = Org(1),
          .ordering_organization = Org(2),
          .filler_order_number = "L-1001",
          .code = {.system = "L", .code = "K", .display = "电解质"},
          .status = status,
          .observations = {Potassium(std::move(value))}};
}

std::optional<KnownReport> After(const IncomingReport& first) {
  const Report report = TakeIn(std::nullopt, first, kNow)->report;
  return KnownReport{.current = report, .last_version = report.version};
}

TEST(TakeIn, TheFirstVersionIsIssued) {
  const Intake intake = *TakeIn(std::nullopt, Incoming(ResultStatus::kFinal), kNow);
  EXPECT_EQ(intake.kind, Intake::Kind::kFirst);
  EXPECT_EQ(intake.event, "ReportIssued");
  EXPECT_EQ(intake.report.version, 1);
  EXPECT_EQ(intake.report.issued_at, kNow);
}

TEST(TakeIn, TheSameAgainChangesNothing) {
  const Intake intake =
      *TakeIn(After(Incoming(ResultStatus::kFinal)), Incoming(ResultStatus::kFinal), kNow);
  EXPECT_EQ(intake.kind, Intake::Kind::kSame);
  EXPECT_EQ(intake.event, "");
}

TEST(TakeIn, TrailingZerosAreAnotherStatement) {
  // 5.6 and 5.60 differ in precision: the laboratory said something else.
  const Intake intake = *TakeIn(After(Incoming(ResultStatus::kFinal, "5.60")),
                                Incoming(ResultStatus::kFinal, "5.6"), kNow);
  EXPECT_EQ(intake.kind, Intake::Kind::kNewVersion);
}

TEST(TakeIn, AFinalFollowsAPreliminary) {
  const Intake intake =
      *TakeIn(After(Incoming(ResultStatus::kPreliminary)), Incoming(ResultStatus::kFinal), kNow);
  EXPECT_EQ(intake.kind, Intake::Kind::kNewVersion);
  EXPECT_EQ(intake.event, "ReportIssued");
  EXPECT_EQ(intake.report.version, 2);
}

TEST(TakeIn, ALatePreliminaryIsKeptAndNotShown) {
  const Intake intake = *TakeIn(After(Incoming(ResultStatus::kFinal)),
                                Incoming(ResultStatus::kPreliminary, "5.1"), kNow);
  EXPECT_EQ(intake.kind, Intake::Kind::kKeptAside);
  EXPECT_EQ(intake.event, "");
}

TEST(TakeIn, AnotherFinalWithOtherValuesIsACorrection) {
  const Intake intake =
      *TakeIn(After(Incoming(ResultStatus::kFinal)), Incoming(ResultStatus::kFinal, "4.1"), kNow);
  EXPECT_EQ(intake.report.status, ResultStatus::kCorrected);
  EXPECT_EQ(intake.event, "ReportCorrected");
}

TEST(TakeIn, AnotherPatientIsRefusedUntilTheFirstIsWithdrawn) {
  IncomingReport other = Incoming(ResultStatus::kFinal);
  other.patient = Person(2);
  EXPECT_THAT(TakeIn(After(Incoming(ResultStatus::kFinal)), other, kNow),
              StatusIs(absl::StatusCode::kFailedPrecondition, "PATIENT_CONTRADICTS"));
  std::optional<KnownReport> known = After(Incoming(ResultStatus::kFinal));
  const Intake withdrawn = *TakeIn(known, Incoming(ResultStatus::kWithdrawn), kNow);
  EXPECT_EQ(withdrawn.event, "ReportWithdrawn");
  known = KnownReport{.current = withdrawn.report, .last_version = 2};
  EXPECT_THAT(TakeIn(known, other, kNow), IsOk());
}

TEST(Report, AWithdrawnOneIsTheLaboratorysOwn) {
  Report report = TakeIn(std::nullopt, Incoming(ResultStatus::kFinal), kNow)->report;
  EXPECT_TRUE(report.IsShownTo({.organization = Org(1), .cares = false}));
  EXPECT_TRUE(report.IsShownTo({.organization = Org(2), .cares = false}));
  EXPECT_FALSE(report.IsShownTo({.organization = Org(3), .cares = false}));
  EXPECT_TRUE(report.IsShownTo({.organization = Org(3), .cares = true}));
  report.status = ResultStatus::kWithdrawn;
  EXPECT_TRUE(report.IsShownTo({.organization = Org(1), .cares = false}));
  EXPECT_FALSE(report.IsShownTo({.organization = Org(2), .cares = true}));
}

TEST(Report, ASensitiveOneNeedsAGrantForAllItsClassesUnlessOneIsAParty) {
  Report report = TakeIn(std::nullopt, Incoming(ResultStatus::kFinal), kNow)->report;
  report.sensitive.Add(SensitiveClass::kHiv);
  report.sensitive.Add(SensitiveClass::kGenetic);
  EXPECT_TRUE(report.IsShownTo({.organization = Org(1)}));
  EXPECT_TRUE(report.IsShownTo({.organization = Org(2)}));
  Sight sight{.organization = Org(3), .cares = true};
  EXPECT_FALSE(report.IsShownTo(sight));
  sight.granted.Add(SensitiveClass::kHiv);
  EXPECT_FALSE(report.IsShownTo(sight));
  sight.granted.Add(SensitiveClass::kGenetic);
  EXPECT_TRUE(report.IsShownTo(sight));
  sight.cares = false;
  EXPECT_FALSE(report.IsShownTo(sight)) << "a grant is no care relationship";
}

TEST(CheckObservations, NamesEveryBrokenValue) {
  IncomingReport incoming = Incoming(ResultStatus::kFinal, "1e5");
  incoming.observations.push_back({.code = {.code = "X"}, .value_type = ValueType::kText});
  incoming.observations.push_back(
      {.code = {.code = "Y"}, .value_type = ValueType::kAbsent, .value = "3"});
  incoming.observations.push_back({.value_type = ValueType::kStructured, .value = "<0.41"});
  const absl::Status refused = CheckObservations(incoming);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  const auto bad = status::BadRequestOf(refused).value();
  ASSERT_EQ(bad.field_violations_size(), 4);
  EXPECT_EQ(bad.field_violations(0).field(), "observations[0].value");
  EXPECT_EQ(bad.field_violations(3).field(), "observations[3].code");
}

TEST(CheckObservations, TakesWhatLaboratoriesSend) {
  for (const char* number : {"5", "-0.3", ".5", "105600", "0.0000001", "+7", "5."}) {
    EXPECT_THAT(CheckObservations(Incoming(ResultStatus::kFinal, number)), IsOk()) << number;
  }
  for (const char* number : {"", ".", "-", "1,5", "<0.41", "5.6.1", "１"}) {
    EXPECT_FALSE(CheckObservations(Incoming(ResultStatus::kFinal, number)).ok()) << number;
  }
}

}  // namespace
}  // namespace yilian::lab
