// Sessions, reserves and searches as callers meet them, on a real database.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <google/protobuf/any.pb.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "common/mysql/transaction.h"
#include "common/status/matchers.h"
#include "services/scheduling/jobs/directory_events.h"
#include "services/scheduling/testing/scheduling_desk.h"
#include "tests/support/test_database.h"
#include "yilian/directory/v1/directory.pb.h"

namespace yilian::scheduling {
namespace {

using absl::StatusCode;
using status::IsOk;
using status::StatusIs;
using test_support::TestDatabase;

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

class Sessions : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    desk_ = std::make_unique<SchedulingDesk>(
        TestDatabase::Get().NewSchema(SchedulingDesk::Migrations()), kNow);
    desk_->Register("hospital", Tier::kTertiaryHospital, "hospital");
    desk_->Register("township", Tier::kTownshipHospital, "hospital");
    desk_->Register("village", Tier::kVillageClinic, "hospital");
    desk_->Register("city", Tier::kTertiaryHospital, "city");
  }

  static void Keep(v1::CreateSessionRequest& offer, v1::PoolKind kind, int seats,
                   const std::string& organization = "") {
    v1::PoolQuota& quota = *offer.add_quotas();
    quota.set_kind(kind);
    quota.set_seats(seats);
    if (!organization.empty()) quota.set_organization_id(Named(organization).ToString());
  }

  v1::SearchSessionsRequest Query() const {
    v1::SearchSessionsRequest request;
    request.set_specialty("CARDIOLOGY");
    request.mutable_time()->mutable_start()->set_seconds(absl::ToUnixSeconds(kNow));
    request.mutable_time()->mutable_end()->set_seconds(
        absl::ToUnixSeconds(kNow + absl::Hours(24) * 30));
    return request;
  }

  absl::StatusOr<v1::SearchSessionsResponse> Search(const rpc::Caller& caller,
                                                    const v1::SearchSessionsRequest& request) {
    return desk_->Ask(caller, &SchedulingHandlers::SearchSessions, request);
  }

  int FreeFor(const std::string& organization) {
    const absl::StatusOr<v1::SearchSessionsResponse> found = Search(Person(organization), Query());
    EXPECT_THAT(found, IsOk());
    return found->sessions_size() == 0 ? 0 : found->sessions(0).free_seats();
  }

  // Holds seats for fresh patients until there is none; returns how many.
  int HoldAll(const v1::Session& session, const std::string& organization, bool green = false) {
    for (int held = 0;; ++held) {
      v1::HoldSeatRequest wish = desk_->Wish(session, base::Uuid::V7().ToString(), organization);
      wish.set_green_channel(green);
      const absl::StatusOr<v1::Booking> booking = desk_->Hold(wish);
      if (booking.ok()) continue;
      EXPECT_THAT(booking, StatusIs(StatusCode::kFailedPrecondition, "NO_SEAT"));
      refusal_ = booking.status();
      return held;
    }
  }

  std::string Seats(const std::string& pool) {
    return desk_->Read("SELECT COUNT(*) FROM seat WHERE pool = '" + pool + "'");
  }
  std::string Events(const std::string& type) {
    return desk_->Read("SELECT COUNT(*) FROM outbox WHERE type = '" + type + "'");
  }

  std::unique_ptr<SchedulingDesk> desk_;
  absl::Status refusal_;
};

TEST_F(Sessions, ReserveSeatsByDefault) {
  v1::CreateSessionRequest offer = desk_->Offer(10);
  offer.set_practitioner_id(Named("expert").ToString());
  const v1::Session session = desk_->Create(offer);
  EXPECT_EQ(Seats("GREEN"), "1");
  EXPECT_EQ(Seats("CONSORTIUM"), "4");
  EXPECT_EQ(Seats("OPEN"), "5");
  EXPECT_EQ(session.quotas_size(), 2);
  EXPECT_EQ(Events("SessionCreated"), "1");
  EXPECT_EQ(FreeFor("city"), 5);
  EXPECT_EQ(FreeFor("township"), 9);
}

