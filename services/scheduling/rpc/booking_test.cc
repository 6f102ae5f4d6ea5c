// Holds and bookings as callers meet them, on a real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "common/mysql/transaction.h"
#include "common/status/matchers.h"
#include "services/scheduling/jobs/directory_events.h"
#include "services/scheduling/testing/scheduling_desk.h"
#include "tests/support/test_database.h"
#include "yilian/directory/v1/directory.pb.h"
#include "yilian/directory/v1/patient_index.pb.h"

namespace yilian::scheduling {
namespace {

using absl::StatusCode;
using status::IsOk;
using status::StatusIs;
using test_support::TestDatabase;

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

std::string Meta(const absl::Status& status, const std::string& key) {
  const auto info = status::InfoOf(status);
  if (!info || !info->metadata().contains(key)) return "";
  return info->metadata().at(key);
}

class Bookings : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    desk_ = std::make_unique<SchedulingDesk>(
        TestDatabase::Get().NewSchema(SchedulingDesk::Migrations()), kNow);
    desk_->Register("hospital", Tier::kTertiaryHospital, "hospital");
    desk_->Register("township", Tier::kTownshipHospital, "hospital");
    desk_->Register("city", Tier::kTertiaryHospital, "city");
  }

  v1::Session OpenSession(int seats, absl::Duration ahead = absl::Hours(24) * 7) {
    v1::CreateSessionRequest offer = desk_->Offer(seats, ahead);
    v1::PoolQuota& quota = *offer.add_quotas();
    quota.set_kind(v1::POOL_KIND_OPEN);
    quota.set_seats(seats);
    return desk_->Create(offer);
  }

  absl::StatusOr<v1::Booking> Cancel(const rpc::Caller& caller, const std::string& booking) {
    v1::CancelBookingRequest request;
    request.set_booking_id(booking);
    request.set_reason("PATIENT_DECLINED");
    return desk_->Ask(caller, &SchedulingHandlers::CancelBooking, request);
  }

  absl::StatusOr<v1::Booking> Get(const rpc::Caller& caller, const std::string& booking) {
    v1::GetBookingRequest request;
    request.set_booking_id(booking);
    return desk_->Ask(caller, &SchedulingHandlers::GetBooking, request);
  }

  absl::StatusOr<v1::Booking> Move(const rpc::Caller& caller, const std::string& booking,
                                   v1::BookingState to) {
    v1::MoveBookingRequest request;
    request.set_booking_id(booking);
    request.set_state(to);
    return desk_->Ask(caller, &SchedulingHandlers::MoveBooking, request);
  }

  absl::Status Apply(const google::protobuf::Message& payload) {
    event::v1::Event event;
    event.set_event_id(base::Uuid::V7().ToString());
    event.set_type(payload.GetDescriptor()->name());
    event.mutable_payload()->PackFrom(payload);
    return mysql::RunTransaction(
        desk_->pool(), {.name = "test.Apply", .deadline = absl::Now() + absl::Seconds(30)},
        [&](mysql::Session& sql) {
          return ApplyDirectoryEvent(sql, event, desk_->upkeep(), kNow);
        });
  }

  std::string FreeSeats() { return desk_->Read("SELECT COUNT(*) FROM seat WHERE state = 'FREE'"); }
  std::string Events(const std::string& type) {
    return desk_->Read("SELECT COUNT(*) FROM outbox WHERE type = '" + type + "'");
  }

  std::unique_ptr<SchedulingDesk> desk_;
};

TEST_F(Bookings, AHeldSeatIsBookedWithItsToken) {
  const v1::Session session = OpenSession(2);
  const absl::StatusOr<v1::Booking> held = desk_->Hold(desk_->Wish(session, "Li", "township"));
  ASSERT_THAT(held, IsOk());
  EXPECT_EQ(held->state(), v1::BOOKING_STATE_HELD);
  EXPECT_EQ(held->seat_number(), 1);
  EXPECT_EQ(held->session_organization_id(), Named("hospital").ToString());
  EXPECT_EQ(held->hold_expires_at().seconds(), absl::ToUnixSeconds(kNow) + 300);
  const absl::StatusOr<v1::Booking> booked = desk_->Book(*held);
  ASSERT_THAT(booked, IsOk());
  EXPECT_EQ(booked->state(), v1::BOOKING_STATE_BOOKED);
  EXPECT_TRUE(booked->hold_token().empty());
  EXPECT_EQ(Events("SeatHeld"), "1");
  EXPECT_EQ(Events("SeatBooked"), "1");
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM timer WHERE kind = 'scheduling.HoldExpiry'"), "0");
}

