// Whom FindReceivers shows, in which order, and of which seats it speaks.
#include "services/directory/testing/catalog_fixture.h"
#include "yilian/scheduling/v1/session_cancellation.pb.h"

namespace yilian::directory {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::ElementsAre;

class FindReceiversTest : public testing::CatalogFixture {};

TEST_F(FindReceiversTest, ReceiversAreRankedByWhatIsKnownNow) {
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
  // Seat 1 is the consortium's.
  const std::string session = OfferSession(department[lead], absl::Hours(20), 2, 1);
  const auto seats = Find(doctor, "");
  EXPECT_THAT(DepartmentsOf(*seats), ElementsAre(department[lead], department[member]));
  EXPECT_EQ(seats->receivers(0).factors(4).value(), 100) << "one reserved seat";
  const std::string first = testing::NewId();
  const std::string second = testing::NewId();
  Book(session, first, scheduling::v1::BOOKING_STATE_HELD, 2);
  Book(session, first, scheduling::v1::BOOKING_STATE_BOOKED, 2);
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

TEST_F(FindReceiversTest, OnlySeatsThatTheReferrerMayTakeCount) {
  using scheduling::v1::BOOKING_STATE_BOOKED;
  using scheduling::v1::BOOKING_STATE_CANCELLED;
  using scheduling::v1::POOL_KIND_CONSORTIUM;
  using scheduling::v1::POOL_KIND_GREEN;
  using scheduling::v1::POOL_KIND_OPEN;
  using scheduling::v1::POOL_KIND_ORGANIZATION;
  const std::string lead = MakeLead("市第一医院");
  const std::string department = MakeDepartment(lead, "心内科");
  ASSERT_THAT(Define(Ctl(), Entry(department)), IsOk());
  const std::string township = Make("青山镇卫生院", v1::TIER_TOWNSHIP_HOSPITAL, lead);
  const std::string other = Make("白水镇卫生院", v1::TIER_TOWNSHIP_HOSPITAL, lead);
  const std::string member = Make("区医院", v1::TIER_SECONDARY_HOSPITAL, lead);
  struct Offered {
    int64_t reserved = 0;  // of 1000, 100 a seat
    int64_t hours = -1;
    bool operator==(const Offered&) const = default;
  };
  const auto for_whom = [&](const std::string& organization) {
    const auto found = Find(PersonOf(organization), "");
    EXPECT_THAT(found, IsOk());
    const v1::Receiver& receiver = found->receivers(0);
    Offered offered{.reserved = receiver.factors(4).value()};
    if (receiver.has_first_free()) {
      offered.hours = (receiver.first_free().seconds() - absl::ToUnixSeconds(clock_.Now())) / 3600;
    }
    return offered;
  };

  // Tomorrow two seats for one township; the day after one for the green channel; then two for
  // grass-roots members; and one for everybody.
  const std::string own =
      OfferSession(department, absl::Hours(24), {{POOL_KIND_ORGANIZATION, 2, township}});
  OfferSession(department, absl::Hours(48), {{POOL_KIND_GREEN, 1}});
  const std::string shared = OfferSession(department, absl::Hours(72), {{POOL_KIND_CONSORTIUM, 2}});
  OfferSession(department, absl::Hours(96), {{POOL_KIND_OPEN, 1}});
  EXPECT_EQ(for_whom(township), (Offered{400, 24}));
  EXPECT_EQ(for_whom(other), (Offered{200, 72}));
  EXPECT_EQ(for_whom(member), (Offered{0, 96})) << "no grass-roots organization";

  // A seat of the reserve that is taken is one less for all whom it is kept for.
  const std::string booking = testing::NewId();
  Book(shared, booking, BOOKING_STATE_BOOKED, 2);
  EXPECT_EQ(for_whom(other), (Offered{100, 72}));
  // The booking moves to a seat of the township's.
  Book(own, booking, BOOKING_STATE_BOOKED, 1);
  EXPECT_EQ(for_whom(township), (Offered{300, 24}));
  EXPECT_EQ(for_whom(other), (Offered{200, 72}));

  // What the township does not use goes to its like, taken seats too; a seat that is given back
  // is as open as its neighbours.
  scheduling::v1::SeatsReleased released;
  released.set_session_id(own);
  released.set_from(POOL_KIND_ORGANIZATION);
  released.set_to(POOL_KIND_CONSORTIUM);
  released.set_seats(1);
  Apply(released);
  Apply(released);
  EXPECT_EQ(for_whom(other), (Offered{300, 24}));
  Book(own, booking, BOOKING_STATE_CANCELLED, 1);
  EXPECT_EQ(for_whom(other), (Offered{400, 24}));
  released.set_from(POOL_KIND_CONSORTIUM);
  released.set_to(POOL_KIND_OPEN);
  released.set_seats(2);
  Apply(released);
  EXPECT_EQ(for_whom(other), (Offered{200, 24}));
  EXPECT_EQ(for_whom(member), (Offered{0, 24}));
}

TEST_F(FindReceiversTest, ASessionThatIsTakenBackOffersNoSeats) {
  const std::string lead = MakeLead("市第一医院");
  const std::string department = MakeDepartment(lead, "心内科");
  ASSERT_THAT(Define(Ctl(), Entry(department)), IsOk());
  const std::string township = Make("青山镇卫生院", v1::TIER_TOWNSHIP_HOSPITAL, lead);
  scheduling::v1::SessionWithdrawn withdrawn;
  withdrawn.set_session_id(OfferSession(department, absl::Hours(24), 3, 2));
  EXPECT_TRUE(Find(PersonOf(township), "")->receivers(0).has_first_free());
  Apply(withdrawn);
  EXPECT_FALSE(Find(PersonOf(township), "")->receivers(0).has_first_free());
  EXPECT_EQ(Count("SELECT COUNT(*) FROM offered_pool"), 0);
}

TEST_F(FindReceiversTest, ACancelledSessionOffersNoSeatsAlsoWhenItsBookingsEnd) {
  const std::string lead = MakeLead("市第一医院");
  const std::string department = MakeDepartment(lead, "心内科");
  ASSERT_THAT(Define(Ctl(), Entry(department)), IsOk());
  const std::string township = Make("青山镇卫生院", v1::TIER_TOWNSHIP_HOSPITAL, lead);
  const std::string session = OfferSession(department, absl::Hours(24), 3, 2);
  const std::string booking = testing::NewId();
  Book(session, booking, scheduling::v1::BOOKING_STATE_BOOKED);
  scheduling::v1::SessionCancelled cancelled;
  cancelled.set_session_id(session);
  Apply(cancelled);
  Book(session, booking, scheduling::v1::BOOKING_STATE_CANCELLED);
  EXPECT_FALSE(Find(PersonOf(township), "")->receivers(0).has_first_free());
}

TEST_F(FindReceiversTest, ASessionThatAnEarlierReleaseToldOfCountsByItsReserve) {
  const std::string lead = MakeLead("市第一医院");
  const std::string department = MakeDepartment(lead, "心内科");
  ASSERT_THAT(Define(Ctl(), Entry(department)), IsOk());
  const std::string township = Make("青山镇卫生院", v1::TIER_TOWNSHIP_HOSPITAL, lead);
  OfferSession(department, absl::Hours(24),
               {{scheduling::v1::POOL_KIND_CONSORTIUM, 2}, {scheduling::v1::POOL_KIND_OPEN, 1}},
               false);
  const auto found = Find(PersonOf(township), "");
  EXPECT_EQ(found->receivers(0).factors(4).value(), 200);
  EXPECT_TRUE(found->receivers(0).has_first_free());
}

TEST_F(FindReceiversTest, ABookingThatMovesToAnotherSessionFreesItsSeat) {
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

TEST_F(FindReceiversTest, ReceiversArePagedAndAskedForOneselfOnly) {
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

TEST_F(FindReceiversTest, APatientsFamilyDoctorCountsAndOnlyForWhoKnowsThePatient) {
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