TEST_F(Sessions, TheEventTellsThePoolOfEverySeat) {
  v1::CreateSessionRequest offer = desk_->Offer(8);
  Keep(offer, v1::POOL_KIND_CONSORTIUM, 3);
  Keep(offer, v1::POOL_KIND_ORGANIZATION, 2, "village");
  Keep(offer, v1::POOL_KIND_ORGANIZATION, 1, "township");
  desk_->Create(offer);
  google::protobuf::Any payload;
  ASSERT_TRUE(payload.ParseFromString(
      desk_->Read("SELECT payload FROM outbox WHERE type = 'SessionCreated'")));
  v1::SessionCreated created;
  ASSERT_TRUE(payload.UnpackTo(&created));
  std::string pools;
  for (const v1::SeatRange& range : created.pools()) {
    for (int number = range.first_seat(); number <= range.last_seat(); ++number) {
      EXPECT_EQ(desk_->Read(fmt::format("SELECT HEX(pool_organization_id) FROM seat WHERE "
                                        "seat_number = {}",
                                        number)),
                range.organization_id().empty() ? std::string(32, '0')
                                                : absl::AsciiStrToUpper(absl::StrReplaceAll(
                                                      range.organization_id(), {{"-", ""}})));
    }
    pools += fmt::format("{}:{}-{} ", v1::PoolKind_Name(range.kind()).substr(10),
                         range.first_seat(), range.last_seat());
  }
  EXPECT_EQ(pools, "ORGANIZATION:1-2 ORGANIZATION:3-3 CONSORTIUM:4-6 OPEN:7-8 ");
}

TEST_F(Sessions, EachCallerTakesWhatIsKeptForItAndTheOpenSeats) {
  v1::CreateSessionRequest offer = desk_->Offer(10);
  Keep(offer, v1::POOL_KIND_ORGANIZATION, 2, "village");
  Keep(offer, v1::POOL_KIND_CONSORTIUM, 3);
  Keep(offer, v1::POOL_KIND_GREEN, 1);
  const v1::Session session = desk_->Create(offer);
  EXPECT_EQ(HoldAll(session, "city"), 4);
  EXPECT_EQ(status::InfoOf(refusal_)->metadata().at("reserved_elsewhere"), "6");
  EXPECT_EQ(HoldAll(session, "township"), 3);
  EXPECT_EQ(HoldAll(session, "village"), 2);
  EXPECT_EQ(HoldAll(session, "city", true), 1);
  EXPECT_EQ(status::InfoOf(refusal_)->metadata().at("reserved_elsewhere"), "0");
}

TEST_F(Sessions, TheNarrowestReserveGoesFirst) {
  v1::CreateSessionRequest offer = desk_->Offer(4);
  Keep(offer, v1::POOL_KIND_ORGANIZATION, 1, "village");
  Keep(offer, v1::POOL_KIND_CONSORTIUM, 1);
  Keep(offer, v1::POOL_KIND_GREEN, 1);
  const v1::Session session = desk_->Create(offer);
  std::vector<std::string> pools;
  for (int i = 0; i < 4; ++i) {
    v1::HoldSeatRequest wish = desk_->Wish(session, std::to_string(i), "village");
    wish.set_green_channel(true);
    const absl::StatusOr<v1::Booking> held = desk_->Hold(wish);
    ASSERT_THAT(held, IsOk());
    pools.push_back(desk_->Read("SELECT pool FROM seat WHERE seat_number = " +
                                std::to_string(held->seat_number())));
  }
  EXPECT_THAT(pools, ::testing::ElementsAre("ORGANIZATION", "GREEN", "CONSORTIUM", "OPEN"));
}

