// The wait list as callers meet it, on a real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "common/mysql/transaction.h"
#include "common/status/matchers.h"
#include "services/scheduling/jobs/directory_events.h"
#include "services/scheduling/testing/scheduling_desk.h"
#include "tests/support/merge_event.h"
#include "tests/support/test_database.h"
#include "yilian/directory/v1/patient_index.pb.h"

namespace yilian::scheduling {
namespace {

using absl::StatusCode;
using status::IsOk;
using status::StatusIs;
using test_support::TestDatabase;
using Handlers = WaitListHandlers;

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

std::string Meta(const absl::Status& status, const std::string& key) {
  const auto info = status::InfoOf(status);
  if (!info || !info->metadata().contains(key)) return "";
  return info->metadata().at(key);
}

class WaitListService : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    options_ = TestDatabase::Get().NewSchema(SchedulingDesk::Migrations());
    desk_ = std::make_unique<SchedulingDesk>(options_, kNow);
    desk_->Register("hospital", Tier::kTertiaryHospital, "hospital");
    desk_->Register("township", Tier::kTownshipHospital, "hospital");
    desk_->Register("city", Tier::kTertiaryHospital, "city");
    for (const char* patient : {"Wang", "Zhao", "Qian", "Sun"}) {
      desk_->Contract(patient, "township");
      desk_->Contract(patient, "city");
    }
  }

  v1::Session OpenSession(int seats, v1::PoolKind pool = v1::POOL_KIND_OPEN) {
    v1::CreateSessionRequest offer = desk_->Offer(seats);
    v1::PoolQuota& quota = *offer.add_quotas();
    quota.set_kind(pool);
    quota.set_seats(seats);
    return desk_->Create(offer);
  }

  // Every seat of the session, booked for somebody of its own.
  std::vector<v1::Booking> BookAll(const v1::Session& session, std::string_view organization) {
    std::vector<v1::Booking> bookings;
    for (int seat = 1; seat <= session.seats(); ++seat) {
      const absl::StatusOr<v1::Booking> held =
          desk_->Hold(desk_->Wish(session, "Li " + std::to_string(seat), organization));
      EXPECT_THAT(held, IsOk());
      const absl::StatusOr<v1::Booking> booked = desk_->Book(*held);
      EXPECT_THAT(booked, IsOk());
      bookings.push_back(*booked);
    }
    return bookings;
  }

  absl::StatusOr<v1::WaitListEntry> Join(std::string_view patient, std::string_view organization) {
    // Of two entries with one turn the earlier one is first.
    desk_->clock().Advance(absl::Milliseconds(1));
    v1::JoinWaitListRequest request;
    request.set_patient_id(Named(patient).ToString());
    request.set_organization_id(Named(organization).ToString());
    request.set_department_id(Named("cardiology").ToString());
    request.mutable_time()->mutable_start()->set_seconds(absl::ToUnixSeconds(kNow));
    request.mutable_time()->mutable_end()->set_seconds(
        absl::ToUnixSeconds(kNow + absl::Hours(24) * 30));
    return desk_->Ask(Person(organization), &Handlers::JoinWaitList, request);
  }

  absl::StatusOr<v1::Booking> Cancel(const v1::Booking& booking, SchedulingDesk* desk = nullptr) {
    v1::CancelBookingRequest request;
    request.set_booking_id(booking.booking_id());
    request.set_reason("PATIENT_DECLINED");
    return (desk ? desk : desk_.get())
        ->Ask(Service("referral"), &SchedulingHandlers::CancelBooking, request);
  }

  v1::WaitListEntry See(const v1::WaitListEntry& entry) {
    v1::GetWaitListEntryRequest request;
    request.set_entry_id(entry.entry_id());
    const auto seen = desk_->Ask(Person("hospital"), &Handlers::GetWaitListEntry, request);
    EXPECT_THAT(seen, IsOk());
    return seen.value_or(v1::WaitListEntry());
  }
  v1::WaitListState StateOf(const v1::WaitListEntry& entry) { return See(entry).state(); }

