#include "services/directory/domain/patient.h"

#include <gmock/gmock.h>

#include "common/status/matchers.h"
#include "services/directory/domain/identity_number.h"
#include "services/directory/domain/organization.h"

namespace yilian::directory {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr absl::CivilDay kToday(2026, 11, 22);
// Made-up people; the check characters are true.
constexpr char kWomansNumber[] = "11010519491231002X";  // a woman born 1949-12-31
constexpr char kMansNumber[] = "110105199003070914";    // a man born 1990-03-07

std::vector<std::string> FieldsOf(const absl::Status& status) {
  std::vector<std::string> fields;
  const auto bad = status::BadRequestOf(status);
  if (bad) {
    for (const auto& violation : bad->field_violations()) fields.push_back(violation.field());
  }
  return fields;
}

class RegisterTest : public ::testing::Test {
 protected:
  absl::StatusOr<RegisterPatient> Normalized() { return Normalize(command_, actor_, kToday); }

  const OrganizationId township_ = OrganizationId::New(absl::Now());
  const OrganizationId hospital_ = OrganizationId::New(absl::Now());
  Actor actor_{.organization = township_};
  RegisterPatient command_{.organization = township_, .name = "王小芳", .sex = Sex::kUnknown};
};

TEST(IdentityNumberTest, TellsBirthDateAndSex) {
  const auto woman = FactsOf(kWomansNumber);
  ASSERT_TRUE(woman.has_value());
  EXPECT_EQ(woman->birth_date, absl::CivilDay(1949, 12, 31));
  EXPECT_EQ(woman->sex, Sex::kFemale);
  const auto man = FactsOf(kMansNumber);
  ASSERT_TRUE(man.has_value());
  EXPECT_EQ(man->birth_date, absl::CivilDay(1990, 3, 7));
  EXPECT_EQ(man->sex, Sex::kMale);
}

TEST(IdentityNumberTest, ADateThatDoesNotExistIsNoIdentityNumber) {
  EXPECT_FALSE(FactsOf("110105199002300919").has_value());
  EXPECT_FALSE(FactsOf("110105199013070919").has_value());
  EXPECT_FALSE(FactsOf("1101051990030709").has_value());
  EXPECT_FALSE(FactsOf("11010519900307O919").has_value());
}

TEST_F(RegisterTest, TakesBirthDateFromTheIdentityNumber) {
  command_.national_id = "11010519491231002x";
  const auto normal = Normalized();
  ASSERT_THAT(normal, IsOk());
  EXPECT_EQ(normal->birth_date, absl::CivilDay(1949, 12, 31));
  EXPECT_EQ(normal->national_id, "11010519491231002X");
}

TEST_F(RegisterTest, NamesEveryFieldThatTheIdentityNumberContradicts) {
  command_.national_id = kMansNumber;
  command_.sex = Sex::kFemale;
  command_.birth_date = absl::CivilDay(1990, 7, 3);
  const absl::Status status = Normalized().status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, "IDENTITY_CONTRADICTS"));
  EXPECT_THAT(FieldsOf(status), UnorderedElementsAre("birth_date", "sex"));

  command_.birth_date = absl::CivilDay(1990, 3, 7);
  EXPECT_THAT(FieldsOf(Normalized().status()), ElementsAre("sex"));
  command_.sex = Sex::kMale;
  EXPECT_THAT(Normalized(), IsOk());
  command_.sex = Sex::kUnknown;
  EXPECT_THAT(Normalized(), IsOk());
}

TEST_F(RegisterTest, ErrorsNameNoPersonalData) {
  command_.national_id = kMansNumber;
  command_.sex = Sex::kFemale;
  const std::string text = Normalized().status().ToString();
  EXPECT_EQ(text.find("1990"), std::string::npos);
  EXPECT_EQ(text.find("王"), std::string::npos);
}

TEST_F(RegisterTest, ABirthDateLiesInALivingPersonsPast) {
  command_.birth_date = kToday;
  EXPECT_THAT(Normalized(), IsOk());
  command_.birth_date = kToday + 1;
  EXPECT_THAT(Normalized(), StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  command_.birth_date = absl::CivilDay(1849, 12, 31);
  EXPECT_THAT(FieldsOf(Normalized().status()), ElementsAre("birth_date"));
}

TEST_F(RegisterTest, ANumberOfSomebodyNotYetBornIsRefusedByName) {
  command_.national_id = "110105203003070917";  // born 2030-03-07
  const absl::Status status = Normalized().status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, "IDENTITY_CONTRADICTS"));
  EXPECT_THAT(FieldsOf(status), ElementsAre("national_id"));
}

TEST_F(RegisterTest, WhatTheNumberSaysCountsAsSaid) {
  command_.national_id = kMansNumber;
  EXPECT_EQ(Normalized()->sex, Sex::kMale);
  EXPECT_EQ(Normalized()->birth_date, absl::CivilDay(1990, 3, 7));
}

TEST_F(RegisterTest, CardsAreOfTheRegionAndHaveOneForm) {
  command_.identifiers = {{"CN-INSURANCE", "a99 990001"},
                          {"CN-INSURANCE", "A99990001"},
                          {"CN-HEALTH-CARD", "9999000123"}};
  const auto normal = Normalized();
  ASSERT_THAT(normal, IsOk());
  EXPECT_THAT(normal->identifiers, ElementsAre(Identifier{"CN-INSURANCE", "A99990001"},
                                               Identifier{"CN-HEALTH-CARD", "9999000123"}));
  command_.identifiers = {{"CN-INSURANCE", "12345"}, {"CN-HEALTH-CARD", "9999-0001"}};
  EXPECT_THAT(FieldsOf(Normalized().status()),
              UnorderedElementsAre("identifiers[0].value", "identifiers[1].value"));
}

