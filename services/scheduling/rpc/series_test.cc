// Series of visits as callers meet them, on a real database.
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

class Series : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    desk_ = std::make_unique<SchedulingDesk>(
        TestDatabase::Get().NewSchema(SchedulingDesk::Migrations()), kNow);
    desk_->Register("hospital", Tier::kTertiaryHospital, "hospital");
    desk_->Register("township", Tier::kTownshipHospital, "hospital");
    desk_->Contract("Li", "township");
    for (const int day : {2, 4, 6}) sessions_.push_back(OpenSession(day * kDay));
  }

  v1::Session OpenSession(absl::Duration ahead) {
    v1::CreateSessionRequest offer = desk_->Offer(1, ahead);
    v1::PoolQuota& quota = *offer.add_quotas();
    quota.set_kind(v1::POOL_KIND_OPEN);
    quota.set_seats(1);
    return desk_->Create(offer);
  }

  // Every other day from the day of the first session.
  v1::BookSeriesRequest Wish(int visits) const {
    v1::BookSeriesRequest request;
    request.set_patient_id(Named("Li").ToString());
    request.set_organization_id(Named("township").ToString());
    request.set_department_id(Named("cardiology").ToString());
    request.set_first_date("2026-09-23");
    request.set_interval_days(2);
    request.set_visits(visits);
    return request;
  }
  absl::StatusOr<v1::SeriesBooking> Book(const v1::BookSeriesRequest& request) {
    return desk_->Ask(Person("township"), &SeriesHandlers::BookSeries, request);
  }
  std::string Count(const std::string& what) { return desk_->Read("SELECT COUNT(*) FROM " + what); }

  std::unique_ptr<SchedulingDesk> desk_;
  std::vector<v1::Session> sessions_;
};

TEST_F(Series, IsBookedAtEveryDate) {
  v1::BookSeriesRequest wish = Wish(3);
  wish.set_request_id(base::Uuid::V7().ToString());
  const auto series = Book(wish);
  ASSERT_THAT(series, IsOk());
  ASSERT_EQ(series->bookings_size(), 3);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(series->bookings(i).session_id(), sessions_[i].session_id());
    EXPECT_EQ(series->bookings(i).state(), v1::BOOKING_STATE_BOOKED);
  }
  EXPECT_EQ(Count("timer WHERE kind = 'scheduling.HoldExpiry'"), "0");
  EXPECT_EQ(Count("outbox WHERE type = 'SeatBooked'"), "3");
  const auto again = Book(wish);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->SerializeAsString(), series->SerializeAsString());
}

TEST_F(Series, OneDateThatFailsLeavesNothingBooked) {
  ASSERT_THAT(desk_->Hold(desk_->Wish(sessions_[1], "Wang", "township")), IsOk());
  const auto refused = Book(Wish(3));
  EXPECT_THAT(refused, StatusIs(StatusCode::kFailedPrecondition, "SERIES_NOT_MET"));
  EXPECT_EQ(Meta(refused.status(), "visit"), "2");
  EXPECT_EQ(Meta(refused.status(), "date"), "2026-09-25");
  EXPECT_EQ(Meta(refused.status(), "cause"), "NO_SEAT");
  EXPECT_EQ(Count("booking"), "1");
  EXPECT_EQ(Count("seat WHERE state = 'FREE'"), "2");
  // Past the last session: the fourth visit.
  const auto beyond = Book(Wish(4));
  EXPECT_EQ(Meta(beyond.status(), "visit"), "2");
}

TEST_F(Series, ThePatientsOtherBookingIsNamed) {
  const v1::Session other = OpenSession(6 * kDay);
  ASSERT_THAT(desk_->Hold(desk_->Wish(other, "Li", "township")), IsOk());
  const auto refused = Book(Wish(3));
  EXPECT_EQ(Meta(refused.status(), "cause"), "PATIENT_OVERLAP");
  EXPECT_EQ(Meta(refused.status(), "visit"), "3");
  EXPECT_FALSE(Meta(refused.status(), "blocking_booking_id").empty());
}

TEST_F(Series, HoursAndPatientsAreChecked) {
  v1::BookSeriesRequest early = Wish(2);
  early.mutable_hours()->set_start("08:00");
  early.mutable_hours()->set_end("12:00");
  EXPECT_THAT(Book(early), StatusIs(StatusCode::kFailedPrecondition, "SERIES_NOT_MET"));
  early.mutable_hours()->set_start("22:00");
  early.mutable_hours()->set_end("23:00");
  EXPECT_THAT(Book(early), IsOk());
  v1::BookSeriesRequest foreign = Wish(2);
  foreign.set_organization_id(Named("hospital").ToString());
  EXPECT_THAT(Book(foreign), StatusIs(StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
}

}  // namespace
}  // namespace yilian::scheduling