TEST_F(Sessions, ReservesAreReleasedByTheClockEachOnce) {
  v1::CreateSessionRequest offer = desk_->Offer(10);
  Keep(offer, v1::POOL_KIND_ORGANIZATION, 2, "village");
  Keep(offer, v1::POOL_KIND_CONSORTIUM, 3);
  Keep(offer, v1::POOL_KIND_GREEN, 1);
  const v1::Session session = desk_->Create(offer);
  ASSERT_THAT(desk_->Hold(desk_->Wish(session, "Li", "village")), IsOk());
  desk_->clock().Set(kNow + absl::Hours(24) * 5 - absl::Microseconds(1));
  EXPECT_EQ(desk_->RunTimers(), 1);  // the hold
  EXPECT_EQ(Seats("ORGANIZATION"), "2");

  ASSERT_THAT(desk_->Hold(desk_->Wish(session, "Li", "village")), IsOk());
  desk_->clock().Set(kNow + absl::Hours(24) * 5);
  EXPECT_EQ(desk_->RunTimers(), 1);
  EXPECT_EQ(Seats("ORGANIZATION"), "0");
  EXPECT_EQ(Seats("CONSORTIUM"), "5");
  EXPECT_EQ(Events("SeatsReleased"), "1");
  EXPECT_EQ(FreeFor("city"), 4);

  desk_->clock().Set(kNow + absl::Hours(24) * 6);
  desk_->RunTimers();
  EXPECT_EQ(Seats("OPEN"), "10");
  EXPECT_EQ(Events("SeatsReleased"), "3");
  EXPECT_EQ(FreeFor("city"), 10);
  EXPECT_EQ(desk_->Read("SELECT released FROM session"), "2");
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM timer"), "0");
}

TEST_F(Sessions, ReservesThatOpenInOneMomentOpenTogether) {
  constexpr int kMorning = 60;  // more than one transaction takes
  for (int i = 0; i < kMorning; ++i) {
    v1::CreateSessionRequest offer = desk_->Offer(4);
    Keep(offer, v1::POOL_KIND_ORGANIZATION, 1, "village");
    Keep(offer, v1::POOL_KIND_CONSORTIUM, 2);
    const v1::Session session = desk_->Create(offer);
    if (i % 2 == 0) {
      // A taken seat is not counted, and opens as its neighbours do.
      ASSERT_THAT(desk_->Hold(desk_->Wish(session, std::to_string(i), "village")), IsOk());
    }
  }
  const std::string sessions = std::to_string(kMorning);
  desk_->clock().Set(kNow + absl::Hours(24) * 5);
  EXPECT_EQ(desk_->RunTimers(), kMorning + kMorning / 2) << "the releases, and the holds";
  EXPECT_EQ(Events("SeatsReleased"), sessions);
  EXPECT_EQ(Seats("ORGANIZATION"), "0");
  EXPECT_EQ(Seats("CONSORTIUM"), std::to_string(3 * kMorning));

  desk_->clock().Set(kNow + absl::Hours(24) * 6);
  EXPECT_EQ(desk_->RunTimers(), kMorning);
  EXPECT_EQ(Events("SeatsReleased"), std::to_string(3 * kMorning));
  EXPECT_EQ(Seats("OPEN"), std::to_string(4 * kMorning));
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM session WHERE released = 2 AND version = 3"),
            sessions);
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM timer"), "0");
}

TEST_F(Sessions, WhatIsOpenByTheClockIsGivenEvenWhereTheTimerIsLate) {
  v1::CreateSessionRequest offer = desk_->Offer(2);
  Keep(offer, v1::POOL_KIND_CONSORTIUM, 2);
  const v1::Session session = desk_->Create(offer);
  desk_->clock().Set(kNow + absl::Hours(24) * 6 - absl::Microseconds(1));
  EXPECT_EQ(HoldAll(session, "city"), 0);
  desk_->clock().Advance(absl::Microseconds(1));
  EXPECT_EQ(HoldAll(session, "city"), 2);
  EXPECT_EQ(Events("SeatsReleased"), "3");
  desk_->RunTimers();
  EXPECT_EQ(Events("SeatsReleased"), "3");
}

TEST_F(Sessions, CreatedLateHaveTheirReservesReleasedAtOnce) {
  v1::CreateSessionRequest offer = desk_->Offer(10, absl::Hours(12));
  desk_->Create(offer);
  EXPECT_EQ(Seats("OPEN"), "10");
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM timer"), "0");
}

