// A session that is cancelled as a whole, on a real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
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
using test_support::TestDatabase;

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);
constexpr absl::Duration kDay = absl::Hours(24);

class CancelledSession : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    desk_ = std::make_unique<SchedulingDesk>(
        TestDatabase::Get().NewSchema(SchedulingDesk::Migrations()), kNow);
    desk_->Register("hospital", Tier::kTertiaryHospital, "hospital");
    desk_->Register("township", Tier::kTownshipHospital, "hospital");
  }

  v1::Session OpenSession(int seats, absl::Duration ahead, std::string_view expert = "") {
    v1::CreateSessionRequest offer = desk_->Offer(seats, ahead);
    if (!expert.empty()) offer.set_practitioner_id(Named(expert).ToString());
    v1::PoolQuota& quota = *offer.add_quotas();
    quota.set_kind(v1::POOL_KIND_OPEN);
    quota.set_seats(seats);
    return desk_->Create(offer);
  }

  v1::Booking Book(const v1::Session& session, const std::string& patient,
                   const std::string& referral = "") {
    // In this order: who booked first is served first.
    desk_->clock().Advance(absl::Milliseconds(1));
    v1::HoldSeatRequest wish = desk_->Wish(session, patient, "township");
    if (!referral.empty()) wish.set_referral_id(Named(referral).ToString());
    const auto held = desk_->Hold(wish);
    EXPECT_THAT(held, IsOk());
    const auto booked = desk_->Book(*held);
    EXPECT_THAT(booked, IsOk());
    return booked.value_or(v1::Booking());
  }

  absl::StatusOr<v1::SessionCancellation> Cancel(const v1::Session& session,
                                                 std::string_view organization = "hospital") {
    v1::CancelSessionRequest request;
    request.set_session_id(session.session_id());
    request.set_reason("EXPERT_ILL");
    return desk_->Ask(Person(organization), &CancellationHandlers::CancelSession, request);
  }

  v1::SessionCancellation Progress(const v1::Session& session) {
    v1::GetSessionCancellationRequest request;
    request.set_session_id(session.session_id());
    const auto found =
        desk_->Ask(Person("hospital"), &CancellationHandlers::GetSessionCancellation, request);
    EXPECT_THAT(found, IsOk());
    return found.value_or(v1::SessionCancellation());
  }

  // The live entry of a patient, as the organization that waits sees it.
  v1::WaitListEntry EntryOf(std::string_view patient) {
    v1::ListWaitListRequest request;
    request.set_organization_id(Named("township").ToString());
    const auto page = desk_->Ask(Person("township"), &WaitListHandlers::ListWaitList, request);
    EXPECT_THAT(page, IsOk());
    for (const v1::WaitListEntry& entry : page->entries()) {
      if (entry.patient_id() == Named(patient).ToString()) return entry;
    }
    return {};
  }

  std::unique_ptr<SchedulingDesk> desk_;
};

TEST_F(CancelledSession, EachPatientIsOfferedTheNearestSeat) {
  const v1::Session lost = OpenSession(3, 7 * kDay, "Dr He");
  const v1::Session others = OpenSession(5, 7 * kDay + absl::Hours(5), "Dr Gao");
  const v1::Session near = OpenSession(1, 8 * kDay, "Dr He");
  OpenSession(1, 14 * kDay, "Dr He");
  const v1::Booking first = Book(lost, "Li");
  Book(lost, "Wang");
  Book(lost, "Zhao");
  const auto cancelled = Cancel(lost);
  ASSERT_THAT(cancelled, IsOk());
  EXPECT_EQ(cancelled->bookings(), 3);
  EXPECT_EQ(cancelled->pending(), 3);
  desk_->RunTimers();
  const v1::SessionCancellation after = Progress(lost);
  EXPECT_EQ(after.pending(), 0);
  EXPECT_EQ(after.offered(), 3);
  const v1::WaitListEntry entry = EntryOf("Li");
  EXPECT_EQ(entry.offered_session_id(), near.session_id());
  EXPECT_EQ(entry.cancelled_booking_id(), first.booking_id());
  EXPECT_EQ(entry.offer_expires_at().seconds(), absl::ToUnixSeconds(kNow + kDay));
  EXPECT_EQ(EntryOf("Zhao").offered_session_id(), others.session_id());

  v1::WaitListOfferRequest accept;
  accept.set_entry_id(entry.entry_id());
  accept.set_etag(entry.etag());
  ASSERT_THAT(desk_->Ask(Person("township"), &WaitListHandlers::AcceptWaitListOffer, accept),
              IsOk());
  EXPECT_EQ(Progress(lost).rebooked(), 1);
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM booking WHERE reason = 'SESSION_CANCELLED' AND state "
                        "= 'CANCELLED'"),
            "3");
}

