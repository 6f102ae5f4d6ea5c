#include "services/referral/domain/required_items.h"

#include <gmock/gmock.h>

#include "common/status/error.h"
#include "common/status/matchers.h"
#include "services/referral/domain/referral.h"

namespace yilian::referral {
namespace {

using status::StatusIs;
using ::testing::_;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

// A cardiology clinic: a report, an ECG and an X-ray, the history with a blood pressure, and what
// was given so far when it is urgent.
Requirements Clinic() {
  return {.items = {{"LAB_REPORT", RequiredItemKind::kReport, "检验报告", {}, {}},
                    {"ECG", RequiredItemKind::kAttachment, "心电图", {}, {}},
                    {"XRAY", RequiredItemKind::kAttachment, "胸片", {}, {}},
                    {"HISTORY", RequiredItemKind::kText, "病史", {}, {}},
                    {"BLOOD_PRESSURE", RequiredItemKind::kVital, "血压", {}, {}},
                    {"TREATMENT",
                     RequiredItemKind::kText,
                     "已用药物",
                     {Direction::kUp},
                     {Urgency::kUrgent, Urgency::kEmergency}}},
          .settings = {Setting::kOutpatient, Setting::kEmergency},
          .channels = {Channel::kStandard}};
}

Referral Bare() {
  Referral referral;
  referral.direction = Direction::kUp;
  referral.urgency = Urgency::kUrgent;
  referral.setting = Setting::kOutpatient;
  referral.channel = Channel::kStandard;
  return referral;
}

std::vector<std::string> FieldsOf(const errors::Violations& violations) {
  std::vector<std::string> fields;
  for (const auto& [field, rule] : violations) fields.push_back(field);
  return fields;
}

TEST(MissingItems, NamesEachWithItsPlaceAndWhatItIs) {
  EXPECT_THAT(
      MissingItems(Clinic(), Bare()),
      ElementsAre(Pair("citations", "检验报告 (LAB_REPORT) is given: the department requires it"),
                  Pair("attachments", "心电图 (ECG) is given: the department requires it"),
                  Pair("attachments", _), Pair("summary.history", _), Pair("summary.history", _),
                  Pair("summary.treatment", _)));
}

TEST(MissingItems, IsEmptyWhenEverythingIsThere) {
  Referral referral = Bare();
  referral.citations = {{CitationKind::kLabReport, "r"}};
  referral.summary.history = "胸闷三天，血压 150/90，心率 88";
  referral.summary.treatment = "阿司匹林 300 mg";
  Requirements clinic = Clinic();
  clinic.attachments = 1;
  EXPECT_THAT(MissingItems(clinic, referral),
              ElementsAre(Pair("attachments", testing::HasSubstr("XRAY"))))
      << "one attachment meets the first of the two";
  clinic.attachments = 2;
  EXPECT_THAT(MissingItems(clinic, referral), IsEmpty());
}

TEST(MissingItems, OfOtherDirectionsAndUrgenciesAreNotAskedFor) {
  Referral routine = Bare();
  routine.urgency = Urgency::kRoutine;
  EXPECT_THAT(FieldsOf(MissingItems(Clinic(), routine)),
              testing::Not(testing::Contains("summary.treatment")));
  Referral lateral = Bare();
  lateral.direction = Direction::kLateral;
  EXPECT_THAT(FieldsOf(MissingItems(Clinic(), lateral)),
              testing::Not(testing::Contains("summary.treatment")));
}

TEST(MissingItems, AnotherReportDoesNotStandForTheOneThatIsAskedFor) {
  Referral referral = Bare();
  referral.citations = {{CitationKind::kOpinion, "o"}, {CitationKind::kImagingStudy, "s"}};
  EXPECT_THAT(FieldsOf(MissingItems(Clinic(), referral)), testing::Contains("citations"));
}

TEST(MissingItems, AVitalIsItsNameWithAFigure) {
  const auto missing = [](const std::string& history) {
    Referral referral = Bare();
    referral.summary.history = history;
    const Requirements pressure{
        .items = {{"BLOOD_PRESSURE", RequiredItemKind::kVital, "血压", {}, {}}}};
    return !MissingItems(pressure, referral).empty();
  };
  EXPECT_TRUE(missing(""));
  EXPECT_TRUE(missing("血压高"));
  EXPECT_TRUE(missing("心率 88"));
  EXPECT_TRUE(missing("88 次/分，血压未测"));
  EXPECT_FALSE(missing("血压 150/90"));
  EXPECT_FALSE(missing("血压高，今晨血压（左臂）150/90 mmHg"));
}

TEST(NotTaken, NamesSettingAndChannel) {
  Referral referral = Bare();
  EXPECT_THAT(NotTaken(Clinic(), referral), IsEmpty());
  referral.setting = Setting::kInpatient;
  referral.channel = Channel::kGreen;
  EXPECT_THAT(FieldsOf(NotTaken(Clinic(), referral)), ElementsAre("setting", "channel"));
  EXPECT_THAT(NotTaken(Requirements(), referral), IsEmpty()) << "no entry: takes everything";
}

TEST(Submit, ListsTheDepartmentsItemsWithItsOwnAtOnce) {
  Referral draft = Bare();
  const Deadlines deadlines({}, WorkingCalendar(absl::UTCTimeZone(), {}, {}));
  draft.id = ReferralId::New(absl::Now());
  draft.referring_organization = OrganizationId::New(absl::Now());
  draft.receiving_organization = OrganizationId::New(absl::Now());
  const Actor by{.organization = draft.referring_organization};
  const absl::Status refused =
      draft.Submit(by, Submission{.requirements = Clinic()}, deadlines, absl::Now()).status();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition, "INCOMPLETE"));
  const auto failure = status::PreconditionOf(refused);
  ASSERT_TRUE(failure);
  // Consent, complaint and diagnosis are everybody's; six are the department's.
  EXPECT_EQ(failure->violations_size(), 9);
  draft.channel = Channel::kGreen;
  EXPECT_THAT(
      draft.Submit(by, Submission{.requirements = Clinic()}, deadlines, absl::Now()).status(),
      StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

}  // namespace
}  // namespace yilian::referral