  v1::WaitListOfferRequest Answer(const v1::WaitListEntry& entry) {
    v1::WaitListOfferRequest request;
    request.set_entry_id(entry.entry_id());
    request.set_etag(See(entry).etag());
    return request;
  }
  absl::StatusOr<v1::WaitListEntry> Accept(const v1::WaitListEntry& entry,
                                           std::string_view organization) {
    return desk_->Ask(Person(organization), &Handlers::AcceptWaitListOffer, Answer(entry));
  }
  absl::StatusOr<v1::WaitListEntry> Decline(const v1::WaitListEntry& entry,
                                            std::string_view organization) {
    return desk_->Ask(Person(organization), &Handlers::DeclineWaitListOffer, Answer(entry));
  }
  absl::StatusOr<v1::WaitListEntry> Leave(const v1::WaitListEntry& entry,
                                          std::string_view organization) {
    v1::LeaveWaitListRequest request;
    request.set_entry_id(entry.entry_id());
    request.set_reason("PATIENT_DECLINED");
    return desk_->Ask(Person(organization), &Handlers::LeaveWaitList, request);
  }

  std::string Seats(const std::string& state) {
    return desk_->Read("SELECT COUNT(*) FROM seat WHERE state = '" + state + "'");
  }
  std::string Events(const std::string& type) {
    return desk_->Read("SELECT COUNT(*) FROM outbox WHERE type = '" + type + "'");
  }

  mysql::PoolOptions options_;
  std::unique_ptr<SchedulingDesk> desk_;
};

TEST_F(WaitListService, ACancelledSeatIsOfferedBeforeItIsOpenToAll) {
  const v1::Session session = OpenSession(1);
  const v1::Booking booked = BookAll(session, "township").front();
  const auto entry = Join("Wang", "township");
  ASSERT_THAT(entry, IsOk());
  EXPECT_EQ(entry->session_organization_id(), Named("hospital").ToString());
  ASSERT_THAT(Cancel(booked), IsOk());
  // Nobody slips in between the cancellation and the offer, nor while the offer stands.
  EXPECT_THAT(desk_->Hold(desk_->Wish(session, "Zhou", "city")),
              StatusIs(StatusCode::kFailedPrecondition, "NO_SEAT"));
  EXPECT_EQ(desk_->RunTimers(), 1);
  EXPECT_THAT(desk_->Hold(desk_->Wish(session, "Zhou", "city")),
              StatusIs(StatusCode::kFailedPrecondition, "NO_SEAT"));
  const v1::WaitListEntry offered = See(*entry);
  EXPECT_EQ(offered.state(), v1::WAIT_LIST_STATE_OFFERED);
  EXPECT_EQ(offered.offered_session_id(), session.session_id());
  EXPECT_EQ(offered.offer_expires_at().seconds(), absl::ToUnixSeconds(kNow + absl::Hours(2)));

  const auto accepted = Accept(*entry, "township");
  ASSERT_THAT(accepted, IsOk());
  EXPECT_EQ(accepted->state(), v1::WAIT_LIST_STATE_BOOKED);
  v1::GetBookingRequest get;
  get.set_booking_id(accepted->offered_booking_id());
  const auto booking = desk_->Ask(Person("township"), &SchedulingHandlers::GetBooking, get);
  ASSERT_THAT(booking, IsOk());
  EXPECT_EQ(booking->state(), v1::BOOKING_STATE_BOOKED);
  EXPECT_EQ(booking->patient_id(), Named("Wang").ToString());
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM timer WHERE kind LIKE 'scheduling.WaitList%'"), "0");
  for (const char* type : {"WaitListJoined", "WaitListOffered", "WaitListBooked"}) {
    EXPECT_EQ(Events(type), "1") << type;
  }
}

