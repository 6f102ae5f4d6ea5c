#include "services/directory/rpc/practitioner_handlers.h"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "services/directory/store/mysql_practitioner_store.h"
#include "services/directory/testing/directory_fixture.h"

namespace yilian::directory {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

const absl::StatusCode kNotFound = absl::StatusCode::kNotFound;
const absl::StatusCode kExists = absl::StatusCode::kAlreadyExists;
constexpr char kLicence[] = "110330000000017";

class PractitionerTest : public testing::DirectoryFixture {
 protected:
  void SetUp() override {
    DirectoryFixture::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    store_ = std::make_unique<MysqlPractitionerStore>(*pool_, cipher_, index_);
    handlers_ = std::make_unique<PractitionerHandlers>(
        PractitionerHandlers::Deps{.unit = *unit_, .practitioners = *store_, .sealer = sealer_});
    hospital_ = MakeOrganization("市第一医院", v1::TIER_TERTIARY_HOSPITAL);
    township_ = MakeOrganization("青山镇卫生院");
    doctor_ = MakePractitioner(hospital_, "陈静");
  }

  absl::CivilDay Today() { return DayOf(clock_.Now()); }
  std::string Day(int ago) { return absl::FormatCivilTime(Today() - ago); }

  absl::StatusOr<v1::Practitioner> Award(const std::string& etag, v1::ProfessionalTitle title,
                                         int days_ago) {
    v1::AwardTitleRequest request;
    request.set_request_id(testing::NewId());
    request.set_practitioner_id(doctor_);
    request.set_etag(etag);
    request.set_title(title);
    request.set_since(Day(days_ago));
    return As(Ctl(), *handlers_, &PractitionerHandlers::AwardTitle, request);
  }
  v1::RecordQualificationRequest Licence(const std::string& practitioner, const std::string& etag,
                                         int days_ago) {
    v1::RecordQualificationRequest request;
    request.set_request_id(testing::NewId());
    request.set_practitioner_id(practitioner);
    request.set_etag(etag);
    request.set_kind(v1::QUALIFICATION_KIND_PRACTISING_LICENCE);
    request.set_number(kLicence);
    request.set_category(v1::PRACTICE_CATEGORY_CLINICAL);
    request.add_scopes("内科专业");
    request.set_valid_from(Day(days_ago));
    return request;
  }
  absl::StatusOr<v1::Practitioner> Record(const v1::RecordQualificationRequest& request) {
    return As(Ctl(), *handlers_, &PractitionerHandlers::RecordQualification, request);
  }
  absl::StatusOr<v1::Practitioner> Begin(const std::string& etag, const std::string& organization,
                                         v1::PracticeKind kind) {
    v1::BeginPracticeRequest request;
    request.set_request_id(testing::NewId());
    request.set_practitioner_id(doctor_);
    request.set_etag(etag);
    request.set_organization_id(organization);
    request.set_kind(kind);
    return As(Ctl(), *handlers_, &PractitionerHandlers::BeginPractice, request);
  }
  absl::StatusOr<v1::Practitioner> End(const std::string& etag, const std::string& practice) {
    v1::EndPracticeRequest request;
    request.set_request_id(testing::NewId());
    request.set_practitioner_id(doctor_);
    request.set_etag(etag);
    request.set_practice_id(practice);
    return As(Ctl(), *handlers_, &PractitionerHandlers::EndPractice, request);
  }
  v1::PractitionerProfile Profile(const std::string& on = "") {
    v1::GetPractitionerProfileRequest request;
    request.set_practitioner_id(doctor_);
    request.set_on(on);
    const auto profile =
        As(Service("gateway"), *handlers_, &PractitionerHandlers::GetPractitionerProfile, request);
    EXPECT_THAT(profile, IsOk());
    return *profile;
  }
  std::vector<std::string> PractitionersOf(const std::string& organization,
                                           const std::string& on = "") {
    v1::ListPractitionersRequest request;
    request.set_organization_id(organization);
    request.set_on(on);
    const auto found = As(Ctl(), *handlers_, &PractitionerHandlers::ListPractitioners, request);
    EXPECT_THAT(found, IsOk());
    std::vector<std::string> ids;
    for (const v1::Practitioner& one : found->practitioners()) ids.push_back(one.practitioner_id());
    return ids;
  }
  absl::StatusOr<v1::Practitioner> Find(const std::string& number) {
    v1::FindPractitionerRequest request;
    request.set_kind(v1::QUALIFICATION_KIND_PRACTISING_LICENCE);
    request.set_number(number);
    return As(Service("gateway"), *handlers_, &PractitionerHandlers::FindPractitioner, request);
  }
  // An account of the practitioner there.
  absl::Status Employ(const std::string& organization) {
    v1::CreateUserRequest request;
    request.set_request_id(testing::NewId());
    request.set_user_name("chen." + testing::NewId().substr(24));
    request.set_password("a long enough password");
    request.set_organization_id(organization);
    request.set_practitioner_id(doctor_);
    request.set_display_name("陈静");
    request.add_roles(policy::v1::ROLE_EXPERT);
    return As(Ctl(), *organization_handlers_, &OrganizationHandlers::CreateUser, request).status();
  }

