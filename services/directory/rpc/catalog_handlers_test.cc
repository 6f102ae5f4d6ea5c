#include "services/directory/rpc/catalog_handlers.h"

#include <gmock/gmock.h>

#include "services/directory/jobs/seat_consumer.h"
#include "services/directory/store/mysql_catalog_store.h"
#include "services/directory/store/mysql_receiver_source.h"
#include "services/directory/testing/directory_fixture.h"
#include "yilian/scheduling/v1/scheduling.pb.h"

namespace yilian::directory {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::ElementsAre;

class CatalogTest : public testing::DirectoryFixture {
 protected:
  void SetUp() override {
    DirectoryFixture::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    catalog_ = std::make_unique<MysqlCatalogStore>(*pool_);
    receivers_ = std::make_unique<MysqlReceiverSource>(*pool_);
    handlers_ = std::make_unique<CatalogHandlers>(CatalogHandlers::Deps{
        .unit = *unit_, .catalog = *catalog_, .receivers = *receivers_, .sealer = sealer_});
  }

  // A lead hospital with itself as consortium.
  std::string MakeLead(const std::string& name) {
    return Make(name, v1::TIER_TERTIARY_HOSPITAL, "");
  }
  std::string Make(const std::string& name, v1::Tier tier, const std::string& lead) {
    v1::CreateOrganizationRequest request;
    request.set_request_id(testing::NewId());
    request.set_organization_id(testing::NewId());
    request.set_name(name);
    request.set_tier(tier);
    request.set_consortium_id(lead.empty() ? request.organization_id() : lead);
    const auto made =
        As(Ctl(), *organization_handlers_, &OrganizationHandlers::CreateOrganization, request);
    EXPECT_THAT(made, IsOk());
    return made->organization_id();
  }
  std::string MakeDepartment(const std::string& organization, const std::string& name) {
    v1::CreateDepartmentRequest request;
    request.set_request_id(testing::NewId());
    request.set_organization_id(organization);
    request.set_name(name);
    request.set_specialty("CARDIOLOGY");
    const auto made =
        As(Ctl(), *organization_handlers_, &OrganizationHandlers::CreateDepartment, request);
    EXPECT_THAT(made, IsOk());
    return made->department_id();
  }
  static v1::DefineCatalogEntryRequest Entry(const std::string& department,
                                             const std::string& etag = "") {
    v1::DefineCatalogEntryRequest request;
    request.set_request_id(testing::NewId());
    request.set_department_id(department);
    request.set_etag(etag);
    request.add_capabilities("ECHOCARDIOGRAPHY");
    request.add_capabilities("CORONARY_INTERVENTION");
    request.add_settings(referral::v1::SETTING_OUTPATIENT);
    request.add_channels(referral::v1::CHANNEL_STANDARD);
    v1::RequiredItem& item = *request.add_required_items();
    item.set_code("LAB_REPORT");
    item.set_kind(v1::REQUIRED_ITEM_KIND_REPORT);
    item.set_name("检验报告");
    item.add_directions(referral::v1::DIRECTION_UP);
    request.add_conditions()->set_system("I10");
    request.mutable_conditions(0)->set_code("I20");
    return request;
  }
  absl::StatusOr<v1::CatalogEntry> Define(const rpc::Caller& caller,
                                          const v1::DefineCatalogEntryRequest& request) {
    return As(caller, *handlers_, &CatalogHandlers::DefineCatalogEntry, request);
  }
  absl::StatusOr<v1::CatalogEntry> Get(const std::string& department) {
    v1::GetCatalogEntryRequest request;
    request.set_department_id(department);
    return As(Service("referral"), *handlers_, &CatalogHandlers::GetCatalogEntry, request);
  }
  absl::StatusOr<v1::OrganizationLocation> Locate(const rpc::Caller& caller,
                                                  const std::string& organization, double longitude,
                                                  double latitude, const std::string& etag = "") {
    v1::LocateOrganizationRequest request;
    request.set_request_id(testing::NewId());
    request.set_organization_id(organization);
    request.set_longitude(longitude);
    request.set_latitude(latitude);
    request.set_etag(etag);
    return As(caller, *handlers_, &CatalogHandlers::LocateOrganization, request);
  }
  absl::StatusOr<v1::FindReceiversResponse> Find(const rpc::Caller& caller,
                                                 const std::string& organization, int size = 0,
                                                 const std::string& token = "") {
    v1::FindReceiversRequest request;
    request.set_organization_id(organization);
    request.set_direction(referral::v1::DIRECTION_UP);
    request.set_channel(referral::v1::CHANNEL_STANDARD);
    request.set_setting(referral::v1::SETTING_OUTPATIENT);
    request.set_specialty("CARDIOLOGY");
    request.mutable_page()->set_page_size(size);
    request.mutable_page()->set_page_token(token);
    return As(caller, *handlers_, &CatalogHandlers::FindReceivers, request);
  }
  static std::vector<std::string> DepartmentsOf(const v1::FindReceiversResponse& response) {
    std::vector<std::string> departments;
    for (const auto& one : response.receivers()) departments.push_back(one.department_id());
    return departments;
  }
  void Apply(const google::protobuf::Message& payload) {
    event::v1::Event event;
    event.set_event_id(testing::NewId());
    event.mutable_payload()->PackFrom(payload);
    EXPECT_THAT(mysql::RunTransaction(
                    *pool_, {.name = "test.Apply", .deadline = absl::Now() + absl::Seconds(10)},
                    [&](mysql::Session& session) { return ApplySeatEvent(session, event); }),
                IsOk());
  }
  // A session of so many seats, `reserved` of them for the consortium.
  std::string OfferSession(const std::string& department, absl::Duration ahead, int seats,
                           int reserved) {
    scheduling::v1::SessionCreated created;
    scheduling::v1::Session& session = *created.mutable_session();
    session.set_session_id(testing::NewId());
    session.set_department_id(department);
    session.set_kind(scheduling::v1::SESSION_KIND_OUTPATIENT);
    session.mutable_time()->mutable_start()->set_seconds(absl::ToUnixSeconds(clock_.Now() + ahead));
    session.set_seats(seats);
    if (reserved > 0) {
      session.add_quotas()->set_kind(scheduling::v1::POOL_KIND_CONSORTIUM);
      session.mutable_quotas(0)->set_seats(reserved);
    }
    Apply(created);
    return session.session_id();
  }
  void Book(const std::string& session, const std::string& booking,
            scheduling::v1::BookingState state) {
    scheduling::v1::BookingChanged changed;
    changed.mutable_booking()->set_booking_id(booking);
    changed.mutable_booking()->set_session_id(session);
    changed.mutable_booking()->set_state(state);
    Apply(changed);
  }