TEST_F(WaitListService, AnOfferThatRunsOutGoesToTheNextAndThenToAll) {
  const v1::Session session = OpenSession(1);
  const v1::Booking booked = BookAll(session, "township").front();
  const auto first = Join("Wang", "township");
  const auto second = Join("Zhao", "city");
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(See(*second).ahead(), 1);
  ASSERT_THAT(Cancel(booked), IsOk());
  desk_->RunTimers();
  ASSERT_EQ(StateOf(*first), v1::WAIT_LIST_STATE_OFFERED);
  ASSERT_EQ(StateOf(*second), v1::WAIT_LIST_STATE_WAITING);
  desk_->clock().Advance(absl::Hours(2));
  EXPECT_THAT(Accept(*first, "township"),
              StatusIs(StatusCode::kFailedPrecondition, "HOLD_EXPIRED"));
  desk_->RunTimers();
  EXPECT_EQ(StateOf(*first), v1::WAIT_LIST_STATE_WAITING);
  EXPECT_EQ(See(*first).passed_offers(), 1);
  ASSERT_EQ(StateOf(*second), v1::WAIT_LIST_STATE_OFFERED);
  ASSERT_THAT(Decline(*second, "city"), IsOk());
  desk_->RunTimers();
  // Nobody is asked for the same session twice.
  EXPECT_EQ(StateOf(*first), v1::WAIT_LIST_STATE_WAITING);
  EXPECT_EQ(StateOf(*second), v1::WAIT_LIST_STATE_WAITING);
  EXPECT_EQ(Seats("FREE"), "1");
  EXPECT_EQ(Events("WaitListOfferPassed"), "2");
}

TEST_F(WaitListService, ClinicsTakeTurns) {
  const v1::Session session = OpenSession(2);
  const std::vector<v1::Booking> booked = BookAll(session, "township");
  const auto first = Join("Wang", "township");
  const auto own_second = Join("Zhao", "township");
  const auto others_first = Join("Qian", "city");
  ASSERT_THAT(others_first, IsOk());
  for (const v1::Booking& booking : booked) {
    ASSERT_THAT(Cancel(booking), IsOk());
    desk_->RunTimers();
  }
  EXPECT_EQ(StateOf(*first), v1::WAIT_LIST_STATE_OFFERED);
  EXPECT_EQ(StateOf(*others_first), v1::WAIT_LIST_STATE_OFFERED);
  EXPECT_EQ(StateOf(*own_second), v1::WAIT_LIST_STATE_WAITING);
}

TEST_F(WaitListService, AReservedSeatIsOfferedToThoseWhoMayTakeIt) {
  const v1::Session session = OpenSession(1, v1::POOL_KIND_CONSORTIUM);
  const v1::Booking booked = BookAll(session, "township").front();
  const auto stranger = Join("Wang", "city");
  const auto member = Join("Zhao", "township");
  ASSERT_THAT(member, IsOk());
  ASSERT_THAT(Cancel(booked), IsOk());
  desk_->RunTimers();
  EXPECT_EQ(StateOf(*stranger), v1::WAIT_LIST_STATE_WAITING);
  ASSERT_EQ(StateOf(*member), v1::WAIT_LIST_STATE_OFFERED);
  // Given back and open to all a day before, it is the stranger's.
  ASSERT_THAT(Leave(*member, "township"), IsOk());
  desk_->RunTimers();
  EXPECT_EQ(Seats("FREE"), "1");
  desk_->clock().Advance(absl::Hours(24) * 6);
  desk_->RunTimers();
  EXPECT_EQ(StateOf(*stranger), v1::WAIT_LIST_STATE_OFFERED);
}

TEST_F(WaitListService, ANewSessionIsOfferedInOrder) {
  OpenSession(1);  // the department has had one
  std::vector<v1::WaitListEntry> entries;
  for (const char* patient : {"Wang", "Zhao", "Qian"}) {
    const auto entry = Join(patient, "township");
    ASSERT_THAT(entry, IsOk());
    entries.push_back(*entry);
  }
  OpenSession(2);
  EXPECT_GE(desk_->RunTimers(), 1);
  EXPECT_EQ(StateOf(entries[0]), v1::WAIT_LIST_STATE_OFFERED);
  EXPECT_EQ(StateOf(entries[1]), v1::WAIT_LIST_STATE_OFFERED);
  EXPECT_EQ(StateOf(entries[2]), v1::WAIT_LIST_STATE_WAITING);
}