TEST_F(Sessions, AnExpertIsNotInTwoPlaces) {
  v1::CreateSessionRequest offer = desk_->Offer(4);
  offer.set_practitioner_id(Named("expert").ToString());
  const v1::Session first = desk_->Create(offer);
  const auto create = [&] {
    offer.clear_request_id();
    return desk_->Ask(Service("ctl"), &SchedulingHandlers::CreateSession, offer);
  };
  offer.mutable_time()->mutable_start()->set_seconds(offer.time().start().seconds() + 3600);
  const absl::StatusOr<v1::Session> overlapping = create();
  EXPECT_THAT(overlapping, StatusIs(StatusCode::kFailedPrecondition, "EXPERT_OVERLAP"));
  EXPECT_EQ(status::InfoOf(overlapping.status())->metadata().at("blocking_session_id"),
            first.session_id());
  offer.mutable_time()->mutable_start()->set_seconds(first.time().end().seconds());
  offer.mutable_time()->mutable_end()->set_seconds(first.time().end().seconds() + 3600);
  EXPECT_THAT(create(), IsOk());
}

TEST_F(Sessions, AreOfferedForTheOwnOrganization) {
  EXPECT_THAT(desk_->Ask(Person("city"), &SchedulingHandlers::CreateSession, desk_->Offer(4)),
              StatusIs(StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
  EXPECT_THAT(desk_->Ask(Person("hospital"), &SchedulingHandlers::CreateSession, desk_->Offer(4)),
              IsOk());
  v1::CreateSessionRequest offer = desk_->Offer(4);
  Keep(offer, v1::POOL_KIND_GREEN, 5);
  EXPECT_THAT(desk_->Ask(Person("hospital"), &SchedulingHandlers::CreateSession, offer),
              StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

TEST_F(Sessions, SearchShowsExactlyWhatAHoldWouldGet) {
  v1::CreateSessionRequest reserved = desk_->Offer(1);
  Keep(reserved, v1::POOL_KIND_ORGANIZATION, 1, "village");
  v1::CreateSessionRequest green = desk_->Offer(1, absl::Hours(24) * 8);
  Keep(green, v1::POOL_KIND_GREEN, 1);
  v1::CreateSessionRequest consortium = desk_->Offer(1, absl::Hours(24) * 9);
  Keep(consortium, v1::POOL_KIND_CONSORTIUM, 1);
  std::vector<v1::Session> sessions = {desk_->Create(reserved), desk_->Create(green),
                                       desk_->Create(consortium)};
  for (const bool is_green : {false, true}) {
    for (const char* organization : {"village", "township", "city", "nowhere"}) {
      SCOPED_TRACE(std::string(organization) + (is_green ? " green" : ""));
      v1::SearchSessionsRequest query = Query();
      query.set_acting_organization_id(Named(organization).ToString());
      query.set_green_channel(is_green);
      const absl::StatusOr<v1::SearchSessionsResponse> found = Search(Service("referral"), query);
      ASSERT_THAT(found, IsOk());
      std::set<std::string> shown;
      for (const v1::Session& session : found->sessions()) shown.insert(session.session_id());
      for (const v1::Session& session : sessions) {
        v1::HoldSeatRequest wish = desk_->Wish(session, base::Uuid::V7().ToString(), organization);
        wish.set_green_channel(is_green);
        const absl::StatusOr<v1::Booking> held = desk_->Hold(wish);
        EXPECT_EQ(held.ok(), shown.count(session.session_id()) == 1) << held.status();
        if (!held.ok()) continue;
        v1::CancelBookingRequest cancel;
        cancel.set_booking_id(held->booking_id());
        cancel.set_reason("TEST");
        ASSERT_THAT(desk_->Ask(Service("referral"), &SchedulingHandlers::CancelBooking, cancel),
                    IsOk());
      }
    }
  }
}

TEST_F(Sessions, SearchNarrowsByEveryFilterAndClosesWhatHasStarted) {
  v1::CreateSessionRequest offer = desk_->Offer(4);
  offer.set_practitioner_id(Named("expert").ToString());
  desk_->Create(offer);
  const auto count = [&](const v1::SearchSessionsRequest& query) {
    const absl::StatusOr<v1::SearchSessionsResponse> found = Search(Person("township"), query);
    EXPECT_THAT(found, IsOk());
    return found->sessions_size();
  };
  v1::SearchSessionsRequest query = Query();
  query.set_organization_id(Named("hospital").ToString());
  query.set_department_id(Named("cardiology").ToString());
  query.set_practitioner_id(Named("expert").ToString());
  EXPECT_EQ(count(query), 1);
  for (const int field : {1, 2, 3, 4}) {
    v1::SearchSessionsRequest other = query;
    const std::string elsewhere = Named("elsewhere").ToString();
    if (field == 1) other.set_specialty("NEUROLOGY");
    if (field == 2) other.set_organization_id(elsewhere);
    if (field == 3) other.set_department_id(elsewhere);
    if (field == 4) other.set_practitioner_id(elsewhere);
    EXPECT_EQ(count(other), 0) << field;
  }
  query.clear_specialty();
  query.clear_department_id();
  EXPECT_EQ(count(query), 1);
  desk_->clock().Set(kNow + absl::Hours(24) * 7);
  EXPECT_EQ(count(query), 0);
  query.mutable_time()->mutable_end()->set_seconds(query.time().start().seconds());
  EXPECT_THAT(Search(Person("township"), query),
              StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
  query.mutable_time()->mutable_end()->set_seconds(query.time().start().seconds() + 93 * 86400);
  EXPECT_THAT(Search(Person("township"), query),
              StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

TEST_F(Sessions, PagesShowEachSessionOnceInOrderToTheirCallerOnly) {
  for (int i = 0; i < 7; ++i) {
    desk_->Create(desk_->Offer(4, absl::Hours(24) * (7 + i / 3)));  // some at the same time
  }
  v1::SearchSessionsRequest query = Query();
  query.mutable_page()->set_page_size(3);
  std::set<std::string> seen;
  int64_t last = 0;
  int pages = 0;
  do {
    const absl::StatusOr<v1::SearchSessionsResponse> page = Search(Person("township"), query);
    ASSERT_THAT(page, IsOk());
    for (const v1::Session& session : page->sessions()) {
      EXPECT_TRUE(seen.insert(session.session_id()).second);
      EXPECT_GE(session.time().start().seconds(), last);
      last = session.time().start().seconds();
    }
    query.mutable_page()->set_page_token(page->page().next_page_token());
    ++pages;
    if (pages == 1) {
      EXPECT_THAT(Search(Person("city"), query),
                  StatusIs(StatusCode::kInvalidArgument, "SEALED_TOKEN_INVALID"));
      v1::SearchSessionsRequest other = query;
      other.clear_specialty();
      EXPECT_THAT(Search(Person("township"), other),
                  StatusIs(StatusCode::kInvalidArgument, "SEALED_TOKEN_INVALID"));
    }
  } while (!query.page().page_token().empty());
  EXPECT_EQ(seen.size(), 7u);
  EXPECT_EQ(pages, 3);
}

TEST_F(Sessions, TiersAndConsortiaComeFromTheDirectory) {
  v1::CreateSessionRequest offer = desk_->Offer(2);
  Keep(offer, v1::POOL_KIND_CONSORTIUM, 1);
  desk_->Create(offer);
  EXPECT_EQ(FreeFor("new centre"), 1);
  directory::v1::OrganizationRegistered registered;
  registered.mutable_organization()->set_organization_id(Named("new centre").ToString());
  registered.mutable_organization()->set_tier(directory::v1::TIER_COMMUNITY_CENTRE);
  registered.mutable_organization()->set_consortium_id(Named("hospital").ToString());
  const auto apply = [&] {
    event::v1::Event event;
    event.mutable_payload()->PackFrom(registered);
    return mysql::RunTransaction(
        desk_->pool(), {.name = "test.Apply", .deadline = absl::Now() + absl::Seconds(30)},
        [&](mysql::Session& sql) {
          return ApplyDirectoryEvent(sql, event, desk_->upkeep(), kNow);
        });
  };
  ASSERT_THAT(apply(), IsOk());
  EXPECT_EQ(FreeFor("new centre"), 2);
  registered.mutable_organization()->clear_consortium_id();
  ASSERT_THAT(apply(), IsOk());
  EXPECT_EQ(FreeFor("new centre"), 1);
}

}  // namespace
}  // namespace yilian::scheduling
