// Another seat for a booking, as callers meet it, on a real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "common/status/matchers.h"
#include "services/scheduling/testing/scheduling_desk.h"
#include "tests/support/test_database.h"

namespace yilian::scheduling {
namespace {

using absl::StatusCode;
using status::IsOk;
using status::StatusIs;

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);
constexpr absl::Duration kDay = absl::Hours(24);

class Reschedule : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    desk_ = std::make_unique<SchedulingDesk>(
        test_support::TestDatabase::Get().NewSchema(SchedulingDesk::Migrations()), kNow);
    desk_->Register("hospital", Tier::kTertiaryHospital, "hospital");
    desk_->Register("township", Tier::kTownshipHospital, "hospital");
  }

  v1::Session Open(int seats, absl::Duration ahead,
                   v1::SessionKind kind = v1::SESSION_KIND_OUTPATIENT) {
    v1::CreateSessionRequest offer = desk_->Offer(seats, ahead);
    offer.set_kind(kind);
    v1::PoolQuota& quota = *offer.add_quotas();
    quota.set_kind(v1::POOL_KIND_OPEN);
    quota.set_seats(seats);
    return desk_->Create(offer);
  }
  v1::Booking Booked(const v1::Session& session, std::string_view patient) {
    const auto held = desk_->Hold(desk_->Wish(session, patient, "township"));
    EXPECT_THAT(held, IsOk());
    const auto booked = desk_->Book(*held);
    EXPECT_THAT(booked, IsOk());
    return *booked;
  }
  static v1::RescheduleBookingRequest To(const v1::Booking& booking, const v1::Session& session) {
    v1::RescheduleBookingRequest request;
    request.set_booking_id(booking.booking_id());
    request.set_session_id(session.session_id());
    return request;
  }
  absl::StatusOr<v1::Booking> Ask(const v1::RescheduleBookingRequest& request,
                                  const rpc::Caller& caller = Person("township")) {
    return desk_->Ask(caller, &SchedulingHandlers::RescheduleBooking, request);
  }
  std::string TakenSeats() {
    return desk_->Read("SELECT COUNT(*) FROM seat WHERE state = 'TAKEN'");
  }

  std::unique_ptr<SchedulingDesk> desk_;
};

TEST_F(Reschedule, MovesTheBookingAndFreesTheOldSeat) {
  const v1::Session first = Open(1, 7 * kDay);
  const v1::Session second = Open(1, 8 * kDay);
  const v1::Booking booking = Booked(first, "patient");
  const auto moved = Ask(To(booking, second));
  ASSERT_THAT(moved, IsOk());
  EXPECT_EQ(moved->booking_id(), booking.booking_id());
  EXPECT_EQ(moved->session_id(), second.session_id());
  EXPECT_EQ(moved->state(), v1::BOOKING_STATE_BOOKED);
  EXPECT_GT(moved->starts_at().seconds(), booking.starts_at().seconds());
  EXPECT_EQ(TakenSeats(), "1");
  EXPECT_THAT(desk_->Hold(desk_->Wish(first, "another", "township")), IsOk());
}

TEST_F(Reschedule, TheSameRequestTwiceMovesOnce) {
  const v1::Booking booking = Booked(Open(1, 7 * kDay), "patient");
  v1::RescheduleBookingRequest request = To(booking, Open(2, 8 * kDay));
  request.set_request_id(base::Uuid::V7().ToString());
  const auto first = Ask(request);
  const auto again = Ask(request);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(first->seat_number(), again->seat_number());
  EXPECT_EQ(first->etag(), again->etag());
  EXPECT_EQ(TakenSeats(), "1");
}

