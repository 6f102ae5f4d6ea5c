#include "services/directory/domain/practitioner.h"

#include <gmock/gmock.h>

#include "common/status/error.h"
#include "common/status/matchers.h"

namespace yilian::directory {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
const absl::StatusCode kTaken = absl::StatusCode::kAlreadyExists;
const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);
const absl::CivilDay kToday = DayOf(kNow);

std::string KindOf(const absl::Status& status) {
  const auto info = status::InfoOf(status);
  return info ? info->metadata().at("kind") : "";
}

class PractitionerTest : public ::testing::Test {
 protected:
  Practice At(OrganizationId organization, PracticeKind kind, absl::Duration ago,
              std::optional<absl::Duration> ended_ago = std::nullopt) {
    Practice practice{.id = PracticeId::New(kNow),
                      .practitioner = practitioner_,
                      .organization = organization,
                      .kind = kind,
                      .started_at = kNow - ago};
    if (ended_ago) practice.ended_at = kNow - *ended_ago;
    return practice;
  }
  Qualification Licence(absl::CivilDay from, std::optional<absl::CivilDay> until = std::nullopt) {
    return {.id = QualificationId::New(kNow),
            .practitioner = practitioner_,
            .kind = QualificationKind::kPractisingLicence,
            .number = "110330000000017",
            .scopes = {"内科专业"},
            .valid_from = from,
            .valid_until = until};
  }
  const PractitionerId practitioner_ = PractitionerId::New(kNow);
  const OrganizationId hospital_ = OrganizationId::New(kNow);
  const OrganizationId township_ = OrganizationId::New(kNow);
};

TEST(ProfessionalTitle, HasTheCodeAndTheNameOfTheStandard) {
  // GB/T 8561: 231 to 235 physicians, 241 pharmacists, 251 nurses, 261 technicians.
  EXPECT_EQ(static_cast<int>(ProfessionalTitle::kAssistantPhysician), 235);
  EXPECT_EQ(static_cast<int>(ProfessionalTitle::kAssistantPharmacist), 245);
  EXPECT_EQ(static_cast<int>(ProfessionalTitle::kNurse), 255);
  EXPECT_EQ(static_cast<int>(ProfessionalTitle::kAssistantTechnician), 265);
  EXPECT_EQ(Name(static_cast<ProfessionalTitle>(232)), "副主任医师");
  EXPECT_EQ(Name(static_cast<ProfessionalTitle>(234)), "医师");
  EXPECT_EQ(Name(ProfessionalTitle::kNone), "");
}

TEST_F(PractitionerTest, ATitleIsHeldUntilTheNext) {
  const std::vector<TitleAward> titles = {{ProfessionalTitle::kAttendingPhysician, kToday - 100},
                                          {ProfessionalTitle::kPhysician, kToday - 2000}};
  EXPECT_EQ(TitleOn(titles, kToday), ProfessionalTitle::kAttendingPhysician);
  EXPECT_EQ(TitleOn(titles, kToday - 101), ProfessionalTitle::kPhysician);
  EXPECT_EQ(TitleOn(titles, kToday - 2001), ProfessionalTitle::kNone);
  EXPECT_THAT(Check({ProfessionalTitle::kPhysician, kToday}, kToday), IsOk());
  EXPECT_THAT(Check({ProfessionalTitle::kPhysician, kToday + 1}, kToday),
              StatusIs(kInvalid, "FIELD_INVALID"));
}

TEST(NormalNumber, KnowsTheTwoCertificates) {
  const auto licence = QualificationKind::kPractisingLicence;
  const auto certificate = QualificationKind::kCertificate;
  EXPECT_EQ(*NormalNumber(licence, "110 3300 0000 0017"), "110330000000017");
  // Year, province, level and category, then a made-up identity number of area 999901.
  EXPECT_EQ(*NormalNumber(certificate, "20061111099990119800101001x"),
            "20061111099990119800101001X");
  EXPECT_THAT(NormalNumber(certificate, "199911110999901800101001"), IsOk());
  for (const char* wrong : {"", "11033000000001", "1103300000000171", "11033000000001X"}) {
    EXPECT_THAT(NormalNumber(licence, wrong), StatusIs(kInvalid, "FIELD_INVALID")) << wrong;
  }
  for (const char* wrong : {"110330000000017", "2006111109999011980010100X6",
                            "19991111099990180010100X", "2006111109999011980010100166"}) {
    EXPECT_THAT(NormalNumber(certificate, wrong), StatusIs(kInvalid, "FIELD_INVALID")) << wrong;
  }
  EXPECT_EQ(MaskNumber("110330000000017"), "***********0017");
  EXPECT_EQ(MaskNumber("0017"), "****");
}

TEST_F(PractitionerTest, HasOneLicenceAtATime) {
  const Qualification there = Licence(kToday - 100, kToday - 10);
  EXPECT_THAT(CheckRecorded({there}, Licence(kToday - 9)), IsOk());
  const absl::Status taken = CheckRecorded({there}, Licence(kToday - 10));
  EXPECT_THAT(taken, StatusIs(kTaken, "IDENTIFIER_TAKEN"));
  EXPECT_EQ(KindOf(taken), "qualification");
  Qualification certificate = Licence(kToday - 50);
  certificate.kind = QualificationKind::kCertificate;
  certificate.scopes.clear();
  EXPECT_THAT(CheckRecorded({there}, certificate), IsOk());

  Qualification wrong = Licence(kToday, kToday - 1);
  wrong.scopes.clear();
  const absl::Status refused = CheckRecorded({}, wrong);
  EXPECT_THAT(refused, StatusIs(kInvalid, "FIELD_INVALID"));
  EXPECT_EQ(status::BadRequestOf(refused)->field_violations_size(), 2) << "both are named";
}