TEST_F(WaitListService, WhoIsBookedAtThatTimeIsPassedOver) {
  const v1::Session session = OpenSession(1);
  const v1::Session other = OpenSession(1);
  const v1::Booking booked = BookAll(session, "township").front();
  ASSERT_THAT(desk_->Hold(desk_->Wish(other, "Wang", "township")), IsOk());
  const auto busy = Join("Wang", "township");
  const auto next = Join("Zhao", "township");
  ASSERT_THAT(Cancel(booked), IsOk());
  desk_->RunTimers();
  EXPECT_EQ(StateOf(*busy), v1::WAIT_LIST_STATE_WAITING);
  EXPECT_EQ(StateOf(*next), v1::WAIT_LIST_STATE_OFFERED);
}

TEST_F(WaitListService, AnOfferIsAnsweredByWhoHasSeenIt) {
  const v1::Session session = OpenSession(1);
  const v1::Booking booked = BookAll(session, "township").front();
  const auto entry = Join("Wang", "township");
  ASSERT_THAT(entry, IsOk());
  ASSERT_THAT(Cancel(booked), IsOk());
  desk_->RunTimers();
  v1::WaitListOfferRequest stale;
  stale.set_entry_id(entry->entry_id());
  stale.set_etag(entry->etag());
  EXPECT_THAT(desk_->Ask(Person("township"), &Handlers::AcceptWaitListOffer, stale),
              StatusIs(StatusCode::kAborted, "ETAG_STALE"));
  EXPECT_THAT(Accept(*entry, "hospital"),
              StatusIs(StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
  EXPECT_THAT(Accept(*entry, "city"), StatusIs(StatusCode::kNotFound, "NOT_FOUND"));
  v1::WaitListOfferRequest accept = Answer(*entry);
  accept.set_request_id(base::Uuid::V7().ToString());
  const auto once = desk_->Ask(Person("township"), &Handlers::AcceptWaitListOffer, accept);
  const auto again = desk_->Ask(Person("township"), &Handlers::AcceptWaitListOffer, accept);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(once->SerializeAsString(), again->SerializeAsString());
  EXPECT_THAT(Leave(*entry, "township"),
              StatusIs(StatusCode::kFailedPrecondition, "COMMAND_NOT_AVAILABLE"));
}

TEST_F(WaitListService, CancellingTheHeldSeatPassesTheOffer) {
  const v1::Session session = OpenSession(1);
  const v1::Booking booked = BookAll(session, "township").front();
  const auto entry = Join("Wang", "township");
  ASSERT_THAT(Cancel(booked), IsOk());
  desk_->RunTimers();
  v1::Booking held;
  held.set_booking_id(See(*entry).offered_booking_id());
  ASSERT_THAT(Cancel(held), IsOk());
  EXPECT_EQ(StateOf(*entry), v1::WAIT_LIST_STATE_WAITING);
  EXPECT_EQ(See(*entry).passed_offers(), 1);
  EXPECT_EQ(Seats("FREE"), "1");
}

TEST_F(WaitListService, WhatCannotJoinIsToldWhy) {
  EXPECT_THAT(Join("Wang", "township"), StatusIs(StatusCode::kNotFound, "NOT_FOUND"));
  OpenSession(1);
  EXPECT_THAT(Join("nobody's patient", "township").status().code(),
              testing::AnyOf(StatusCode::kNotFound, StatusCode::kUnavailable));
  const auto entry = Join("Wang", "township");
  ASSERT_THAT(entry, IsOk());
  const auto twice = Join("Wang", "township");
  EXPECT_THAT(twice, StatusIs(StatusCode::kFailedPrecondition, "ALREADY_WAITING"));
  EXPECT_EQ(Meta(twice.status(), "blocking_entry_id"), entry->entry_id());
  const auto elsewhere = Join("Wang", "city");
  EXPECT_THAT(elsewhere, StatusIs(StatusCode::kFailedPrecondition, "ALREADY_WAITING"));
  EXPECT_EQ(Meta(elsewhere.status(), "blocking_entry_id"), "");
  ASSERT_THAT(Leave(*entry, "township"), IsOk());
  EXPECT_THAT(Join("Wang", "city"), IsOk());
}

TEST_F(WaitListService, AnEntryEndsWithItsTime) {
  OpenSession(1);
  const auto entry = Join("Wang", "township");
  ASSERT_THAT(entry, IsOk());
  desk_->clock().Advance(absl::Hours(24) * 30);
  desk_->RunTimers();
  EXPECT_EQ(See(*entry).reason(), "WINDOW_OVER");
}

TEST_F(WaitListService, ListsAreOfBothSidesAndPaged) {
  OpenSession(1);
  for (const char* patient : {"Wang", "Zhao", "Qian"})
    ASSERT_THAT(Join(patient, "township"), IsOk());
  ASSERT_THAT(Join("Sun", "city"), IsOk());
  const auto list = [&](std::string_view organization, bool for_own) {
    std::set<std::string> seen;
    v1::ListWaitListRequest request;
    request.set_organization_id(Named(organization).ToString());
    request.set_for_own_sessions(for_own);
    request.mutable_page()->set_page_size(2);
    for (;;) {
      const auto page = desk_->Ask(Person(organization), &Handlers::ListWaitList, request);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) return seen;
      for (const v1::WaitListEntry& entry : page->entries()) seen.insert(entry.patient_id());
      if (page->page().next_page_token().empty()) return seen;
      request.mutable_page()->set_page_token(page->page().next_page_token());
    }
  };
  EXPECT_EQ(list("township", false).size(), 3U);
  EXPECT_EQ(list("hospital", true).size(), 4U);
  EXPECT_EQ(list("hospital", false).size(), 0U);
}

TEST_F(WaitListService, AMergedPatientKeepsOnePlace) {
  OpenSession(1);
  const auto kept = Join("Wang", "township");
  const auto merged = Join("Zhao", "township");
  ASSERT_THAT(merged, IsOk());
  const event::v1::Event event = test_support::MergeEvent(Named("Wang"), Named("Zhao"));
  ASSERT_THAT(
      mysql::RunTransaction(desk_->pool(),
                            {.name = "test.Apply", .deadline = absl::Now() + absl::Seconds(30)},
                            [&](mysql::Session& sql) {
                              return ApplyDirectoryEvent(sql, event, desk_->upkeep(), kNow);
                            }),
      IsOk());
  EXPECT_EQ(StateOf(*kept), v1::WAIT_LIST_STATE_WAITING);
  EXPECT_EQ(See(*merged).reason(), "PATIENT_MERGED");
  EXPECT_EQ(See(*merged).patient_id(), Named("Wang").ToString());
}

TEST_F(WaitListService, ManyCancellationsAndTwoReplicasOfferEverySeatOnce) {
  constexpr int kSeats = 12;
  const v1::Session session = OpenSession(kSeats);
  const std::vector<v1::Booking> booked = BookAll(session, "township");
  std::vector<v1::WaitListEntry> entries;
  for (int i = 0; i < kSeats; ++i) {
    const std::string patient = "waiting " + std::to_string(i);
    const std::string organization = i % 2 == 0 ? "township" : "city";
    desk_->Contract(patient, organization);
    const auto entry = Join(patient, organization);
    ASSERT_THAT(entry, IsOk());
    entries.push_back(*entry);
  }
  SchedulingDesk replica(options_, kNow);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      SchedulingDesk& desk = t % 2 == 0 ? *desk_ : replica;
      for (int i = t; i < kSeats; i += 4) {
        EXPECT_THAT(Cancel(booked[i], &desk), IsOk());
        desk.RunTimers();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  desk_->RunTimers();
  for (const v1::WaitListEntry& entry : entries) {
    EXPECT_EQ(StateOf(entry), v1::WAIT_LIST_STATE_OFFERED);
  }
  EXPECT_EQ(Seats("TAKEN"), std::to_string(kSeats));
  EXPECT_EQ(desk_->Read("SELECT COUNT(DISTINCT seat_number) FROM booking WHERE state = 'HELD'"),
            std::to_string(kSeats));
  EXPECT_EQ(Events("WaitListOffered"), std::to_string(kSeats));
}

}  // namespace
}  // namespace yilian::scheduling
