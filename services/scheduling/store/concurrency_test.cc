// What must hold whatever many callers, crashes and repeated requests do: the reason this service
// exists.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "absl/time/clock.h"
#include "common/mysql/connection.h"
#include "common/mysql/transaction.h"
#include "common/status/matchers.h"
#include "services/scheduling/store/seat_rows.h"
#include "services/scheduling/testing/scheduling_desk.h"
#include "tests/support/test_database.h"

namespace yilian::scheduling {
namespace {

using test_support::TestDatabase;

constexpr int kThreads = 32;
const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

class Concurrency : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    mysql::PoolOptions options = TestDatabase::Get().NewSchema(SchedulingDesk::Migrations());
    options.size = 16;
    desk_ = std::make_unique<SchedulingDesk>(options, kNow);
  }

  // Runs `work(i)` on kThreads threads at once.
  template <typename Work>
  static void Together(const Work& work) {
    std::atomic<bool> go{false};
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        while (!go.load()) std::this_thread::yield();
        work(i);
      });
    }
    go = true;
    for (std::thread& thread : threads) thread.join();
  }

  v1::Session OpenSession(int seats) {
    v1::CreateSessionRequest offer = desk_->Offer(seats);
    v1::PoolQuota& quota = *offer.add_quotas();
    quota.set_kind(v1::POOL_KIND_OPEN);
    quota.set_seats(seats);
    return desk_->Create(offer);
  }

  // Whether a statement that waits for a locked seat runs on the server now.
  bool SomebodyAwaitsASeat() {
    bool found = false;
    absl::StatusOr<mysql::Pool::Lease> lease =
        desk_->pool().Acquire(absl::Now() + absl::Seconds(30));
    EXPECT_THAT(lease.status(), status::IsOk());
    if (!lease.ok()) return false;
    const absl::Status read =
        (*lease)->SelectText("test.Processes", "SHOW FULL PROCESSLIST", [&](const mysql::Row& row) {
          const std::string statement = row.Text(7);
          if (statement.find("FROM seat FORCE INDEX") != std::string::npos &&
              statement.ends_with("FOR UPDATE")) {
            found = true;
          }
          return absl::OkStatus();
        });
    EXPECT_THAT(read, status::IsOk());
    return found;
  }

  // What is true of the tables at any time.
  void ExpectSound() {
    EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM (SELECT session_id, seat_number FROM booking WHERE "
                          "state NOT IN ('CANCELLED', 'EXPIRED') GROUP BY session_id, seat_number "
                          "HAVING COUNT(*) > 1) x"),
              "0")
        << "a seat has two bookings";
    EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM seat s LEFT JOIN booking b ON b.session_id = "
                          "s.session_id AND b.live_seat_number = s.seat_number WHERE (s.state = "
                          "'TAKEN') <> (b.booking_id IS NOT NULL) OR (b.booking_id IS NOT NULL AND "
                          "s.booking_id <> b.booking_id)"),
              "0")
        << "a seat and its booking disagree";
    EXPECT_EQ(
        desk_->Read("SELECT COUNT(*) FROM booking a JOIN booking b ON a.patient_id = "
                    "b.patient_id AND a.booking_id < b.booking_id AND a.starts_at < b.ends_at "
                    "AND b.starts_at < a.ends_at WHERE a.state IN ('HELD', 'BOOKED') AND "
                    "b.state IN ('HELD', 'BOOKED')"),
        "0")
        << "a patient is in two places";
    EXPECT_EQ(
        desk_->Read("SELECT COUNT(*) FROM booking b WHERE (SELECT COUNT(*) FROM outbox o WHERE "
                    "o.aggregate_id = b.booking_id) <> b.version"),
        "0")
        << "a change without its event, or an event without its change";
  }

  std::unique_ptr<SchedulingDesk> desk_;
};

TEST_F(Concurrency, ThirtyTwoCallersOnTenSeatsMakeTenBookings) {
  const v1::Session session = OpenSession(10);
  std::atomic<int> booked{0};
  std::atomic<int> refused{0};
  Together([&](int i) {
    const absl::StatusOr<v1::Booking> held =
        desk_->Hold(desk_->Wish(session, "patient " + std::to_string(i), "township"));
    if (!held.ok()) {
      EXPECT_THAT(held, status::StatusIs(absl::StatusCode::kFailedPrecondition, "NO_SEAT"));
      ++refused;
      return;
    }
    EXPECT_THAT(desk_->Book(*held), status::IsOk());
    ++booked;
  });
  EXPECT_EQ(booked, 10);
  EXPECT_EQ(refused, kThreads - 10);
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM booking WHERE state = 'BOOKED'"), "10");
  ExpectSound();
}

