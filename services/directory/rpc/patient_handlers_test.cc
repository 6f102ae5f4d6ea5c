#include "services/directory/rpc/patient_handlers.h"

#include <gmock/gmock.h>

#include <atomic>
#include <set>
#include <thread>

#include "services/directory/testing/directory_fixture.h"

namespace yilian::directory {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kWomansNumber[] = "11010519491231002X";
constexpr char kMansNumber[] = "110105199003070914";

class PatientTest : public testing::DirectoryFixture {
 protected:
  void SetUp() override {
    DirectoryFixture::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    township_ = MakeOrganization("青山镇卫生院");
    hospital_ = MakeOrganization("市第一医院", v1::TIER_TERTIARY_HOSPITAL);
  }
  static void AddIdentifier(v1::RegisterPatientRequest& request, const std::string& issuer,
                            const std::string& value) {
    v1::PatientIdentifier& identifier = *request.add_identifiers();
    identifier.set_issuer(issuer);
    identifier.set_value(value);
  }
  absl::StatusOr<v1::RegisterPatientResponse> Register(const v1::RegisterPatientRequest& request,
                                                       const rpc::Caller& caller) {
    return As(caller, *patient_handlers_, &PatientHandlers::RegisterPatient, request);
  }
  absl::StatusOr<v1::RegisterPatientResponse> Register(const v1::RegisterPatientRequest& request) {
    return Register(request, PersonOf(request.organization_id()));
  }
  absl::StatusOr<v1::Patient> Get(const std::string& patient, const rpc::Caller& caller) {
    v1::GetPatientRequest request;
    request.set_patient_id(patient);
    return As(caller, *patient_handlers_, &PatientHandlers::GetPatient, request);
  }
  absl::StatusOr<v1::Patient> FindByNumber(const std::string& number, const rpc::Caller& caller) {
    v1::FindPatientRequest request;
    request.set_national_id(number);
    return As(caller, *patient_handlers_, &PatientHandlers::FindPatient, request);
  }
  absl::StatusOr<v1::Patient> FindByIdentifier(const std::string& issuer, const std::string& value,
                                               const rpc::Caller& caller) {
    v1::FindPatientRequest request;
    request.mutable_identifier()->set_issuer(issuer);
    request.mutable_identifier()->set_value(value);
    return As(caller, *patient_handlers_, &PatientHandlers::FindPatient, request);
  }
  absl::StatusOr<v1::Patient> Merge(const std::string& survivor, const std::string& merged,
                                    const rpc::Caller& caller) {
    v1::MergePatientsRequest request;
    request.set_request_id(testing::NewId());
    request.set_surviving_patient_id(survivor);
    request.set_merged_patient_id(merged);
    request.set_reason("one person, two cards");
    return As(caller, *patient_handlers_, &PatientHandlers::MergePatients, request);
  }

