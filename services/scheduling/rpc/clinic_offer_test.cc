// The wait list of clinics that are for an age or a sex, on a real database.
#include "services/scheduling/testing/clinic_fixture.h"

namespace yilian::scheduling {
namespace {

using absl::StatusCode;
using status::IsOk;
using status::StatusIs;

const auto kNotForClinic = StatusIs(StatusCode::kFailedPrecondition, "PATIENT_NOT_FOR_CLINIC");

using ClinicOffers = ClinicFixture;

TEST_F(ClinicOffers, WhoCannotBeOfferedASeatDoesNotWait) {
  const v1::Session children = Open(Children());
  EXPECT_THAT(Join("man", children.session_id()), kNotForClinic);
  const absl::Status refused = Join("man").status();
  EXPECT_THAT(refused, kNotForClinic);
  EXPECT_EQ(Meta(refused, "greatest_age"), "14 YEARS");
  EXPECT_THAT(Join("boy", children.session_id()), IsOk());
  // One session of the department is for all.
  Open({}, 2 * kWeek);
  EXPECT_THAT(Join("man"), IsOk());
}

TEST_F(ClinicOffers, OffersGoToWhomTheSeatIsFor) {
  const v1::Session children = Open(Children(), kWeek, 1);
  const v1::Session all = Open({}, 2 * kWeek, 1);
  const auto taken = Booked(children, "boy");
  ASSERT_THAT(taken, IsOk());
  ASSERT_THAT(Booked(all, "grown"), IsOk());
  const auto man = Join("man");
  const auto unknown = Join("unknown");
  ASSERT_THAT(man, IsOk());
  ASSERT_THAT(unknown, IsOk());
  ASSERT_THAT(Cancel(*taken), IsOk());
  desk_->RunTimers();
  EXPECT_EQ(See(*man).state(), v1::WAIT_LIST_STATE_WAITING);
  const v1::WaitListEntry offered = See(*unknown);
  EXPECT_EQ(offered.state(), v1::WAIT_LIST_STATE_OFFERED);
  v1::GetBookingRequest request;
  request.set_booking_id(offered.offered_booking_id());
  EXPECT_TRUE(
      desk_->Ask(Person("hospital"), &SchedulingHandlers::GetBooking, request)->fit_unknown());
  v1::WaitListOfferRequest accept;
  accept.set_entry_id(offered.entry_id());
  accept.set_etag(offered.etag());
  EXPECT_THAT(desk_->Ask(Person("township"), &WaitListHandlers::AcceptWaitListOffer, accept),
              IsOk());
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM booking WHERE state = 'BOOKED' AND fit_unknown = 1"),
            "1");
}

TEST_F(ClinicOffers, ASeatForNobodyWhoWaitsIsOpenToAll) {
  const v1::Session children = Open(Children(), kWeek, 1);
  const v1::Session all = Open({}, 2 * kWeek, 1);
  const auto taken = Booked(children, "boy");
  ASSERT_THAT(taken, IsOk());
  ASSERT_THAT(Booked(all, "grown"), IsOk());
  ASSERT_THAT(Join("man"), IsOk());
  ASSERT_THAT(Cancel(*taken), IsOk());
  desk_->RunTimers();
  EXPECT_THAT(Hold(children, "girl"), IsOk());
}

TEST_F(ClinicOffers, OffersWaitForTheDirectoryAndKeepTheirOrder) {
  const v1::Session children = Open(Children(), kWeek, 1);
  const v1::Session all = Open({}, 2 * kWeek, 1);
  const auto taken = Booked(children, "boy");
  ASSERT_THAT(taken, IsOk());
  ASSERT_THAT(Booked(all, "grown"), IsOk());
  const auto first = Join("girl");
  const auto second = Join("unknown");
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  desk_->patients().SetAway(true);
  ASSERT_THAT(Cancel(*taken), IsOk());
  desk_->RunTimers();
  EXPECT_EQ(desk_->Read("SELECT state FROM seat WHERE session_id = UNHEX(REPLACE('" +
                        children.session_id() + "', '-', ''))"),
            "ASIDE");
  desk_->patients().SetAway(false);
  desk_->clock().Advance(absl::Minutes(5));
  desk_->RunTimers();
  EXPECT_EQ(See(*first).state(), v1::WAIT_LIST_STATE_OFFERED);
  EXPECT_EQ(See(*second).state(), v1::WAIT_LIST_STATE_WAITING);
}

TEST_F(ClinicOffers, OfACancelledSessionFindAnotherThatIsForThePatient) {
  const v1::Session lost = Open(Children());
  const v1::Session men = [&] {
    v1::ClinicRule rule;
    rule.set_sex(v1::PATIENT_SEX_MALE);
    return Open(rule, kWeek + absl::Hours(5));
  }();
  const v1::Session women = Open(Women(), kWeek + absl::Hours(48));
  ASSERT_THAT(Booked(lost, "girl"), IsOk());
  v1::CancelSessionRequest cancel;
  cancel.set_session_id(lost.session_id());
  cancel.set_reason("EXPERT_ILL");
  ASSERT_THAT(desk_->Ask(Service("ctl"), &CancellationHandlers::CancelSession, cancel), IsOk());
  desk_->RunTimers();
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM wait_list_entry WHERE state = 'OFFERED' AND "
                        "offer_session_id = UNHEX(REPLACE('" +
                        women.session_id() + "', '-', ''))"),
            "1");
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM booking WHERE session_id = UNHEX(REPLACE('" +
                        men.session_id() + "', '-', ''))"),
            "0");
}

}  // namespace
}  // namespace yilian::scheduling