TEST_F(PractitionerTest, AQualificationEndsOnADayOfItsOwn) {
  const Qualification open = Licence(kToday - 100);
  const auto ended = Ended(open, kToday, QualificationEnd::kRevoked, kToday);
  ASSERT_THAT(ended, IsOk());
  EXPECT_TRUE(ended->IsValid(kToday));
  EXPECT_FALSE(ended->IsValid(kToday + 1));
  EXPECT_EQ(ended->end, QualificationEnd::kRevoked);
  for (const absl::CivilDay day : {kToday + 1, kToday - 101}) {
    EXPECT_THAT(Ended(open, day, QualificationEnd::kRevoked, kToday),
                StatusIs(kInvalid, "FIELD_INVALID"));
  }
  EXPECT_THAT(
      Ended(Licence(kToday - 100, kToday - 50), kToday - 49, QualificationEnd::kChanged, kToday),
      StatusIs(kInvalid, "FIELD_INVALID"))
      << "later than it ends anyway";
}

TEST_F(PractitionerTest, PractisesMainlyInOnePlaceAndFurtherInOthers) {
  const absl::Duration year = absl::Hours(24 * 365);
  const Practice main = At(hospital_, PracticeKind::kMain, year);
  EXPECT_THAT(CheckBegun({main}, At(township_, PracticeKind::kFurther, absl::Hours(1)), kNow),
              IsOk());
  const absl::Status second =
      CheckBegun({main}, At(township_, PracticeKind::kMain, absl::Hours(1)), kNow);
  EXPECT_THAT(second, StatusIs(kTaken, "IDENTIFIER_TAKEN"));
  EXPECT_EQ(KindOf(second), "main_practice");
  const absl::Status same =
      CheckBegun({main}, At(hospital_, PracticeKind::kFurther, absl::Hours(1)), kNow);
  EXPECT_THAT(same, StatusIs(kTaken, "IDENTIFIER_TAKEN"));
  EXPECT_EQ(KindOf(same), "practice");
  EXPECT_THAT(CheckBegun({main}, At(township_, PracticeKind::kFurther, 2 * year), kNow),
              StatusIs(kInvalid, "FIELD_INVALID"))
      << "before there was a main one";
  EXPECT_THAT(CheckBegun({main}, At(township_, PracticeKind::kFurther, -absl::Hours(1)), kNow),
              StatusIs(kInvalid, "FIELD_INVALID"));
  const Practice ended = At(hospital_, PracticeKind::kMain, year, absl::Hours(2));
  EXPECT_THAT(CheckBegun({ended}, At(township_, PracticeKind::kMain, absl::Hours(2)), kNow),
              IsOk());
}

TEST_F(PractitionerTest, APracticeEndsOnceAndNotInTheFuture) {
  const Practice main = At(hospital_, PracticeKind::kMain, absl::Hours(10));
  EXPECT_EQ(Ended(main, kNow, kNow)->ended_at, kNow);
  EXPECT_THAT(Ended(main, kNow + absl::Seconds(1), kNow), StatusIs(kInvalid, "FIELD_INVALID"));
  EXPECT_THAT(Ended(main, main.started_at, kNow), StatusIs(kInvalid, "FIELD_INVALID"));
  EXPECT_THAT(Ended(*Ended(main, kNow, kNow), kNow, kNow), StatusIs(kInvalid, "FIELD_INVALID"));
}

TEST_F(PractitionerTest, AProfileTellsWhatWasTrueOnADay) {
  const absl::Duration year = absl::Hours(24 * 365);
  const PractitionerProfile all{
      .titles = {{ProfessionalTitle::kAttendingPhysician, kToday - 100},
                 {ProfessionalTitle::kPhysician, kToday - 2000}},
      .qualifications = {Licence(kToday - 100), Licence(kToday - 500, kToday - 101)},
      .practices = {At(township_, PracticeKind::kFurther, year / 2),
                    At(hospital_, PracticeKind::kMain, year)}};
  const PractitionerProfile now = On(all, kToday);
  ASSERT_THAT(now.titles, SizeIs(1));
  EXPECT_EQ(now.titles[0].title, ProfessionalTitle::kAttendingPhysician);
  ASSERT_THAT(now.qualifications, SizeIs(1));
  EXPECT_EQ(now.qualifications[0].id, all.qualifications[0].id);
  EXPECT_THAT(now.practices, SizeIs(2));
  const PractitionerProfile before = On(all, kToday - 300);
  EXPECT_EQ(before.titles[0].title, ProfessionalTitle::kPhysician);
  EXPECT_EQ(before.qualifications[0].id, all.qualifications[1].id);
  ASSERT_THAT(before.practices, SizeIs(1));
  EXPECT_EQ(before.practices[0].organization, hospital_);
  const PractitionerProfile long_ago = On(all, kToday - 3000);
  EXPECT_THAT(long_ago.titles, IsEmpty());
  EXPECT_THAT(long_ago.qualifications, IsEmpty());
  EXPECT_THAT(long_ago.practices, IsEmpty());
}

}  // namespace
}  // namespace yilian::directory