TEST_F(Concurrency, ASeatThatIsGivenBackIsNeverRefused) {
  // As many callers as seats, and each lets go at once: nobody may be told that there is no seat.
  const v1::Session session = OpenSession(kThreads);
  Together([&](int i) {
    for (int round = 0; round < 5; ++round) {
      const absl::StatusOr<v1::Booking> held =
          desk_->Hold(desk_->Wish(session, "patient " + std::to_string(i), "township"));
      ASSERT_THAT(held, status::IsOk());
      v1::CancelBookingRequest cancel;
      cancel.set_booking_id(held->booking_id());
      cancel.set_reason("PATIENT_DECLINED");
      ASSERT_THAT(desk_->Ask(Service("referral"), &SchedulingHandlers::CancelBooking, cancel),
                  status::IsOk());
    }
  });
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM seat WHERE state = 'FREE'"),
            std::to_string(kThreads));
  ExpectSound();
}

TEST_F(Concurrency, WhoFindsOnlySeatsThatOthersMayGiveBackWaitsForThem) {
  const v1::Session session = OpenSession(1);
  const SessionId id = *SessionId::Parse(session.session_id());
  std::atomic<bool> answered{false};
  absl::StatusOr<v1::Booking> held = absl::UnknownError("not asked");
  std::thread caller;
  const absl::Time until = absl::Now() + absl::Seconds(2);
  const absl::Status other = mysql::RunTransaction(
      desk_->pool(), {.name = "test.Other", .deadline = absl::Now() + absl::Seconds(30)},
      [&](mysql::Session& sql) -> absl::Status {
        const auto locked = LockFreeSeat(sql, id, {PoolKind::kOpen}, {}, Wait::kNo);
        EXPECT_TRUE(locked.ok() && locked->has_value());
        caller = std::thread([&] {
          held = desk_->Hold(desk_->Wish(session, "patient", "township"));
          answered = true;
        });
        // Until the caller waits for this transaction, or has answered without.
        while (!answered && absl::Now() < until && !SomebodyAwaitsASeat()) {
        }
        return absl::CancelledError("changed its mind");
      });
  EXPECT_EQ(other.code(), absl::StatusCode::kCancelled);
  caller.join();
  EXPECT_THAT(held, status::IsOk());
  ExpectSound();
}

TEST_F(Concurrency, OnePatientIsHeldOnceHoweverManyAsk) {
  // Each round is a patient and two sessions at the same time; half of the threads ask for each.
  constexpr int kRounds = 12;
  std::vector<v1::Session> one;
  std::vector<v1::Session> other;
  for (int round = 0; round < kRounds; ++round) {
    one.push_back(OpenSession(1));
    other.push_back(OpenSession(1));
  }
  std::atomic<int> held{0};
  Together([&](int i) {
    for (int round = 0; round < kRounds; ++round) {
      const absl::StatusOr<v1::Booking> booking = desk_->Hold(desk_->Wish(
          (i % 2 == 0 ? one : other)[round], "patient " + std::to_string(round), "township"));
      if (booking.ok()) {
        ++held;
        continue;
      }
      const std::string reason = status::ReasonOf(booking.status());
      EXPECT_TRUE(reason == "PATIENT_OVERLAP" || reason == "NO_SEAT") << booking.status();
    }
  });
  EXPECT_EQ(held, kRounds);
  ExpectSound();
}

TEST_F(Concurrency, OneReferralHasOneLiveBooking) {
  const v1::Session session = OpenSession(kThreads);
  std::atomic<int> held{0};
  Together([&](int i) {
    // Different patients: only the referral's own key can tell.
    v1::HoldSeatRequest wish = desk_->Wish(session, "patient " + std::to_string(i), "township");
    wish.set_referral_id(Named("referral").ToString());
    const absl::StatusOr<v1::Booking> booking = desk_->Hold(wish);
    if (booking.ok()) {
      ++held;
    } else {
      EXPECT_THAT(booking,
                  status::StatusIs(absl::StatusCode::kFailedPrecondition, "REFERRAL_BOOKED"));
    }
  });
  EXPECT_EQ(held, 1);
  ExpectSound();
}

TEST_F(Concurrency, OneRequestIdTakesOneSeat) {
  const v1::Session session = OpenSession(kThreads);
  v1::HoldSeatRequest wish = desk_->Wish(session, "patient", "township");
  wish.set_request_id(base::Uuid::V7().ToString());
  std::mutex mutex;
  std::set<std::string> ids;
  Together([&](int) {
    const absl::StatusOr<v1::Booking> held = desk_->Hold(wish);
    ASSERT_THAT(held, status::IsOk());
    const std::lock_guard<std::mutex> lock(mutex);
    ids.insert(held->booking_id());
  });
  EXPECT_EQ(ids.size(), 1u);
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM seat WHERE state = 'TAKEN'"), "1");
  ExpectSound();
}