TEST_F(RegisterTest, OnlyAServiceRegistersForAnotherOrganization) {
  command_.organization = hospital_;
  EXPECT_THAT(Normalized(), StatusIs(absl::StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
  actor_ = {.is_service = true};
  EXPECT_THAT(Normalized(), IsOk());
}

TEST_F(RegisterTest, IdentifiersAreThoseOfTheOwnOrganization) {
  command_.identifiers = {{township_.ToString(), "A1"},
                          {hospital_.ToString(), "B2"},
                          {"CN-ID", kMansNumber},
                          {"HIS", "3"}};
  const absl::Status status = Normalized().status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(FieldsOf(status), ElementsAre("identifiers[1].issuer", "identifiers[2].issuer",
                                            "identifiers[3].issuer"));
  command_.identifiers.resize(2);
  actor_ = {.is_service = true};
  EXPECT_THAT(Normalized(), IsOk());
}

TEST_F(RegisterTest, AnIdentifierIsTakenOnceWhateverTheCaseOfItsIssuer) {
  std::string upper = township_.ToString();
  for (char& c : upper) c = static_cast<char>(toupper(c));
  command_.identifiers = {{township_.ToString(), "A1"}, {upper, "A1"}, {upper, "a1"}};
  const auto normal = Normalized();
  ASSERT_THAT(normal, IsOk());
  EXPECT_THAT(normal->identifiers, ElementsAre(Identifier{township_.ToString(), "A1"},
                                               Identifier{township_.ToString(), "a1"}));
}

TEST(FindTest, TakesExactlyOneKey) {
  const std::string issuer = OrganizationId::New(absl::Now()).ToString();
  const Identifier identifier{issuer, "A1"};
  EXPECT_THAT(IdentifierOf({}), StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  const absl::Status both = IdentifierOf({kMansNumber, identifier}).status();
  EXPECT_THAT(both, StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(FieldsOf(both), ElementsAre("national_id", "identifier"));
  EXPECT_EQ(*IdentifierOf({"", identifier}), identifier);
  EXPECT_EQ(*IdentifierOf({"11010519491231002x", {}}), (Identifier{"CN-ID", kWomansNumber}));
  EXPECT_EQ(*IdentifierOf({"", Identifier{"CN-ID", kWomansNumber}}),
            (Identifier{"CN-ID", kWomansNumber}));
  EXPECT_THAT(FieldsOf(IdentifierOf({"", Identifier{"HIS", "1"}}).status()),
              ElementsAre("identifier.issuer"));
}

TEST(MergeTest, TwoDifferentLiveRecordsWithoutContradiction) {
  const PatientId one = PatientId::New(absl::Now());
  const PatientId other = PatientId::New(absl::Now());
  EXPECT_THAT(Check(MergePatients{one, one}),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(Check(MergePatients{one, other}), IsOk());
  Patient survivor{.id = one};
  Patient merged{.id = other, .national_id = kWomansNumber};
  EXPECT_THAT(CheckMerge(survivor, merged), IsOk());
  survivor.national_id = kWomansNumber;
  EXPECT_THAT(CheckMerge(survivor, merged), IsOk());
  survivor.national_id = kMansNumber;
  EXPECT_THAT(CheckMerge(survivor, merged),
              StatusIs(absl::StatusCode::kInvalidArgument, "IDENTITY_CONTRADICTS"));
  merged.merged_into = PatientId::New(absl::Now());
  const absl::Status status = CheckMerge(survivor, merged);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition, "PATIENT_MERGED"));
  EXPECT_EQ(status::InfoOf(status)->metadata().at("surviving_patient_id"),
            merged.merged_into.ToString());
  std::swap(survivor, merged);
  EXPECT_THAT(CheckMerge(survivor, merged), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(MaskTest, ShowsEnoughToRecognizeOnly) {
  EXPECT_EQ(MaskPhone("13812345678"), "138****5678");
  EXPECT_EQ(MaskPhone("5551234"), "*****34");
  EXPECT_EQ(MaskPhone("1"), "1");
  EXPECT_EQ(MaskPhone(""), "");
  EXPECT_EQ(MaskNationalId(kMansNumber), "110***********0914");
  EXPECT_EQ(MaskNationalId("1234567"), "*******");
  EXPECT_EQ(MaskNationalId(""), "");
}

TEST(ConsortiumTest, IsNamedByItsLead) {
  const OrganizationId lead_id = OrganizationId::New(absl::Now());
  const Organization lead{.id = lead_id, .consortium = lead_id};
  Organization member{.id = OrganizationId::New(absl::Now())};
  EXPECT_THAT(CheckConsortium(lead, std::nullopt), IsOk());
  EXPECT_THAT(CheckConsortium(member, std::nullopt), IsOk());
  member.consortium = lead_id;
  EXPECT_THAT(CheckConsortium(member, lead), IsOk());
  EXPECT_THAT(CheckConsortium(member, std::nullopt),
              StatusIs(absl::StatusCode::kFailedPrecondition, "ORGANIZATION_OUTSIDE"));
  const Organization no_lead{.id = lead_id, .consortium = OrganizationId::New(absl::Now())};
  EXPECT_THAT(CheckConsortium(member, no_lead),
              StatusIs(absl::StatusCode::kFailedPrecondition, "ORGANIZATION_OUTSIDE"));
}

}  // namespace
}  // namespace yilian::directory