TEST_F(Reschedule, WithoutAnotherSeatItStaysWhereItIs) {
  const v1::Booking booking = Booked(Open(1, 7 * kDay), "patient");
  const v1::Session full = Open(1, 8 * kDay);
  Booked(full, "another");
  EXPECT_THAT(Ask(To(booking, full)), StatusIs(StatusCode::kFailedPrecondition, "NO_SEAT"));
  v1::GetBookingRequest get;
  get.set_booking_id(booking.booking_id());
  EXPECT_EQ(desk_->Ask(Person("township"), &SchedulingHandlers::GetBooking, get)->session_id(),
            booking.session_id());
  EXPECT_EQ(TakenSeats(), "2");
}

TEST_F(Reschedule, TheSeatThatIsGivenUpIsNoOverlap) {
  const v1::Session first = Open(1, 7 * kDay);
  const v1::Session same_time = Open(1, 7 * kDay);
  EXPECT_THAT(Ask(To(Booked(first, "patient"), same_time)), IsOk());
}

TEST_F(Reschedule, ByDepartmentTakesTheEarliestOtherSessionOfItsKind) {
  const v1::Session booked = Open(5, 7 * kDay);
  Open(5, 6 * kDay, v1::SESSION_KIND_BED);
  const v1::Session later = Open(5, 8 * kDay);
  v1::RescheduleBookingRequest request;
  request.set_booking_id(Booked(booked, "patient").booking_id());
  request.set_department_id(booked.department_id());
  request.add_kinds(v1::SESSION_KIND_OUTPATIENT);
  const auto moved = Ask(request);
  ASSERT_THAT(moved, IsOk());
  EXPECT_EQ(moved->session_id(), later.session_id());
  request.set_session_id(later.session_id());
  EXPECT_THAT(Ask(request), StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

TEST_F(Reschedule, IsForABookingAndItsParties) {
  const v1::Session session = Open(2, 8 * kDay);
  const auto held = desk_->Hold(desk_->Wish(Open(1, 7 * kDay), "patient", "township"));
  EXPECT_THAT(Ask(To(*held, session)),
              StatusIs(StatusCode::kFailedPrecondition, "COMMAND_NOT_AVAILABLE"));
  const auto booked = desk_->Book(*held);
  EXPECT_THAT(Ask(To(*booked, session), Person("city")),
              StatusIs(StatusCode::kNotFound, "NOT_FOUND"));
  v1::CancelBookingRequest cancel;
  cancel.set_booking_id(booked->booking_id());
  cancel.set_reason("PATIENT_DECLINED");
  ASSERT_THAT(desk_->Ask(Person("township"), &SchedulingHandlers::CancelBooking, cancel), IsOk());
  EXPECT_THAT(Ask(To(*booked, session)),
              StatusIs(StatusCode::kFailedPrecondition, "COMMAND_NOT_AVAILABLE"));
  EXPECT_EQ(TakenSeats(), "0");
}

TEST_F(Reschedule, ManyAtOnceNeverTakeASeatTwice) {
  constexpr int kBookings = 12;
  const v1::Session first = Open(kBookings, 7 * kDay);
  const v1::Session second = Open(kBookings / 2, 8 * kDay);
  std::vector<v1::Booking> bookings;
  for (int i = 0; i < kBookings; ++i) {
    bookings.push_back(Booked(first, "patient " + std::to_string(i)));
  }
  std::atomic<int> moved = 0;
  std::vector<std::thread> threads;
  for (const v1::Booking& booking : bookings) {
    threads.emplace_back([&] {
      const absl::Status done = Ask(To(booking, second)).status();
      if (done.ok()) ++moved;
      EXPECT_TRUE(done.ok() || status::ReasonOf(done) == "NO_SEAT") << done;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(moved, kBookings / 2);
  EXPECT_EQ(TakenSeats(), std::to_string(kBookings));
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM seat s JOIN booking b ON b.booking_id = s.booking_id "
                        "AND b.session_id = s.session_id AND b.seat_number = s.seat_number AND "
                        "b.state = 'BOOKED'"),
            std::to_string(kBookings));
}

}  // namespace
}  // namespace yilian::scheduling
