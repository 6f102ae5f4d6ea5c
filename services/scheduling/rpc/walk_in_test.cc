// Patients who come without a booking, on a real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

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

// 2026-09-21 08:00 in Shanghai.
const absl::Time kMorning = absl::FromUnixSeconds(1'789'948'800);

rpc::Caller Desk(std::string_view organization = "hospital",
                 policy::v1::Role role = policy::v1::ROLE_SCHEDULER) {
  rpc::Caller caller = Person(organization);
  caller.roles = {role};
  return caller;
}

class WalkIns : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    Rules rules;
    // Reserves are kept until two hours before.
    rules.organization_release = absl::Hours(3);
    rules.open_release = absl::Hours(2);
    ASSERT_TRUE(absl::LoadTimeZone("Asia/Shanghai", &rules.limits.zone));
    desk_ = std::make_unique<SchedulingDesk>(
        TestDatabase::Get().NewSchema(SchedulingDesk::Migrations()), kMorning, rules);
    desk_->Register("hospital", Tier::kTertiaryHospital, "hospital");
    desk_->Register("township", Tier::kTownshipHospital, "hospital");
    for (const char* patient : {"one", "two", "three", "four", "five"}) {
      desk_->Contract(patient, "hospital");
      desk_->Contract(patient, "township");
    }
  }

  // Four hours, an hour a seat.
  v1::Session Offer(absl::Duration ahead, int reserved = 0, std::string_view site = "") {
    v1::CreateSessionRequest offer = desk_->Offer(4, ahead);
    if (!site.empty()) offer.set_site_id(Named(site).ToString());
    v1::PoolQuota& open = *offer.add_quotas();
    open.set_kind(v1::POOL_KIND_OPEN);
    open.set_seats(4 - reserved);
    if (reserved > 0) {
      v1::PoolQuota& kept = *offer.add_quotas();
      kept.set_kind(v1::POOL_KIND_CONSORTIUM);
      kept.set_seats(reserved);
    }
    return desk_->Create(offer);
  }
  absl::StatusOr<v1::Booking> Come(const v1::Session& session, std::string_view patient,
                                   const rpc::Caller& by = Desk(), bool from_reserve = false,
                                   const std::string& request_id = "") {
    v1::BookWalkInRequest request;
    request.set_request_id(request_id);
    request.set_session_id(session.session_id());
    request.set_patient_id(Named(patient).ToString());
    request.set_organization_id(OrganizationId(by.organization_id).ToString());
    request.set_reason(v1::WALK_IN_REASON_URGENT);
    request.set_from_reserve(from_reserve);
    return desk_->Ask(by, &WalkInHandlers::BookWalkIn, request);
  }

  std::unique_ptr<SchedulingDesk> desk_;
};

TEST_F(WalkIns, ArePresentAtOnceWithTheReason) {
  const v1::Session session = Offer(absl::Hours(1));
  const std::string request_id = base::Uuid::V7().ToString();
  const auto present = Come(session, "one", Desk(), false, request_id);
  ASSERT_THAT(present, IsOk());
  EXPECT_EQ(present->state(), v1::BOOKING_STATE_CHECKED_IN);
  EXPECT_EQ(present->seat_number(), 1);
  EXPECT_EQ(Come(session, "one", Desk(), false, request_id)->booking_id(), present->booking_id());
  EXPECT_EQ(desk_->Read("SELECT GROUP_CONCAT(type ORDER BY aggregate_version) FROM outbox WHERE "
                        "aggregate_type = 'booking'"),
            "SeatHeld,SeatBooked,BookingMoved");
  EXPECT_EQ(desk_->Read("SELECT reason FROM booking"), "URGENT");
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM outbox WHERE type = 'BookingMoved' AND "
                        "INSTR(payload, 'URGENT') > 0"),
            "1");
  // No hold is left to run out.
  desk_->clock().Advance(absl::Hours(1));
  desk_->RunTimers();
  EXPECT_EQ(desk_->Read("SELECT state FROM booking"), "CHECKED_IN");
}

TEST_F(WalkIns, TakeASeatThatIsNotOverOfASessionThatHasBegun) {
  const v1::Session session = Offer(absl::Hours(1));
  desk_->clock().Advance(absl::Minutes(150));
  const auto present = Come(session, "one");
  ASSERT_THAT(present, IsOk());
  EXPECT_EQ(present->seat_number(), 2);
  desk_->clock().Advance(absl::Minutes(150));
  EXPECT_THAT(Come(session, "two"), StatusIs(StatusCode::kFailedPrecondition, "SESSION_CLOSED"));
}

TEST_F(WalkIns, AreForToday) {
  EXPECT_THAT(Come(Offer(absl::Hours(15)), "one"), IsOk());
  EXPECT_THAT(Come(Offer(absl::Hours(24)), "one"),
              StatusIs(StatusCode::kFailedPrecondition, "NOT_TODAY"));
}

TEST_F(WalkIns, EatNoReserveUnlessACoordinatorSaysSo) {
  const v1::Session session = Offer(absl::Hours(6), 3);
  ASSERT_THAT(Come(session, "one"), IsOk());
  EXPECT_THAT(Come(session, "two"), StatusIs(StatusCode::kFailedPrecondition, "NO_SEAT"));
  // The township is of the consortium, and would be given the seat in a booking of its own.
  EXPECT_THAT(Come(session, "two", Desk(), true),
              StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
  const rpc::Caller coordinator = Desk("hospital", policy::v1::ROLE_REFERRAL_COORDINATOR);
  EXPECT_THAT(Come(session, "two", coordinator),
              StatusIs(StatusCode::kFailedPrecondition, "NO_SEAT"));
  EXPECT_THAT(Come(session, "two", coordinator, true), IsOk());
  // Released by time, what is left is open.
  desk_->clock().Advance(absl::Hours(4));
  EXPECT_THAT(Come(session, "three"), IsOk());
}

TEST_F(WalkIns, AreTakenByWhoOffersTheSessionAndByItsSite) {
  const v1::Session outreach = Offer(absl::Hours(6), 2, "township");
  EXPECT_THAT(Come(outreach, "one", Desk("township")), IsOk());
  EXPECT_THAT(Come(outreach, "two", Desk("township", policy::v1::ROLE_REFERRAL_COORDINATOR), true),
              StatusIs(StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
  const v1::Session at_hospital = Offer(absl::Hours(6));
  EXPECT_THAT(Come(at_hospital, "two", Desk("township")),
              StatusIs(StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
}

TEST_F(WalkIns, AreInOnePlaceAtATime) {
  const v1::Session session = Offer(absl::Hours(1));
  const v1::Session other = Offer(absl::Hours(1));
  desk_->clock().Advance(absl::Minutes(200));
  const auto first = Come(session, "one");
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->seat_number(), 3);
  // Seat 3 is at the same time, the earlier ones are over.
  const auto second = Come(other, "one");
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->seat_number(), 4);
}

TEST_F(WalkIns, NeverMoreThanThereAreSeats) {
  const v1::Session session = Offer(absl::Hours(1));
  const std::vector<std::string> patients = {"one", "two", "three", "four", "five"};
  std::vector<std::thread> people;
  std::atomic<int> present = 0;
  for (const std::string& patient : patients) {
    people.emplace_back([&] {
      const auto came = Come(session, patient);
      if (came.ok()) {
        ++present;
      } else {
        EXPECT_THAT(came, StatusIs(StatusCode::kFailedPrecondition, "NO_SEAT"));
      }
    });
  }
  for (std::thread& person : people) person.join();
  EXPECT_EQ(present, 4);
}

}  // namespace
}  // namespace yilian::scheduling