TEST_F(Concurrency, ReservesStayIntactUnderAStorm) {
  desk_->Register("hospital", Tier::kTertiaryHospital, "hospital");
  desk_->Register("township", Tier::kTownshipHospital, "hospital");
  desk_->Register("village", Tier::kVillageClinic, "hospital");
  desk_->Register("city", Tier::kTertiaryHospital, "city");
  v1::CreateSessionRequest offer = desk_->Offer(10);
  const auto keep = [&](v1::PoolKind kind, int seats, const std::string& organization = "") {
    v1::PoolQuota& quota = *offer.add_quotas();
    quota.set_kind(kind);
    quota.set_seats(seats);
    quota.set_organization_id(organization);
  };
  keep(v1::POOL_KIND_ORGANIZATION, 2, Named("village").ToString());
  keep(v1::POOL_KIND_CONSORTIUM, 3);
  keep(v1::POOL_KIND_GREEN, 1);
  const v1::Session session = desk_->Create(offer);

  std::atomic<int> city{0};
  std::atomic<int> township{0};
  Together([&](int i) {
    const bool member = i % 2 == 0;
    const absl::StatusOr<v1::Booking> held = desk_->Hold(
        desk_->Wish(session, "patient " + std::to_string(i), member ? "township" : "city"));
    if (held.ok()) ++(member ? township : city);
  });
  // Four open seats for all, three for members; two and one are kept for others.
  EXPECT_EQ(city + township, 7);
  EXPECT_LE(city, 4);
  EXPECT_GE(township, 3);
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM seat WHERE state = 'FREE' AND pool IN "
                        "('ORGANIZATION', 'GREEN')"),
            "3");
  ExpectSound();
}

TEST_F(Concurrency, AKilledDatabaseLosesNoAnsweredBookingAndDoublesNone) {
  const v1::Session session = OpenSession(300);
  std::mutex mutex;
  std::map<std::string, std::string> answered;  // booking -> patient
  std::atomic<int> done{0};
  std::thread killer([&] {
    while (done.load() < 60) std::this_thread::yield();
    TestDatabase::Get().Kill9();
    TestDatabase::Get().Restart();
  });
  // Repeats the same request until there is an answer: what a client, a saga or a HIS does.
  const auto insist = [&](const auto& ask) {
    const absl::Time until = absl::Now() + absl::Seconds(60);
    auto answer = ask();
    while (!answer.ok() && absl::Now() < until &&
           answer.status().code() != absl::StatusCode::kFailedPrecondition) {
      answer = ask();
    }
    return answer;
  };
  constexpr int kRounds = 6;
  Together([&](int i) {
    for (int round = 0; round < kRounds; ++round) {
      const std::string patient = "patient " + std::to_string(i) + "." + std::to_string(round);
      v1::HoldSeatRequest wish = desk_->Wish(session, patient, "township");
      wish.set_request_id(base::Uuid::V7().ToString());
      const absl::StatusOr<v1::Booking> held = insist([&] { return desk_->Hold(wish); });
      ASSERT_THAT(held, status::IsOk());
      ++done;
      v1::BookSeatRequest book;
      book.set_request_id(base::Uuid::V7().ToString());
      book.set_booking_id(held->booking_id());
      book.set_hold_token(held->hold_token());
      const absl::StatusOr<v1::Booking> booked = insist(
          [&] { return desk_->Ask(Service("referral"), &SchedulingHandlers::BookSeat, book); });
      ASSERT_THAT(booked, status::IsOk());
      const std::lock_guard<std::mutex> lock(mutex);
      answered[booked->booking_id()] = booked->patient_id();
    }
  });
  killer.join();
  EXPECT_EQ(answered.size(), static_cast<size_t>(kThreads * kRounds));
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM booking"), std::to_string(answered.size()));
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM booking WHERE state = 'BOOKED'"),
            std::to_string(answered.size()));
  for (const auto& [booking, patient] : answered) {
    v1::GetBookingRequest get;
    get.set_booking_id(booking);
    const absl::StatusOr<v1::Booking> found =
        desk_->Ask(Service("referral"), &SchedulingHandlers::GetBooking, get);
    ASSERT_THAT(found, status::IsOk());
    EXPECT_EQ(found->patient_id(), patient);
  }
  ExpectSound();
}

}  // namespace
}  // namespace yilian::scheduling