TEST_F(Bookings, TheTokenOfAnotherHoldBooksNothing) {
  const v1::Session session = OpenSession(2);
  absl::StatusOr<v1::Booking> one = desk_->Hold(desk_->Wish(session, "Li", "township"));
  const absl::StatusOr<v1::Booking> other = desk_->Hold(desk_->Wish(session, "Wang", "township"));
  ASSERT_THAT(one, IsOk());
  ASSERT_THAT(other, IsOk());
  one->set_hold_token(other->hold_token());
  EXPECT_THAT(desk_->Book(*one), StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
  one->set_hold_token("forged");
  EXPECT_THAT(desk_->Book(*one), StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

TEST_F(Bookings, ARepeatedHoldGivesTheSameBookingAndATokenThatWorks) {
  const v1::Session session = OpenSession(2);
  v1::HoldSeatRequest wish = desk_->Wish(session, "Li", "township");
  wish.set_request_id(base::Uuid::V7().ToString());
  const absl::StatusOr<v1::Booking> first = desk_->Hold(wish);
  const absl::StatusOr<v1::Booking> again = desk_->Hold(wish);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(first->booking_id(), again->booking_id());
  EXPECT_THAT(desk_->Book(*again), IsOk());
  EXPECT_EQ(FreeSeats(), "1");
  wish.set_patient_id(Named("Wang").ToString());
  EXPECT_THAT(desk_->Hold(wish), StatusIs(StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
  // The token is nowhere in the database.
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM idempotency_ledger WHERE INSTR(response, '" +
                        first->hold_token() + "') > 0"),
            "0");
}

TEST_F(Bookings, AnExpiredHoldIsRefusedAndItsSeatFreedOnce) {
  const v1::Session session = OpenSession(1);
  const absl::StatusOr<v1::Booking> held = desk_->Hold(desk_->Wish(session, "Li", "township"));
  ASSERT_THAT(held, IsOk());
  desk_->clock().Advance(absl::Seconds(299));
  EXPECT_EQ(desk_->RunTimers(), 0);
  desk_->clock().Advance(absl::Seconds(1));
  const absl::StatusOr<v1::Booking> late = desk_->Book(*held);
  EXPECT_THAT(late, StatusIs(StatusCode::kFailedPrecondition, "HOLD_EXPIRED"));
  EXPECT_FALSE(Meta(late.status(), "expired_at").empty());
  EXPECT_EQ(desk_->RunTimers(), 1);
  EXPECT_EQ(FreeSeats(), "1");
  EXPECT_EQ(Events("HoldExpired"), "1");
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM audit_entry WHERE method = "
                        "'job:scheduling.HoldExpiry'"),
            "1");
  EXPECT_THAT(desk_->Book(*held), StatusIs(StatusCode::kFailedPrecondition, "HOLD_EXPIRED"));
  EXPECT_THAT(Cancel(Service("referral"), held->booking_id()), IsOk());
  EXPECT_EQ(Get(Service("referral"), held->booking_id())->state(), v1::BOOKING_STATE_EXPIRED);
}

TEST_F(Bookings, AHoldThatIsOverBlocksNobodyEvenWhereTheTimerIsLate) {
  const v1::Session session = OpenSession(1);
  v1::HoldSeatRequest wish = desk_->Wish(session, "Li", "township");
  wish.set_referral_id(Named("referral").ToString());
  ASSERT_THAT(desk_->Hold(wish), IsOk());
  EXPECT_THAT(desk_->Hold(desk_->Wish(session, "Wang", "township")),
              StatusIs(StatusCode::kFailedPrecondition, "NO_SEAT"));
  desk_->clock().Advance(absl::Seconds(300));
  // The same patient and referral again: neither counts the old hold.
  const absl::StatusOr<v1::Booking> again = desk_->Hold(wish);
  ASSERT_THAT(again, IsOk());
  desk_->clock().Advance(absl::Seconds(300));
  EXPECT_THAT(desk_->Hold(desk_->Wish(session, "Wang", "township")), IsOk());
  EXPECT_EQ(Events("HoldExpired"), "2");
  // The late timers find nothing to do.
  EXPECT_EQ(desk_->RunTimers(), 2);
  EXPECT_EQ(Events("HoldExpired"), "2");
  EXPECT_EQ(FreeSeats(), "0");
}

TEST_F(Bookings, ACancelledSeatIsFreeAgain) {
  const v1::Session session = OpenSession(1);
  const absl::StatusOr<v1::Booking> held = desk_->Hold(desk_->Wish(session, "Li", "township"));
  ASSERT_THAT(held, IsOk());
  ASSERT_THAT(desk_->Book(*held), IsOk());
  const absl::StatusOr<v1::Booking> cancelled = Cancel(Person("township"), held->booking_id());
  ASSERT_THAT(cancelled, IsOk());
  EXPECT_EQ(cancelled->state(), v1::BOOKING_STATE_CANCELLED);
  EXPECT_EQ(FreeSeats(), "1");
  EXPECT_EQ(Cancel(Person("township"), held->booking_id())->etag(), cancelled->etag());
  EXPECT_EQ(Events("BookingCancelled"), "1");
  EXPECT_THAT(desk_->Book(*held),
              StatusIs(StatusCode::kFailedPrecondition, "COMMAND_NOT_AVAILABLE"));
  EXPECT_THAT(desk_->Hold(desk_->Wish(session, "Wang", "township")), IsOk());
}

TEST_F(Bookings, PatientIsNotInTwoPlacesButMayComeTwice) {
  // Two sessions of four hours at the same time, eight seats of half an hour each.
  const v1::Session one = OpenSession(8);
  const v1::Session other = OpenSession(8);
  const absl::StatusOr<v1::Booking> first = desk_->Hold(desk_->Wish(one, "Li", "township"));
  ASSERT_THAT(first, IsOk());
  const absl::StatusOr<v1::Booking> second = desk_->Hold(desk_->Wish(other, "Li", "township"));
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->seat_number(), 1);
  EXPECT_EQ(second->seat_number(), 2);

  const v1::Session whole = OpenSession(1);
  const absl::StatusOr<v1::Booking> third = desk_->Hold(desk_->Wish(whole, "Li", "township"));
  EXPECT_THAT(third, StatusIs(StatusCode::kFailedPrecondition, "PATIENT_OVERLAP"));
  EXPECT_EQ(Meta(third.status(), "blocking_booking_id"), first->booking_id());
  EXPECT_THAT(desk_->Hold(desk_->Wish(OpenSession(1, absl::Hours(24) * 8), "Li", "township")),
              IsOk());
}

TEST_F(Bookings, OneLiveBookingAReferral) {
  const v1::Session session = OpenSession(4);
  const v1::Session later = OpenSession(4, absl::Hours(24) * 9);
  v1::HoldSeatRequest wish = desk_->Wish(session, "Li", "township");
  wish.set_referral_id(Named("referral").ToString());
  const absl::StatusOr<v1::Booking> held = desk_->Hold(wish);
  ASSERT_THAT(held, IsOk());
  wish.set_session_id(later.session_id());
  const absl::StatusOr<v1::Booking> second = desk_->Hold(wish);
  EXPECT_THAT(second, StatusIs(StatusCode::kFailedPrecondition, "REFERRAL_BOOKED"));
  EXPECT_EQ(Meta(second.status(), "blocking_booking_id"), held->booking_id());
  ASSERT_THAT(Cancel(Service("referral"), held->booking_id()), IsOk());
  EXPECT_THAT(desk_->Hold(wish), IsOk());
}

TEST_F(Bookings, ADepartmentsEarliestSeatIsTaken) {
  const v1::Session later = OpenSession(1, absl::Hours(24) * 8);
  const v1::Session earlier = OpenSession(1, absl::Hours(24) * 7);
  v1::HoldSeatRequest wish = desk_->Wish(later, "Li", "township");
  wish.clear_session_id();
  wish.set_department_id(Named("cardiology").ToString());
  EXPECT_EQ(desk_->Hold(wish)->session_id(), earlier.session_id());
  wish.set_patient_id(Named("Wang").ToString());
  EXPECT_EQ(desk_->Hold(wish)->session_id(), later.session_id());
  wish.set_patient_id(Named("Zhao").ToString());
  const absl::StatusOr<v1::Booking> full = desk_->Hold(wish);
  EXPECT_THAT(full, StatusIs(StatusCode::kFailedPrecondition, "NO_SEAT"));
  EXPECT_EQ(Meta(full.status(), "department_id"), wish.department_id());
  desk_->clock().Advance(absl::Minutes(5));
  EXPECT_EQ(desk_->Hold(wish)->session_id(), earlier.session_id());
}

TEST_F(Bookings, OneLookAtAFullSessionRefusesAllWhoHadArrivedBefore) {
  const auto early = std::chrono::steady_clock::now();
  const v1::Session session = OpenSession(1);
  v1::HoldSeatRequest first = desk_->Wish(session, "Li", "township");
  first.set_request_id(base::Uuid::V7().ToString());
  const auto held = desk_->HoldArrived(first, early);
  ASSERT_THAT(held, IsOk());
  const v1::HoldSeatRequest wish = desk_->Wish(session, "Wang", "township");
  EXPECT_THAT(desk_->HoldArrived(wish, early),
              StatusIs(StatusCode::kFailedPrecondition, "NO_SEAT"));
  // Whoever has an answer gets it again, and the seat that comes free is for who arrives now.
  EXPECT_EQ(desk_->HoldArrived(first, early)->booking_id(), held->booking_id());
  ASSERT_THAT(Cancel(Service("referral"), held->booking_id()), IsOk());
  EXPECT_THAT(desk_->HoldArrived(wish, early), StatusIs(StatusCode::kFailedPrecondition, "NO_SEAT"))
      << "of the look that was made";
  EXPECT_THAT(desk_->HoldArrived(wish, std::chrono::steady_clock::now()), IsOk());
}

TEST_F(Bookings, ASessionThatHasStartedIsClosed) {
  const v1::Session session = OpenSession(2, absl::Hours(1));
  desk_->clock().Advance(absl::Hours(1));
  EXPECT_THAT(desk_->Hold(desk_->Wish(session, "Li", "township")),
              StatusIs(StatusCode::kFailedPrecondition, "SESSION_CLOSED"));
  v1::Session missing;
  missing.set_session_id(base::Uuid::V7().ToString());
  EXPECT_THAT(desk_->Hold(desk_->Wish(missing, "Li", "township")),
              StatusIs(StatusCode::kNotFound, "NOT_FOUND"));
}

TEST_F(Bookings, PeopleHoldForTheirOwnOrganizationAndWithoutTheGreenChannel) {
  const v1::Session session = OpenSession(2);
  v1::HoldSeatRequest wish = desk_->Wish(session, "Li", "township");
  EXPECT_THAT(desk_->Ask(Person("city"), &SchedulingHandlers::HoldSeat, wish),
              StatusIs(StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
  wish.set_green_channel(true);
  EXPECT_THAT(desk_->Ask(Person("township"), &SchedulingHandlers::HoldSeat, wish),
              StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
  wish.set_green_channel(false);
  wish.set_referral_id(Named("referral").ToString());
  EXPECT_THAT(desk_->Ask(Person("township"), &SchedulingHandlers::HoldSeat, wish),
              StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
  wish.clear_referral_id();
  desk_->Contract("Li", "township");
  EXPECT_THAT(desk_->Ask(Person("township"), &SchedulingHandlers::HoldSeat, wish), IsOk());
  wish.clear_session_id();
  EXPECT_THAT(desk_->Ask(Person("township"), &SchedulingHandlers::HoldSeat, wish),
              StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

TEST_F(Bookings, AReferralsBookingIsChangedByTheReferralAlone) {
  const v1::Session session = OpenSession(2);
  v1::HoldSeatRequest wish = desk_->Wish(session, "Li", "township");
  wish.set_referral_id(Named("referral").ToString());
  const auto held = desk_->Hold(wish);
  ASSERT_THAT(held, IsOk());
  const auto booked = desk_->Book(*held);
  ASSERT_THAT(booked, IsOk());
  v1::RescheduleBookingRequest later;
  later.set_booking_id(booked->booking_id());
  later.set_session_id(session.session_id());
  const auto is_refused = StatusIs(StatusCode::kFailedPrecondition, "BOOKED_BY_REFERRAL");
  for (const char* party : {"township", "hospital"}) {
    EXPECT_THAT(Cancel(Person(party), booked->booking_id()), is_refused);
    EXPECT_THAT(Move(Person(party), booked->booking_id(), v1::BOOKING_STATE_CHECKED_IN),
                is_refused);
    EXPECT_THAT(desk_->Ask(Person(party), &SchedulingHandlers::RescheduleBooking, later),
                is_refused);
  }
  EXPECT_EQ(Get(Person("hospital"), booked->booking_id())->state(), v1::BOOKING_STATE_BOOKED);
  EXPECT_THAT(Cancel(Service("referral"), booked->booking_id()), IsOk());
}

TEST_F(Bookings, WhoDoesNotCareForAPatientHoldsNothingForThemAndLearnsNothing) {
  desk_->Contract("Li", "township");
  ASSERT_THAT(desk_->Hold(desk_->Wish(OpenSession(1), "Li", "township")), IsOk());
  const v1::Session other = OpenSession(1);  // at the same time
  // The directory, which the desk cannot ask, has the last word on what the projection lacks.
  const absl::StatusOr<v1::Booking> held =
      desk_->Ask(Person("city"), &SchedulingHandlers::HoldSeat, desk_->Wish(other, "Li", "city"));
  EXPECT_EQ(held.status().code(), StatusCode::kUnavailable) << held.status();
  EXPECT_THAT(desk_->Ask(Person("township"), &SchedulingHandlers::HoldSeat,
                         desk_->Wish(other, "Li", "township")),
              StatusIs(StatusCode::kFailedPrecondition, "PATIENT_OVERLAP"));
}

TEST_F(Bookings, AForeignBookingLooksLikeOneThatDoesNotExist) {
  const absl::StatusOr<v1::Booking> held =
      desk_->Hold(desk_->Wish(OpenSession(1), "Li", "township"));
  ASSERT_THAT(held, IsOk());
  const absl::Status foreign = Get(Person("city"), held->booking_id()).status();
  const absl::Status missing = Get(Person("city"), base::Uuid::V7().ToString()).status();
  EXPECT_THAT(foreign, StatusIs(StatusCode::kNotFound, "NOT_FOUND"));
  EXPECT_EQ(foreign, missing);
  EXPECT_EQ(Cancel(Person("city"), held->booking_id()).status(), missing);
  EXPECT_EQ(Move(Person("city"), held->booking_id(), v1::BOOKING_STATE_CHECKED_IN).status(),
            missing);
  EXPECT_THAT(Get(Person("township"), held->booking_id()), IsOk());
  EXPECT_THAT(Get(Person("hospital"), held->booking_id()), IsOk());
}

TEST_F(Bookings, AVisitIsRecordedByWhoOffersTheSession) {
  const absl::StatusOr<v1::Booking> held =
      desk_->Hold(desk_->Wish(OpenSession(1), "Li", "township"));
  ASSERT_THAT(desk_->Book(*held), IsOk());
  EXPECT_THAT(Move(Person("township"), held->booking_id(), v1::BOOKING_STATE_CHECKED_IN),
              StatusIs(StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
  EXPECT_THAT(Move(Person("hospital"), held->booking_id(), v1::BOOKING_STATE_DONE),
              StatusIs(StatusCode::kFailedPrecondition, "COMMAND_NOT_AVAILABLE"));
  EXPECT_THAT(Move(Person("hospital"), held->booking_id(), v1::BOOKING_STATE_CHECKED_IN), IsOk());
  EXPECT_THAT(Move(Person("hospital"), held->booking_id(), v1::BOOKING_STATE_DONE), IsOk());
  EXPECT_EQ(Events("BookingMoved"), "2");
  EXPECT_EQ(FreeSeats(), "0");
}

TEST_F(Bookings, FollowTheSurvivorOfAMerge) {
  const absl::StatusOr<v1::Booking> held =
      desk_->Hold(desk_->Wish(OpenSession(1), "double", "township"));
  ASSERT_THAT(held, IsOk());
  directory::v1::PatientsMerged merged;
  merged.set_surviving_patient_id(Named("Li").ToString());
  merged.set_merged_patient_id(Named("double").ToString());
  ASSERT_THAT(Apply(merged), IsOk());
  ASSERT_THAT(Apply(merged), IsOk());
  EXPECT_EQ(Get(Service("referral"), held->booking_id())->patient_id(), Named("Li").ToString());
  EXPECT_EQ(Events("BookingRelinked"), "1");
  // Either id is the same person from now on.
  const v1::Session same_time = OpenSession(1);
  for (const char* patient : {"Li", "double"}) {
    EXPECT_THAT(desk_->Hold(desk_->Wish(same_time, patient, "township")),
                StatusIs(StatusCode::kFailedPrecondition, "PATIENT_OVERLAP"));
  }
  merged.set_merged_patient_id(Named("Li").ToString());
  merged.set_surviving_patient_id(Named("Li Ming").ToString());
  ASSERT_THAT(Apply(merged), IsOk());
  EXPECT_THAT(desk_->Hold(desk_->Wish(same_time, "double", "township")),
              StatusIs(StatusCode::kFailedPrecondition, "PATIENT_OVERLAP"));
  EXPECT_THAT(desk_->Book(*held), IsOk());
}

TEST_F(Bookings, GoBackWhenAMergeIsUndone) {
  const absl::StatusOr<v1::Booking> moved =
      desk_->Hold(desk_->Wish(OpenSession(1), "double", "township"));
  ASSERT_THAT(moved, IsOk());
  directory::v1::PatientsMerged merged;
  merged.set_merge_id(base::Uuid::V7().ToString());
  merged.set_surviving_patient_id(Named("Li").ToString());
  merged.set_merged_patient_id(Named("double").ToString());
  ASSERT_THAT(Apply(merged), IsOk());
  // A week later, so that one person may hold both.
  const absl::StatusOr<v1::Booking> later =
      desk_->Hold(desk_->Wish(OpenSession(1, absl::Hours(24) * 14), "Li", "township"));
  ASSERT_THAT(later, IsOk());
  directory::v1::PatientsUnmerged unmerged;
  unmerged.set_merge_id(merged.merge_id());
  unmerged.set_surviving_patient_id(merged.surviving_patient_id());
  unmerged.set_merged_patient_id(merged.merged_patient_id());
  ASSERT_THAT(Apply(unmerged), IsOk());
  ASSERT_THAT(Apply(unmerged), IsOk());
  EXPECT_EQ(Get(Service("referral"), moved->booking_id())->patient_id(),
            Named("double").ToString());
  EXPECT_EQ(Get(Service("referral"), later->booking_id())->patient_id(), Named("Li").ToString());
  EXPECT_EQ(Events("BookingRelinked"), "2");
  EXPECT_THAT(desk_->Hold(desk_->Wish(OpenSession(1), "Li", "township")), IsOk())
      << "two people again: no overlap";
}

TEST_F(Bookings, EachIsAuditedWithItsPatient) {
  const absl::StatusOr<v1::Booking> held =
      desk_->Hold(desk_->Wish(OpenSession(1), "Li", "township"));
  ASSERT_THAT(held, IsOk());
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM audit_entry WHERE subject_type = 'booking' AND "
                        "outcome = 'OK'"),
            "1");
}

}  // namespace
}  // namespace yilian::scheduling