TEST_F(CancelledSession, WithoutASeatThePatientIsFirstInLine) {
  const v1::Session lost = OpenSession(1, 7 * kDay);
  const v1::Session full = OpenSession(1, 8 * kDay);
  const v1::Booking other = Book(full, "Qian");
  Book(lost, "Li");
  desk_->Contract("Sun", "township");
  v1::JoinWaitListRequest join;
  join.set_patient_id(Named("Sun").ToString());
  join.set_organization_id(Named("township").ToString());
  join.set_department_id(Named("cardiology").ToString());
  join.mutable_time()->mutable_start()->set_seconds(absl::ToUnixSeconds(kNow));
  join.mutable_time()->mutable_end()->set_seconds(absl::ToUnixSeconds(kNow + 30 * kDay));
  ASSERT_THAT(desk_->Ask(Person("township"), &WaitListHandlers::JoinWaitList, join), IsOk());
  ASSERT_THAT(Cancel(lost), IsOk());
  desk_->RunTimers();
  EXPECT_EQ(Progress(lost).waiting(), 1);
  v1::CancelBookingRequest cancel;
  cancel.set_booking_id(other.booking_id());
  cancel.set_reason("PATIENT_DECLINED");
  ASSERT_THAT(desk_->Ask(Service("referral"), &SchedulingHandlers::CancelBooking, cancel), IsOk());
  desk_->RunTimers();
  EXPECT_EQ(EntryOf("Li").offered_session_id(), full.session_id());
  EXPECT_EQ(EntryOf("Sun").state(), v1::WAIT_LIST_STATE_WAITING);
}

TEST_F(CancelledSession, AReferralIsToldAndHoldsAreLetGo) {
  const v1::Session lost = OpenSession(3, 7 * kDay);
  OpenSession(3, 8 * kDay);
  Book(lost, "Li", "referral of Li");
  ASSERT_THAT(desk_->Hold(desk_->Wish(lost, "Wang", "township")), IsOk());
  ASSERT_THAT(Cancel(lost), IsOk());
  desk_->RunTimers();
  const v1::SessionCancellation after = Progress(lost);
  EXPECT_EQ(after.by_referral(), 1);
  EXPECT_EQ(after.released(), 1);
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM wait_list_entry"), "0");
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM outbox WHERE type = 'BookingCancelled' AND "
                        "INSTR(payload, 'SESSION_CANCELLED') > 0"),
            "2");
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM timer"), "2")
      << "the two releases of the other session";
}

TEST_F(CancelledSession, NobodyGetsASeatOfItAgain) {
  const v1::Session lost = OpenSession(2, 7 * kDay);
  const v1::Booking booked = Book(lost, "Li");
  ASSERT_THAT(Cancel(lost), IsOk());
  EXPECT_THAT(desk_->Hold(desk_->Wish(lost, "Wang", "township")),
              StatusIs(StatusCode::kFailedPrecondition, "SESSION_CLOSED"));
  // Given up before the job came to it: the seat is closed all the same.
  v1::CancelBookingRequest cancel;
  cancel.set_booking_id(booked.booking_id());
  cancel.set_reason("PATIENT_DECLINED");
  ASSERT_THAT(desk_->Ask(Service("referral"), &SchedulingHandlers::CancelBooking, cancel), IsOk());
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM seat WHERE state = 'CLOSED'"), "2");
  desk_->RunTimers();
  EXPECT_EQ(Progress(lost).released(), 1);
}

TEST_F(CancelledSession, IsAnsweredAsItIsAndForeignOnesAreRefused) {
  const v1::Session lost = OpenSession(1, 7 * kDay);
  Book(lost, "Li");
  EXPECT_THAT(Cancel(lost, "township"),
              StatusIs(StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
  ASSERT_THAT(Cancel(lost), IsOk());
  desk_->RunTimers();
  const auto again = Cancel(lost);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->waiting(), 1);
  EXPECT_THAT(Cancel(lost, "township"),
              StatusIs(StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
  v1::GetSessionCancellationRequest get;
  get.set_session_id(lost.session_id());
  EXPECT_THAT(desk_->Ask(Person("township"), &CancellationHandlers::GetSessionCancellation, get),
              StatusIs(StatusCode::kNotFound, "NOT_FOUND"));
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM outbox WHERE type = 'SessionCancelled'"), "1");
}

TEST_F(CancelledSession, HoldsBesideTheCancellationEndWithItOrAreRefused) {
  const v1::Session lost = OpenSession(20, 7 * kDay);
  std::vector<std::thread> threads;
  for (int i = 0; i < 12; ++i) {
    threads.emplace_back([&, i] {
      const auto held = desk_->Hold(desk_->Wish(lost, "patient " + std::to_string(i), "township"));
      if (!held.ok()) {
        EXPECT_THAT(held.status().code(), StatusCode::kFailedPrecondition);
      }
    });
  }
  threads.emplace_back([&] { EXPECT_THAT(Cancel(lost), IsOk()); });
  for (std::thread& thread : threads) thread.join();
  desk_->RunTimers();
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM seat WHERE state <> 'CLOSED'"), "0");
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM booking WHERE state <> 'CANCELLED'"), "0");
  const v1::SessionCancellation after = Progress(lost);
  EXPECT_EQ(after.released(), after.bookings());
}

}  // namespace
}  // namespace yilian::scheduling
