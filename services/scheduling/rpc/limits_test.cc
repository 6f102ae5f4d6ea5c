// What a region allows one patient, on a real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "common/status/error.h"
#include "common/status/matchers.h"
#include "services/scheduling/testing/scheduling_desk.h"
#include "tests/support/test_database.h"

namespace yilian::scheduling {
namespace {

using absl::StatusCode;
using status::IsOk;
using status::StatusIs;
using test_support::TestDatabase;

// 2026-09-21 22:13:20 in Shanghai.
const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);
constexpr absl::Duration kDay = absl::Hours(24);

std::string Meta(const absl::Status& status, const std::string& key) {
  const auto info = status::InfoOf(status);
  if (!info || !info->metadata().contains(key)) return "";
  return info->metadata().at(key);
}

class PatientLimits : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    Rules rules;
    rules.limits = {.bookings_a_day = 1, .no_shows = 2, .no_show_period = 30 * kDay};
    ASSERT_TRUE(absl::LoadTimeZone("Asia/Shanghai", &rules.limits.zone));
    desk_ = std::make_unique<SchedulingDesk>(
        TestDatabase::Get().NewSchema(SchedulingDesk::Migrations()), kNow, rules);
    desk_->Register("hospital", Tier::kTertiaryHospital, "hospital");
    desk_->Register("township", Tier::kTownshipHospital, "hospital");
    desk_->Contract("Li", "township");
  }

  v1::Session OpenSession(absl::Duration ahead, std::string_view department = "cardiology") {
    v1::CreateSessionRequest offer = desk_->Offer(3, ahead);
    offer.mutable_time()->mutable_end()->set_seconds(offer.time().start().seconds() + 1800);
    offer.set_department_id(Named(department).ToString());
    v1::PoolQuota& quota = *offer.add_quotas();
    quota.set_kind(v1::POOL_KIND_OPEN);
    quota.set_seats(3);
    return desk_->Create(offer);
  }

  absl::StatusOr<v1::Booking> HoldAs(const rpc::Caller& caller, const v1::Session& session) {
    return desk_->Ask(caller, &SchedulingHandlers::HoldSeat,
                      desk_->Wish(session, "Li", "township"));
  }

  void MissVisit(absl::Duration ahead) {
    const auto held = desk_->Hold(desk_->Wish(OpenSession(ahead), "Li", "township"));
    ASSERT_THAT(held, IsOk());
    ASSERT_THAT(desk_->Book(*held), IsOk());
    v1::MoveBookingRequest move;
    move.set_booking_id(held->booking_id());
    move.set_state(v1::BOOKING_STATE_NO_SHOW);
    ASSERT_THAT(desk_->Ask(Person("hospital"), &SchedulingHandlers::MoveBooking, move), IsOk());
  }

  std::unique_ptr<SchedulingDesk> desk_;
};

TEST_F(PatientLimits, OneBookingOfADepartmentADay) {
  const v1::Session first = OpenSession(2 * kDay);
  const v1::Session same_day = OpenSession(2 * kDay + absl::Minutes(45));
  const auto held = HoldAs(Person("township"), first);
  ASSERT_THAT(held, IsOk());
  const auto second = HoldAs(Person("township"), same_day);
  EXPECT_THAT(second, StatusIs(StatusCode::kFailedPrecondition, "PATIENT_LIMIT"));
  EXPECT_EQ(Meta(second.status(), "blocking_booking_id"), held->booking_id());
  EXPECT_EQ(Meta(second.status(), "limit"), "1");
  EXPECT_EQ(Meta(second.status(), "date"), "2026-09-23");
  // Another department, and the day after by the region's clock.
  EXPECT_THAT(
      HoldAs(Person("township"), OpenSession(2 * kDay + absl::Minutes(45), "endocrinology")),
      IsOk());
  EXPECT_THAT(HoldAs(Person("township"), OpenSession(2 * kDay + absl::Hours(2))), IsOk());
}

TEST_F(PatientLimits, ByDepartmentTheNextDayIsTaken) {
  const v1::Session first = OpenSession(2 * kDay);
  OpenSession(2 * kDay + absl::Minutes(45));
  const v1::Session next_day = OpenSession(3 * kDay);
  ASSERT_THAT(HoldAs(Person("township"), first), IsOk());
  v1::HoldSeatRequest wish;
  wish.set_department_id(Named("cardiology").ToString());
  wish.set_patient_id(Named("Li").ToString());
  wish.set_organization_id(Named("township").ToString());
  const auto held = desk_->Ask(Person("township"), &SchedulingHandlers::HoldSeat, wish);
  ASSERT_THAT(held, IsOk());
  EXPECT_EQ(held->session_id(), next_day.session_id());
  const auto none = desk_->Ask(Person("township"), &SchedulingHandlers::HoldSeat, wish);
  EXPECT_THAT(none, StatusIs(StatusCode::kFailedPrecondition, "PATIENT_LIMIT"));
}

TEST_F(PatientLimits, ReschedulingWithinTheDayIsNoSecondBooking) {
  const v1::Session first = OpenSession(2 * kDay);
  const v1::Session same_day = OpenSession(2 * kDay + absl::Minutes(45));
  const auto held = HoldAs(Person("township"), first);
  ASSERT_THAT(held, IsOk());
  ASSERT_THAT(desk_->Book(*held), IsOk());
  v1::RescheduleBookingRequest move;
  move.set_booking_id(held->booking_id());
  move.set_session_id(same_day.session_id());
  EXPECT_THAT(desk_->Ask(Person("township"), &SchedulingHandlers::RescheduleBooking, move), IsOk());
}

TEST_F(PatientLimits, WhoDidNotComeTooOftenNeedsACoordinator) {
  MissVisit(2 * kDay);
  const v1::Session session = OpenSession(8 * kDay);
  EXPECT_THAT(HoldAs(Person("township"), session), IsOk());
  MissVisit(4 * kDay);
  const v1::Session later = OpenSession(9 * kDay);
  const auto refused = HoldAs(Person("township"), later);
  EXPECT_THAT(refused, StatusIs(StatusCode::kFailedPrecondition, "NO_SHOW_LIMIT"));
  EXPECT_EQ(Meta(refused.status(), "limit"), "2");
  EXPECT_EQ(Meta(refused.status(), "days"), "30");
  v1::JoinWaitListRequest join;
  join.set_patient_id(Named("Li").ToString());
  join.set_organization_id(Named("township").ToString());
  join.set_department_id(Named("cardiology").ToString());
  join.mutable_time()->mutable_start()->set_seconds(absl::ToUnixSeconds(kNow));
  join.mutable_time()->mutable_end()->set_seconds(absl::ToUnixSeconds(kNow + 30 * kDay));
  EXPECT_THAT(desk_->Ask(Person("township"), &WaitListHandlers::JoinWaitList, join),
              StatusIs(StatusCode::kFailedPrecondition, "NO_SHOW_LIMIT"));
  rpc::Caller coordinator = Person("township");
  coordinator.roles = {policy::v1::ROLE_REFERRAL_COORDINATOR};
  EXPECT_THAT(HoldAs(coordinator, later), IsOk());
}

}  // namespace
}  // namespace yilian::scheduling