  std::unique_ptr<MysqlPractitionerStore> store_;
  std::unique_ptr<PractitionerHandlers> handlers_;
  std::string hospital_;
  std::string township_;
  std::string doctor_;
};

TEST_F(PractitionerTest, ATitleIsAwardedAndEarlierOnesAreKept) {
  const auto first = Award("v1", v1::PROFESSIONAL_TITLE_ATTENDING_PHYSICIAN, 10);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->professional_title(), v1::PROFESSIONAL_TITLE_ATTENDING_PHYSICIAN);
  EXPECT_EQ(first->title(), "主治医师");
  EXPECT_EQ(first->etag(), "v2");
  EXPECT_EQ(EventTypes().back(), "PractitionerRegistered");
  const auto earlier = Award("v2", v1::PROFESSIONAL_TITLE_PHYSICIAN, 2000);
  ASSERT_THAT(earlier, IsOk());
  EXPECT_EQ(earlier->professional_title(), v1::PROFESSIONAL_TITLE_ATTENDING_PHYSICIAN)
      << "an earlier one changes the past only";
  EXPECT_EQ(Profile().titles_size(), 2);
  ASSERT_EQ(Profile(Day(100)).titles_size(), 1);
  EXPECT_EQ(Profile(Day(100)).titles(0).title(), v1::PROFESSIONAL_TITLE_PHYSICIAN);
  EXPECT_EQ(Profile(Day(3000)).titles_size(), 0);
  EXPECT_THAT(Award("v2", v1::PROFESSIONAL_TITLE_CHIEF_PHYSICIAN, 0),
              StatusIs(absl::StatusCode::kAborted, "ETAG_STALE"));
  EXPECT_THAT(Award("v3", v1::PROFESSIONAL_TITLE_CHIEF_PHYSICIAN, -1),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

TEST_F(PractitionerTest, APositionStaysUnderTheName) {
  v1::CreatePractitionerRequest request;
  request.set_request_id(testing::NewId());
  request.set_organization_id(hospital_);
  request.set_name("周文彬");
  request.set_title("转诊办主任");
  request.set_professional_title(v1::PROFESSIONAL_TITLE_PHYSICIAN);
  request.set_title_since(Day(400));
  const auto made =
      As(Ctl(), *organization_handlers_, &OrganizationHandlers::CreatePractitioner, request);
  ASSERT_THAT(made, IsOk());
  doctor_ = made->practitioner_id();
  EXPECT_EQ(Profile().titles(0).since(), Day(400));
  const auto awarded = Award("v1", v1::PROFESSIONAL_TITLE_ATTENDING_PHYSICIAN, 0);
  ASSERT_THAT(awarded, IsOk());
  EXPECT_EQ(awarded->title(), "转诊办主任");
}

TEST_F(PractitionerTest, ACertificateIsSealedMaskedAndFoundByItsNumber) {
  const auto recorded = Record(Licence(doctor_, "v1", 100));
  ASSERT_THAT(recorded, IsOk());
  EXPECT_EQ(recorded->etag(), "v2");
  EXPECT_EQ(EventTypes().back(), "QualificationChanged");
  const v1::PractitionerProfile profile = Profile();
  ASSERT_EQ(profile.qualifications_size(), 1);
  EXPECT_EQ(profile.qualifications(0).number_masked(), "***********0017");
  EXPECT_THAT(profile.qualifications(0).scopes(), ElementsAre("内科专业"));
  EXPECT_EQ(Find("1103 3000 0000 017")->practitioner_id(), doctor_);
  EXPECT_THAT(Find("110330000000018"), StatusIs(kNotFound, "NOT_FOUND"));
  const std::string like = "%" + std::string(kLicence) + "%";
  EXPECT_EQ(Count("SELECT COUNT(certificate_id) FROM practitioner_certificate "
                  "WHERE number_cipher LIKE ? OR number_index LIKE ?",
                  {like, like}),
            0);
  EXPECT_EQ(Count("SELECT COUNT(outbox_id) FROM outbox WHERE payload LIKE ? OR payload LIKE '%**%'",
                  {like}),
            0);
}

TEST_F(PractitionerTest, ANumberIsOnePractitionersHoweverManyRecordItAtOnce) {
  constexpr int kRecorders = 16;
  std::vector<std::string> practitioners;
  for (int i = 0; i < kRecorders; ++i) practitioners.push_back(MakePractitioner(hospital_, "李伟"));
  std::atomic<int> recorded{0};
  std::vector<std::thread> threads;
  for (const std::string& one : practitioners) {
    threads.emplace_back([&, one] {
      const v1::RecordQualificationRequest request = Licence(one, "v1", 10);
      const testing::TestCall call(Ctl(), request);
      const auto outcome = handlers_->RecordQualification(call, request);
      if (outcome.ok()) {
        ++recorded;
      } else {
        EXPECT_THAT(outcome, StatusIs(kExists, "IDENTIFIER_TAKEN"));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(recorded, 1);
  EXPECT_EQ(Count("SELECT COUNT(qualification_id) FROM practitioner_qualification"), 1);
}

TEST_F(PractitionerTest, AChangedScopeIsRecordedAnewUnderTheSameNumber) {
  ASSERT_THAT(Record(Licence(doctor_, "v1", 100)), IsOk());
  EXPECT_THAT(Record(Licence(doctor_, "v2", 50)), StatusIs(kExists, "IDENTIFIER_TAKEN"));
  v1::EndQualificationRequest end;
  end.set_request_id(testing::NewId());
  end.set_practitioner_id(doctor_);
  end.set_etag("v2");
  end.set_qualification_id(Profile().qualifications(0).qualification_id());
  end.set_valid_until(Day(51));
  end.set_end(v1::QUALIFICATION_END_CHANGED);
  ASSERT_THAT(As(Ctl(), *handlers_, &PractitionerHandlers::EndQualification, end), IsOk());
  v1::RecordQualificationRequest anew = Licence(doctor_, "v3", 50);
  anew.set_scopes(0, "全科医学专业");
  ASSERT_THAT(Record(anew), IsOk());
  EXPECT_EQ(Profile().qualifications_size(), 2);
  EXPECT_EQ(Profile(Day(60)).qualifications(0).scopes(0), "内科专业");
  EXPECT_EQ(Profile(Day(0)).qualifications(0).scopes(0), "全科医学专业");
  end.set_request_id(testing::NewId());
  end.set_etag("v4");
  end.set_qualification_id(testing::NewId());
  EXPECT_THAT(As(Ctl(), *handlers_, &PractitionerHandlers::EndQualification, end),
              StatusIs(kNotFound, "NOT_FOUND"));
}

TEST_F(PractitionerTest, PractisesInSeveralPlacesAndActsThereWhileItLasts) {
  EXPECT_THAT(Employ(township_), StatusIs(kNotFound, "NOT_FOUND"));
  const std::string before = Day(0);
  clock_.Advance(absl::Hours(48));
  const auto further = Begin("v1", township_, v1::PRACTICE_KIND_FURTHER);
  ASSERT_THAT(further, IsOk());
  EXPECT_EQ(further->organization_id(), hospital_) << "the main one";
  EXPECT_EQ(EventTypes().back(), "PracticeChanged");
  EXPECT_THAT(Employ(township_), IsOk());
  EXPECT_THAT(PractitionersOf(township_), ElementsAre(doctor_));
  EXPECT_THAT(PractitionersOf(township_, before), IsEmpty());
  EXPECT_THAT(PractitionersOf(hospital_), ElementsAre(doctor_));
  const v1::PractitionerProfile profile = Profile();
  ASSERT_EQ(profile.practices_size(), 2);
  EXPECT_EQ(profile.practices(0).organization_id(), township_);
  EXPECT_EQ(profile.practices(1).kind(), v1::PRACTICE_KIND_MAIN);

  clock_.Advance(absl::Hours(48));
  const std::string practice = profile.practices(0).practice_id();
  ASSERT_THAT(End("v2", practice), IsOk());
  EXPECT_THAT(Employ(township_), StatusIs(kNotFound, "NOT_FOUND"));
  EXPECT_THAT(PractitionersOf(township_, Day(-1)), IsEmpty());
  EXPECT_THAT(PractitionersOf(township_, Day(1)), ElementsAre(doctor_));
  EXPECT_EQ(Profile(Day(1)).practices_size(), 2);
  EXPECT_EQ(Profile(Day(-1)).practices_size(), 1);
  EXPECT_THAT(End("v3", testing::NewId()), StatusIs(kNotFound, "NOT_FOUND"));
  EXPECT_THAT(Begin("v3", testing::NewId(), v1::PRACTICE_KIND_FURTHER),
              StatusIs(kNotFound, "NOT_FOUND"));
}

TEST_F(PractitionerTest, AnotherMainOrganizationIsToldAndIsTheirs) {
  const absl::Status second = Begin("v1", township_, v1::PRACTICE_KIND_MAIN).status();
  EXPECT_THAT(second, StatusIs(kExists, "IDENTIFIER_TAKEN"));
  clock_.Advance(absl::Hours(1));
  ASSERT_THAT(End("v1", Profile().practices(0).practice_id()), IsOk());
  EXPECT_THAT(Employ(hospital_), StatusIs(kNotFound, "NOT_FOUND"));
  const auto moved = Begin("v2", township_, v1::PRACTICE_KIND_MAIN);
  ASSERT_THAT(moved, IsOk());
  EXPECT_EQ(moved->organization_id(), township_);
  EXPECT_THAT(EventTypes(), Contains("PractitionerRegistered").Times(2));
  EXPECT_THAT(Employ(township_), IsOk());
}

TEST_F(PractitionerTest, OneOfAnEarlierReleasePractisesWhereTheirRecordSays) {
  ASSERT_THAT(
      mysql::RunTransaction(
          *pool_, {.name = "test.Earlier", .deadline = absl::Now() + absl::Seconds(10)},
          [](mysql::Session& session) {
            return session.Execute({"test.Earlier", "DELETE FROM practitioner_practice"}).status();
          }),
      IsOk());
  EXPECT_THAT(Employ(hospital_), IsOk());
  EXPECT_THAT(Employ(township_), StatusIs(kNotFound, "NOT_FOUND"));
  ASSERT_EQ(Profile().practices_size(), 1);
  EXPECT_EQ(Profile().practices(0).organization_id(), hospital_);
  clock_.Advance(absl::Hours(1));
  ASSERT_THAT(Begin("v1", township_, v1::PRACTICE_KIND_FURTHER), IsOk());
  EXPECT_EQ(Profile().practices_size(), 2);
  EXPECT_THAT(Employ(hospital_), IsOk());
}

TEST_F(PractitionerTest, ReadsNameThePractitionerAndNotFoundIsPlain) {
  Profile();
  ASSERT_EQ(reads_.size(), 1u);
  EXPECT_EQ(reads_[0].id.ToString(), doctor_);
  v1::GetPractitionerProfileRequest request;
  request.set_practitioner_id(testing::NewId());
  EXPECT_THAT(As(Ctl(), *handlers_, &PractitionerHandlers::GetPractitionerProfile, request),
              StatusIs(kNotFound, "NOT_FOUND"));
  v1::ListPractitionersRequest list;
  list.set_organization_id(testing::NewId());
  EXPECT_THAT(As(Ctl(), *handlers_, &PractitionerHandlers::ListPractitioners, list),
              StatusIs(kNotFound, "NOT_FOUND"));
}

}  // namespace
}  // namespace yilian::directory