  std::unique_ptr<MysqlCatalogStore> catalog_;
  std::unique_ptr<MysqlReceiverSource> receivers_;
  std::unique_ptr<CatalogHandlers> handlers_;
};

TEST_F(CatalogTest, AnEntryIsDefinedReadAndReplacedByWhoHasReadIt) {
  const std::string hospital = MakeLead("市第一医院");
  const std::string department = MakeDepartment(hospital, "心内科");
  EXPECT_THAT(Get(department), StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
  const v1::DefineCatalogEntryRequest request = Entry(department);
  const auto made = Define(PersonOf(hospital), request);
  ASSERT_THAT(made, IsOk());
  EXPECT_EQ(made->etag(), "v1");
  EXPECT_THAT(made->capabilities(), ElementsAre("CORONARY_INTERVENTION", "ECHOCARDIOGRAPHY"));
  EXPECT_EQ(Get(department)->SerializeAsString(), made->SerializeAsString());
  EXPECT_EQ(EventTypes().back(), "CatalogEntryChanged");

  EXPECT_THAT(Define(PersonOf(hospital), Entry(department)),
              StatusIs(absl::StatusCode::kAborted, "ETAG_STALE"))
      << "there is one already";
  v1::DefineCatalogEntryRequest change = Entry(department, "v1");
  change.clear_required_items();
  change.clear_conditions();
  const auto changed = Define(PersonOf(hospital), change);
  ASSERT_THAT(changed, IsOk());
  EXPECT_EQ(changed->required_items_size(), 0);
  EXPECT_EQ(Get(department)->SerializeAsString(), changed->SerializeAsString());
}

TEST_F(CatalogTest, ACoordinatorSpeaksForTheirOrganizationAndAnAdministratorForAll) {
  const std::string hospital = MakeLead("市第一医院");
  const std::string department = MakeDepartment(hospital, "心内科");
  rpc::Caller other = PersonOf(MakeLead("市第二医院"));
  EXPECT_THAT(Define(other, Entry(department)),
              StatusIs(absl::StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
  EXPECT_THAT(Locate(other, hospital, 120, 30),
              StatusIs(absl::StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
  other.roles = {policy::v1::ROLE_REGIONAL_ADMINISTRATOR};
  EXPECT_THAT(Define(other, Entry(department)), IsOk());
  EXPECT_THAT(Define(other, Entry(testing::NewId())),
              StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
  v1::DefineCatalogEntryRequest wrong = Entry(department, "v1");
  wrong.mutable_required_items(0)->set_code("ECG");
  const absl::Status refused = Define(other, wrong).status();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_EQ(status::BadRequestOf(refused)->field_violations(0).field(), "required_items[0].code");
}

TEST_F(CatalogTest, EntriesAreListedByOrganizationAndCapability) {
  const std::string hospital = MakeLead("市第一医院");
  std::vector<std::string> departments;
  for (const char* name : {"a", "b", "c"}) {
    departments.push_back(MakeDepartment(hospital, name));
    v1::DefineCatalogEntryRequest entry = Entry(departments.back());
    if (*name == 'b') entry.add_capabilities("ABLATION");
    ASSERT_THAT(Define(Ctl(), entry), IsOk());
  }
  v1::ListCatalogEntriesRequest request;
  request.set_organization_id(hospital);
  request.mutable_page()->set_page_size(2);
  const auto list = [&] {
    return As(Ctl(), *handlers_, &CatalogHandlers::ListCatalogEntries, request);
  };
  const auto first = list();
  ASSERT_THAT(first, IsOk());
  ASSERT_EQ(first->entries_size(), 2);
  EXPECT_EQ(first->entries(0).required_items_size(), 1);
  request.mutable_page()->set_page_token(first->page().next_page_token());
  const auto second = list();
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->entries_size(), 1);
  EXPECT_EQ(second->page().next_page_token(), "");
  request.clear_page();
  request.set_capability("ABLATION");
  ASSERT_EQ(list()->entries_size(), 1);
  EXPECT_EQ(list()->entries(0).department_id(), departments[1]);
  request.set_organization_id(testing::NewId());
  EXPECT_THAT(list(), StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
}

TEST_F(CatalogTest, APlaceIsOnEarthAndReplacedByWhoHasReadIt) {
  const std::string hospital = MakeLead("市第一医院");
  const auto made = Locate(PersonOf(hospital), hospital, 120.1234567, 30.5);
  ASSERT_THAT(made, IsOk());
  EXPECT_DOUBLE_EQ(made->longitude(), 120.123457);
  EXPECT_THAT(Locate(PersonOf(hospital), hospital, 121, 30.5),
              StatusIs(absl::StatusCode::kAborted, "ETAG_STALE"));
  EXPECT_THAT(Locate(PersonOf(hospital), hospital, 121, 30.5, made->etag()), IsOk());
  EXPECT_THAT(Locate(Ctl(), hospital, 181, std::nan("")),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

TEST_F(CatalogTest, ReceiversAreRankedByWhatIsKnownNow) {
  const std::string lead = MakeLead("市第一医院");
  const std::string member = Make("区医院", v1::TIER_SECONDARY_HOSPITAL, lead);
  const std::string township = Make("青山镇卫生院", v1::TIER_TOWNSHIP_HOSPITAL, lead);
  const std::string outside = MakeLead("外市医院");
  std::map<std::string, std::string> department;
  for (const std::string& one : {lead, member, township, outside}) {
    department[one] = MakeDepartment(one, "心内科");
    ASSERT_THAT(Define(Ctl(), Entry(department[one])), IsOk());
  }
  ASSERT_THAT(Locate(Ctl(), township, 120, 30), IsOk());
  ASSERT_THAT(Locate(Ctl(), lead, 120, 30.8), IsOk());
  ASSERT_THAT(Locate(Ctl(), member, 120, 30.1), IsOk());
  const rpc::Caller doctor = PersonOf(township);

  // The member is much nearer.
  const auto near = Find(doctor, "");
  ASSERT_THAT(near, IsOk());
  EXPECT_THAT(DepartmentsOf(*near), ElementsAre(department[member], department[lead]));
  EXPECT_EQ(near->receivers(0).required_items(0).code(), "LAB_REPORT");
  EXPECT_FALSE(near->receivers(0).has_first_free());

  // The lead offers seats soon: it comes first, until they are gone.
  const std::string session = OfferSession(department[lead], absl::Hours(20), 2, 1);
  const auto seats = Find(doctor, "");
  EXPECT_THAT(DepartmentsOf(*seats), ElementsAre(department[lead], department[member]));
  EXPECT_EQ(seats->receivers(0).factors(4).value(), 100) << "one reserved seat";
  const std::string first = testing::NewId();
  const std::string second = testing::NewId();
  Book(session, first, scheduling::v1::BOOKING_STATE_HELD);
  Book(session, first, scheduling::v1::BOOKING_STATE_BOOKED);
  EXPECT_THAT(DepartmentsOf(*Find(doctor, "")), ElementsAre(department[lead], department[member]));
  Book(session, second, scheduling::v1::BOOKING_STATE_BOOKED);
  EXPECT_THAT(DepartmentsOf(*Find(doctor, "")), ElementsAre(department[member], department[lead]));
  Book(session, second, scheduling::v1::BOOKING_STATE_CANCELLED);
  Book(session, second, scheduling::v1::BOOKING_STATE_CANCELLED);
  EXPECT_THAT(DepartmentsOf(*Find(doctor, "")), ElementsAre(department[lead], department[member]));
  EXPECT_EQ(Count("SELECT taken FROM offered_session"), 1);

  // Released seats are nobody's reserve.
  scheduling::v1::SeatsReleased released;
  released.set_session_id(session);
  released.set_from(scheduling::v1::POOL_KIND_CONSORTIUM);
  released.set_to(scheduling::v1::POOL_KIND_OPEN);
  released.set_seats(1);
  Apply(released);
  EXPECT_EQ(Find(doctor, "")->receivers(0).factors(4).value(), 0);

  // A session that has begun has no seats to offer.
  clock_.Advance(absl::Hours(21));
  EXPECT_THAT(DepartmentsOf(*Find(doctor, "")), ElementsAre(department[member], department[lead]));
}

TEST_F(CatalogTest, ABookingThatMovesToAnotherSessionFreesItsSeat) {
  const std::string lead = MakeLead("市第一医院");
  const std::string department = MakeDepartment(lead, "心内科");
  const std::string early = OfferSession(department, absl::Hours(20), 1, 0);
  const std::string late = OfferSession(department, absl::Hours(90), 1, 0);
  const std::string booking = testing::NewId();
  Book(early, booking, scheduling::v1::BOOKING_STATE_BOOKED);
  Book(late, booking, scheduling::v1::BOOKING_STATE_BOOKED);
  EXPECT_EQ(Count("SELECT COUNT(session_id) FROM offered_session WHERE taken = 1"), 1);
  EXPECT_EQ(
      Count("SELECT taken FROM offered_session WHERE session_id = ?", {*base::Uuid::Parse(late)}),
      1);
}

TEST_F(CatalogTest, ReceiversArePagedAndAskedForOneselfOnly) {
  const std::string lead = MakeLead("市第一医院");
  const std::string township = Make("青山镇卫生院", v1::TIER_TOWNSHIP_HOSPITAL, lead);
  for (const char* name : {"a", "b", "c"}) {
    ASSERT_THAT(Define(Ctl(), Entry(MakeDepartment(lead, name))), IsOk());
  }
  const rpc::Caller doctor = PersonOf(township);
  const std::vector<std::string> all = DepartmentsOf(*Find(doctor, ""));
  ASSERT_EQ(all.size(), 3u);
  const auto first = Find(doctor, "", 2);
  EXPECT_THAT(DepartmentsOf(*first), ElementsAre(all[0], all[1]));
  const auto second = Find(doctor, "", 2, first->page().next_page_token());
  ASSERT_THAT(second, IsOk());
  EXPECT_THAT(DepartmentsOf(*second), ElementsAre(all[2]));
  EXPECT_EQ(second->page().next_page_token(), "");

  EXPECT_THAT(Find(doctor, lead),
              StatusIs(absl::StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
  EXPECT_EQ(Find(Service("gateway"), township)->receivers_size(), 3);
  EXPECT_EQ(Find(Ctl(), MakeOrganization("独立诊所"))->receivers_size(), 0);
}

TEST_F(CatalogTest, APatientsFamilyDoctorCountsAndOnlyForWhoKnowsThePatient) {
  const std::string lead = MakeLead("市第一医院");
  std::vector<std::string> departments;
  std::vector<std::string> centres;
  for (const char* name : {"东湖社区卫生服务中心", "西湖社区卫生服务中心"}) {
    centres.push_back(Make(name, v1::TIER_COMMUNITY_CENTRE, lead));
    departments.push_back(MakeDepartment(centres.back(), "全科"));
    ASSERT_THAT(Define(Ctl(), Entry(departments.back())), IsOk());
  }
  const std::string patient = MakePatient(lead);
  v1::CreateContractRequest contract;
  contract.set_request_id(testing::NewId());
  contract.set_patient_id(patient);
  contract.set_organization_id(centres[1]);
  contract.set_practitioner_id(MakePractitioner(centres[1], "赵敏"));
  const absl::CivilDay today = DayOf(clock_.Now());
  contract.set_start_date(absl::FormatCivilTime(today));
  contract.set_end_date(absl::FormatCivilTime(today + 9));
  ASSERT_THAT(As(Ctl(), *patient_handlers_, &PatientHandlers::CreateContract, contract), IsOk());

  v1::FindReceiversRequest request;
  request.set_direction(referral::v1::DIRECTION_DOWN);
  request.set_channel(referral::v1::CHANNEL_STANDARD);
  request.set_setting(referral::v1::SETTING_OUTPATIENT);
  request.set_patient_id(patient);
  const auto find = [&](const rpc::Caller& caller) {
    return As(caller, *handlers_, &CatalogHandlers::FindReceivers, request);
  };
  const auto found = find(PersonOf(lead));
  ASSERT_THAT(found, IsOk());
  EXPECT_THAT(DepartmentsOf(*found), ElementsAre(departments[1], departments[0]));
  const v1::RankingFactor& reason = found->receivers(0).factors(5);
  EXPECT_EQ(reason.kind(), v1::RANKING_FACTOR_KIND_RESIDENT_CONTRACT);
  EXPECT_EQ(reason.value(), 1000);
  EXPECT_EQ(reason.text_zh(), "患者的家庭医生签约机构");
  EXPECT_EQ(found->receivers(1).factors(5).value(), 600);
  EXPECT_EQ(found->receivers(1).factors(1).kind(), v1::RANKING_FACTOR_KIND_CONSORTIUM);
  ASSERT_EQ(reads_.size(), 1u);
  EXPECT_EQ(reads_[0].data_subject.ToString(), patient);

  EXPECT_THAT(find(PersonOf(MakeLead("外市医院"))),
              StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
  request.set_organization_id(centres[0]);
  EXPECT_THAT(find(Service("gateway")), StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"))
      << "asked for a centre that does not know the patient";
  request.clear_organization_id();
  clock_.Set(StartOf(today + 10));
  EXPECT_EQ(find(PersonOf(lead))->receivers(0).factors(5).value(), 0) << "the contract is over";
}

}  // namespace
}  // namespace yilian::directory