  std::string township_;
  std::string hospital_;
};

TEST_F(PatientTest, IsRegisteredAndReadBackWithItsNumbersMasked) {
  v1::RegisterPatientRequest request = NewPatient(township_);
  request.set_phone("13812345678");
  request.set_national_id(kWomansNumber);
  AddIdentifier(request, township_, "MRN-7");
  const auto made = Register(request);
  ASSERT_THAT(made, IsOk());
  EXPECT_TRUE(made->created());
  const auto patient = Get(made->patient().patient_id(), PersonOf(township_));
  ASSERT_THAT(patient, IsOk());
  EXPECT_EQ(patient->SerializeAsString(), made->patient().SerializeAsString());
  EXPECT_EQ(patient->name(), "王小芳");
  EXPECT_EQ(patient->birth_date(), "1949-12-31") << "taken from the resident identity number";
  EXPECT_EQ(patient->phone_masked(), "138****5678");
  EXPECT_EQ(patient->national_id_masked(), "110***********002X");
  ASSERT_THAT(patient->identifiers(), SizeIs(1));
  EXPECT_EQ(patient->identifiers(0).value(), "MRN-7");
  EXPECT_EQ(patient->etag(), "v1");
  ASSERT_THAT(reads_, SizeIs(1)) << "a read names whose data it was";
  EXPECT_EQ(reads_[0].id.ToString(), patient->patient_id());
  EXPECT_EQ(Count("SELECT COUNT(audit_id) FROM audit_entry WHERE data_subject_id = ?",
                  {*base::Uuid::Parse(patient->patient_id())}),
            1)
      << "the write left its record";
}

TEST_F(PatientTest, IdentifiersAreShownToTheirIssuerOnly) {
  v1::RegisterPatientRequest request = NewPatient(township_);
  request.set_national_id(kWomansNumber);
  AddIdentifier(request, township_, "MRN-7");
  ASSERT_THAT(Register(request), IsOk());
  v1::RegisterPatientRequest there = NewPatient(hospital_);
  there.set_national_id("11010519491231002x");
  AddIdentifier(there, hospital_, "H-1");
  const auto found = Register(there);
  ASSERT_THAT(found, IsOk());
  EXPECT_FALSE(found->created());
  ASSERT_THAT(found->patient().identifiers(), SizeIs(1));
  EXPECT_EQ(found->patient().identifiers(0).value(), "H-1");
  const auto seen = Get(found->patient().patient_id(), PersonOf(township_));
  ASSERT_THAT(seen->identifiers(), SizeIs(1));
  EXPECT_EQ(seen->identifiers(0).value(), "MRN-7");
}

TEST_F(PatientTest, WithoutARelationshipAPatientIsAsOneThatDoesNotExist) {
  const std::string patient = MakePatient(township_);
  const absl::Status foreign = Get(patient, PersonOf(hospital_)).status();
  EXPECT_THAT(foreign, StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
  EXPECT_EQ(foreign, Get(testing::NewId(), PersonOf(hospital_)).status());
  EXPECT_THAT(reads_, IsEmpty());
  EXPECT_THAT(Get(patient, Service("lab")), IsOk()) << "a service acts for all";
  EXPECT_THAT(Get(testing::NewId(), Service("lab")), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(PatientTest, NothingThatIdentifiesIsStoredInTheClear) {
  v1::RegisterPatientRequest request = NewPatient(township_);
  request.set_phone("13812345678");
  request.set_national_id(kWomansNumber);
  AddIdentifier(request, township_, "MRN-7");
  ASSERT_THAT(Register(request), IsOk());
  for (const std::string clear : {"王小芳", "13812345678", kWomansNumber, "MRN-7"}) {
    const mysql::Value bytes(mysql::Blob{clear});
    EXPECT_EQ(Count("SELECT COUNT(patient_id) FROM patient WHERE LOCATE(?, name_cipher) > 0 "
                    "OR LOCATE(?, phone_cipher) > 0",
                    {bytes, bytes}),
              0)
        << clear;
    EXPECT_EQ(Count("SELECT COUNT(patient_id) FROM patient_identifier WHERE "
                    "LOCATE(?, value_cipher) > 0 OR LOCATE(?, value_index) > 0",
                    {bytes, bytes}),
              0)
        << clear;
    EXPECT_EQ(
        Count("SELECT COUNT(request_id) FROM idempotency_ledger WHERE LOCATE(?, response) > 0",
              {bytes}),
        0)
        << clear;
    EXPECT_EQ(Count("SELECT COUNT(outbox_id) FROM outbox WHERE LOCATE(?, payload) > 0", {bytes}), 0)
        << clear;
  }
}

TEST_F(PatientTest, ManyWhoRegisterTheSamePersonAtOnceMakeOneRecord) {
  constexpr int kCreators = 64;
  std::atomic<int> created{0};
  std::atomic<int> failed{0};
  std::vector<std::string> ids(kCreators);
  std::vector<std::thread> threads;
  for (int i = 0; i < kCreators; ++i) {
    threads.emplace_back([&, i] {
      v1::RegisterPatientRequest request = NewPatient(i % 2 == 0 ? township_ : hospital_);
      request.set_national_id(kWomansNumber);
      AddIdentifier(request, request.organization_id(), "CARD-1");
      AddIdentifier(request, request.organization_id(), "CARD-" + std::to_string(i % 4));
      const testing::TestCall call(PersonOf(request.organization_id()), request);
      const auto response = patient_handlers_->RegisterPatient(call, request);
      if (!response.ok()) {
        ADD_FAILURE() << response.status();
        ++failed;
        return;
      }
      ids[static_cast<size_t>(i)] = response->patient().patient_id();
      if (response->created()) ++created;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(created, 1);
  EXPECT_THAT(std::set<std::string>(ids.begin(), ids.end()), SizeIs(1));
  EXPECT_EQ(Count("SELECT COUNT(patient_id) FROM patient"), 1);
  EXPECT_EQ(Count("SELECT COUNT(DISTINCT patient_id) FROM patient_identifier"), 1);
  EXPECT_EQ(Count("SELECT COUNT(value_index) FROM patient_identifier"), 6)
      << "the resident identity number, CARD-0, CARD-1, CARD-2 here, CARD-1, CARD-3 there";
  EXPECT_EQ(Count("SELECT COUNT(outbox_id) FROM outbox WHERE type = 'PatientRegistered'"), 1);
  EXPECT_EQ(Count("SELECT COUNT(outbox_id) FROM outbox WHERE type = 'CareRelationshipOpened'"), 2);
}

TEST_F(PatientTest, RepeatingARegistrationReturnsTheFirstOutcome) {
  v1::RegisterPatientRequest request = NewPatient(township_);
  const rpc::Caller doctor = PersonOf(township_);
  const auto first = Register(request, doctor);
  ASSERT_THAT(first, IsOk());
  const auto again = Register(request, doctor);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  EXPECT_TRUE(again->created());
  EXPECT_EQ(Count("SELECT COUNT(patient_id) FROM patient"), 1);
}

TEST_F(PatientTest, AFoundRecordGetsWhatItLacksAndRefusesWhatContradicts) {
  v1::RegisterPatientRequest by_card = NewPatient(township_);
  AddIdentifier(by_card, township_, "MRN-7");
  const auto first = Register(by_card);
  ASSERT_THAT(first, IsOk());
  v1::RegisterPatientRequest with_number = NewPatient(township_);
  AddIdentifier(with_number, township_, "MRN-7");
  with_number.set_national_id(kWomansNumber);
  const auto found = Register(with_number);
  ASSERT_THAT(found, IsOk());
  EXPECT_FALSE(found->created());
  EXPECT_EQ(found->patient().patient_id(), first->patient().patient_id());
  EXPECT_EQ(found->patient().national_id_masked(), "110***********002X");
  EXPECT_EQ(found->patient().etag(), "v2");

  v1::RegisterPatientRequest other_number = NewPatient(township_);
  other_number.set_sex(v1::SEX_MALE);
  other_number.set_national_id(kMansNumber);
  AddIdentifier(other_number, township_, "MRN-7");
  EXPECT_THAT(Register(other_number),
              StatusIs(absl::StatusCode::kAlreadyExists, "IDENTIFIER_TAKEN"))
      << "the card belongs to a person with another number";

  v1::RegisterPatientRequest other = NewPatient(township_);
  AddIdentifier(other, township_, "MRN-8");
  ASSERT_THAT(Register(other), IsOk());
  AddIdentifier(other, township_, "MRN-7");
  other.set_request_id(testing::NewId());
  EXPECT_THAT(Register(other), StatusIs(absl::StatusCode::kAlreadyExists, "IDENTIFIER_TAKEN"));
  EXPECT_EQ(Count("SELECT COUNT(patient_id) FROM patient"), 2);
  EXPECT_EQ(Count("SELECT COUNT(value_index) FROM patient_identifier"), 3)
      << "errors change nothing";
}

TEST_F(PatientTest, RegistrationNeedsAnOrganizationThatExistsAndIsTheCallers) {
  EXPECT_THAT(Register(NewPatient(testing::NewId())),
              StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
  EXPECT_THAT(Register(NewPatient(hospital_), PersonOf(township_)),
              StatusIs(absl::StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
  EXPECT_THAT(Register(NewPatient(hospital_), Service("gateway")), IsOk());
}

TEST_F(PatientTest, IsFoundByTheNumberInFullOrByAnIdentifierWhereThereIsARelationship) {
  v1::RegisterPatientRequest request = NewPatient(township_);
  request.set_national_id(kWomansNumber);
  AddIdentifier(request, township_, "MRN-7");
  const auto made = Register(request);
  ASSERT_THAT(made, IsOk());
  const std::string id = made->patient().patient_id();
  EXPECT_EQ(FindByNumber("11010519491231002x", PersonOf(hospital_))->patient_id(), id);
  EXPECT_THAT(reads_, SizeIs(1));
  EXPECT_EQ(FindByIdentifier(township_, "MRN-7", PersonOf(township_))->patient_id(), id);
  EXPECT_EQ(FindByIdentifier(township_, "MRN-7", Service("gateway"))->patient_id(), id);
  const absl::Status foreign = FindByIdentifier(township_, "MRN-7", PersonOf(hospital_)).status();
  EXPECT_THAT(foreign, StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
  EXPECT_EQ(foreign, FindByIdentifier(township_, "MRN-8", PersonOf(hospital_)).status());
  EXPECT_THAT(FindByIdentifier(hospital_, "MRN-7", Service("gateway")),
              StatusIs(absl::StatusCode::kNotFound))
      << "another issuer's number";
  EXPECT_THAT(FindByNumber(kMansNumber, PersonOf(township_)),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(PatientTest, AMergeMovesIdentifiersAndCopiesRelationships) {
  v1::RegisterPatientRequest here = NewPatient(township_);
  AddIdentifier(here, township_, "MRN-7");
  const std::string survivor = Register(here)->patient().patient_id();
  v1::RegisterPatientRequest there = NewPatient(hospital_);
  there.set_national_id(kWomansNumber);
  AddIdentifier(there, hospital_, "H-1");
  const std::string merged = Register(there)->patient().patient_id();

  EXPECT_THAT(Merge(survivor, merged, PersonOf(township_)),
              StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"))
      << "the township knows only one of the two";
  EXPECT_THAT(Merge(survivor, survivor, Service("gateway")),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  const auto result = Merge(survivor, merged, Service("gateway"));
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->patient_id(), survivor);
  EXPECT_EQ(result->national_id_masked(), "110***********002X");
  EXPECT_EQ(EventTypes().back(), "PatientsMerged");

  EXPECT_EQ(FindByIdentifier(hospital_, "H-1", PersonOf(hospital_))->patient_id(), survivor);
  EXPECT_EQ(FindByNumber(kWomansNumber, PersonOf(township_))->patient_id(), survivor);
  EXPECT_EQ(Get(merged, PersonOf(hospital_))->merged_into(), survivor);
  EXPECT_TRUE(MaySee(hospital_, survivor));
  EXPECT_TRUE(MaySee(township_, survivor));
  EXPECT_FALSE(MaySee(hospital_, merged)) << "nothing new begins on a merged record";

  const absl::Status again = Merge(survivor, merged, Service("gateway")).status();
  EXPECT_THAT(again, StatusIs(absl::StatusCode::kFailedPrecondition, "PATIENT_MERGED"));
  EXPECT_EQ(status::InfoOf(again)->metadata().at("surviving_patient_id"), survivor);
}

TEST_F(PatientTest, RecordsMergedEarlierFollowToTheLastSurvivor) {
  const std::string first = MakePatient(township_);
  const std::string second = MakePatient(township_);
  const std::string third = MakePatient(township_);
  ASSERT_THAT(Merge(second, first, PersonOf(township_)), IsOk());
  ASSERT_THAT(Merge(third, second, PersonOf(township_)), IsOk());
  EXPECT_EQ(Get(first, PersonOf(township_))->merged_into(), third);
  EXPECT_EQ(Get(second, PersonOf(township_))->merged_into(), third);
  EXPECT_EQ(Get(third, PersonOf(township_))->merged_into(), "");
}

TEST_F(PatientTest, RecordsWithDifferentNumbersAreNotOnePerson) {
  v1::RegisterPatientRequest woman = NewPatient(township_);
  woman.set_national_id(kWomansNumber);
  v1::RegisterPatientRequest man = NewPatient(township_);
  man.set_sex(v1::SEX_MALE);
  man.set_national_id(kMansNumber);
  const std::string one = Register(woman)->patient().patient_id();
  const std::string other = Register(man)->patient().patient_id();
  EXPECT_THAT(Merge(one, other, PersonOf(township_)),
              StatusIs(absl::StatusCode::kInvalidArgument, "IDENTITY_CONTRADICTS"));
}

TEST_F(PatientTest, AContractOpensARelationshipForItsPeriod) {
  const std::string patient = MakePatient(township_);
  const std::string centre = MakeOrganization("东湖社区卫生服务中心", v1::TIER_COMMUNITY_CENTRE);
  v1::CreateContractRequest request;
  request.set_request_id(testing::NewId());
  request.set_patient_id(patient);
  request.set_organization_id(centre);
  request.set_practitioner_id(MakePractitioner(centre, "赵敏"));
  const absl::CivilDay today = DayOf(clock_.Now());
  request.set_start_date(absl::FormatCivilTime(today));
  request.set_end_date(absl::FormatCivilTime(today + 9));
  const auto create = [&](const rpc::Caller& caller) {
    request.set_request_id(testing::NewId());
    return As(caller, *patient_handlers_, &PatientHandlers::CreateContract, request);
  };
  EXPECT_THAT(create(PersonOf(centre)), StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"))
      << "the centre does not know the resident yet";
  EXPECT_THAT(create(PersonOf(township_)),
              StatusIs(absl::StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
  ASSERT_FALSE(MaySee(centre, patient));
  const auto contract = create(Ctl());
  ASSERT_THAT(contract, IsOk());
  EXPECT_EQ(contract->end_date(), request.end_date());
  EXPECT_TRUE(MaySee(centre, patient));
  const std::vector<std::string> types = EventTypes();
  EXPECT_THAT(std::vector<std::string>(types.end() - 2, types.end()),
              ElementsAre("CareRelationshipOpened", "ContractSigned"));
  clock_.Set(StartOf(today + 10) - absl::Microseconds(1));
  EXPECT_TRUE(MaySee(centre, patient));
  clock_.Advance(absl::Microseconds(1));
  EXPECT_FALSE(MaySee(centre, patient));

  request.set_practitioner_id(MakePractitioner(township_, "李伟"));
  EXPECT_THAT(create(Ctl()), StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"))
      << "another organization's doctor";
  request.set_patient_id(testing::NewId());
  EXPECT_THAT(create(Ctl()), StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
}

}  // namespace
}  // namespace yilian::directory
