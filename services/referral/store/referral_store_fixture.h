// For tests of the store: a schema of its own, and a `scheduling` that answers as it is told.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/mysql/pool.h"
#include "common/mysql/transaction.h"
#include "common/outbox/outbox.h"
#include "common/saga/timer.h"
#include "common/service/service.h"
#include "common/status/matchers.h"
#include "services/referral/domain/errors.h"
#include "services/referral/jobs/booking_saga.h"
#include "services/referral/jobs/clocks.h"
#include "services/referral/store/effects.h"
#include "services/referral/store/mysql_referral_store.h"
#include "tests/support/test_database.h"
#include "tests/support/write_context.h"
#include "yilian/referral/v1/referral.pb.h"

namespace yilian::referral {

using status::IsOk;
using status::StatusIs;
using test_support::WriteAs;

inline OrganizationId Org(int n) {
  return OrganizationId(base::Uuid::V5(base::Uuid(), "organization " + std::to_string(n)));
}
inline const Actor kTownship{.organization = Org(1)};
inline const Actor kHospital{.organization = Org(2)};
inline const Actor kOtherHospital{.organization = Org(4)};
inline const Actor kAuthority{.organization = Org(5)};

// `scheduling` as the saga meets it, with the answers a test wants; every call is remembered.
class ScriptedSeats : public SeatBooking {
 public:
  std::deque<absl::Status> holds;  // answers of Hold before it succeeds
  std::deque<absl::Status> books;
  std::deque<absl::Status> exchanges;
  std::set<base::Uuid> hold_requests;
  std::set<base::Uuid> move_requests;
  std::vector<Wish> wishes;
  std::vector<BookingId> cancelled;
  std::vector<VisitState> moves;
  std::function<void()> after_hold = [] {};

  absl::StatusOr<Held> Hold(const base::Uuid& request, const Wish& wish) override {
    hold_requests.insert(request);
    wishes.push_back(wish);
    if (absl::Status refused = Take(holds); !refused.ok()) return refused;
    Held held{.booking = {.booking = BookingId(base::Uuid::V5(request, "booking")),
                          .session = SessionId(base::Uuid::V7()),
                          .starts_at = absl::FromUnixSeconds(1'800'000'000),
                          .seat_number = 3},
              .hold_token = "token"};
    after_hold();
    return held;
  }
  absl::Status Book(const base::Uuid&, BookingId, const std::string& token) override {
    EXPECT_EQ(token, "token");
    return Take(books);
  }
  absl::StatusOr<BookingReference> Reschedule(const base::Uuid& request, BookingId booking,
                                              const Wish&) override {
    move_requests.insert(request);
    if (absl::Status refused = Take(exchanges); !refused.ok()) return refused;
    return BookingReference{.booking = booking,
                            .session = SessionId(base::Uuid::V7()),
                            .starts_at = absl::FromUnixSeconds(1'800'003'600),
                            .seat_number = 8};
  }
  absl::Status Move(const base::Uuid&, BookingId, VisitState state) override {
    moves.push_back(state);
    return absl::OkStatus();
  }
  absl::Status Cancel(const base::Uuid&, BookingId booking, std::string_view) override {
    cancelled.push_back(booking);
    return absl::OkStatus();
  }

 private:
  static absl::Status Take(std::deque<absl::Status>& answers) {
    if (answers.empty()) return absl::OkStatus();
    absl::Status answer = answers.front();
    answers.pop_front();
    return answer;
  }
};

class ReferralStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    auto opened = mysql::Pool::Open(
        test_support::TestDatabase::Get().NewSchema(service::AllMigrations(ReferralMigrations())));
    ASSERT_THAT(opened, IsOk());
    pool_ = *std::move(opened);
    unit_ = std::make_unique<unit::UnitOfWork>(*pool_, nullptr, clock_, "yilian.referral");
    store_ = std::make_unique<MysqlReferralStore>(*unit_, absl::UTCTimeZone());
    saga_ = std::make_unique<BookingSaga>(
        BookingSaga::Deps{.pool = *pool_, .store = *store_, .seats = seats_, .clock = clock_});
    runner_ = std::make_unique<saga::Runner>(*pool_, clock_, saga::Runner::Options{});
    saga_->Define(*runner_);
    timers_ = std::make_unique<saga::TimerRunner>(*pool_, clock_);
    DefineTimers(*timers_, *store_, deadlines_, clock_);
  }

  static absl::Time Deadline() { return absl::Now() + absl::Seconds(20); }

  NewReferral Input(Channel channel = Channel::kGreen) {
    NewReferral input;
    input.id = ReferralId(base::Uuid::V7());
    input.patient = PatientId(base::Uuid::V7());
    input.channel = channel;
    input.urgency = Urgency::kUrgent;
    input.receiving_organization = kHospital.organization;
    input.receiving_department = DepartmentId(base::Uuid::V7());
    input.summary = {
        .complaint = "胸痛", .diagnosis_code = "I20.0", .question = "是否需要 \\ | ^ ~ 造影？"};
    input.citations = {{CitationKind::kLabReport, base::Uuid::V7().ToString()},
                       {CitationKind::kImagingStudy, "1.2.840.113619.2.55"}};
    return input;
  }

  absl::StatusOr<v1::Referral> TrySubmit(const NewReferral& input,
                                         const base::Uuid& request = base::Uuid::V7()) {
    return store_->Create<v1::Referral>(
        WriteAs(kTownship.organization.uuid(), request),
        [&](absl::Time at) -> absl::StatusOr<Change> {
          auto created = CreateReferral(input, kTownship, deadlines_, at);
          if (!created.ok()) return created.status();
          auto submitted =
              created->after.Submit(kTownship, Submission{.consented = true}, deadlines_, at);
          if (!submitted.ok()) return submitted.status();
          submitted->events.insert(submitted->events.begin(), "ReferralCreated");
          return submitted;
        },
        Named);
  }
  Referral Submit(const NewReferral& input, const base::Uuid& request = base::Uuid::V7()) {
    const auto answer = TrySubmit(input, request);
    EXPECT_THAT(answer, IsOk());
    return answer.ok() ? Read(*ReferralId::Parse(answer->referral_id())) : Referral();
  }

  static v1::Referral Named(const std::vector<Change>& changes) {
    v1::Referral answer;
    answer.set_referral_id(changes[0].after.id.ToString());
    answer.set_etag(changes[0].after.etag());
    return answer;
  }

  Referral Read(ReferralId id, const Actor& reader = kTownship) {
    auto found = store_->Get(id, reader.organization, Deadline());
    EXPECT_THAT(found, IsOk());
    return found.ok() ? *found : Referral();
  }

  using Command = std::function<absl::StatusOr<Change>(const Referral&, absl::Time)>;
  absl::StatusOr<v1::Referral> RunCommand(const Referral& read, const Actor& by,
                                          const Command& command,
                                          const base::Uuid& request = base::Uuid::V7()) {
    return store_->Update<v1::Referral>(
        WriteAs(by.organization.uuid(), request), read.id, by.organization, read.etag(),
        [&](const Referral& now, absl::Time at) -> absl::StatusOr<std::vector<Change>> {
          auto change = command(now, at);
          if (!change.ok()) return change.status();
          return std::vector<Change>{*change};
        },
        Named);
  }
  Referral Accept(const Referral& read) {
    EXPECT_THAT(RunCommand(read, kHospital,
                           [](const Referral& now, absl::Time at) {
                             return now.Accept(kHospital, std::nullopt, "", {}, at);
                           }),
                IsOk());
    return Read(read.id);
  }

  std::vector<std::string> EventTypes(ReferralId id) {
    std::vector<std::string> types;
    EXPECT_THAT(
        mysql::RunRead(*pool_, Deadline(),
                       [&](mysql::Session& session) {
                         return session.SelectValues(
                             {"test.Events",
                              "SELECT type FROM outbox WHERE aggregate_id = ? ORDER BY outbox_id"},
                             {id}, [&](const mysql::Row& row) {
                               types.push_back(row.Text(0));
                               return absl::OkStatus();
                             });
                       }),
        IsOk());
    return types;
  }

  // Runs due saga steps until none is left; a step that failed is due again after its backoff.
  void RunSagas() {
    for (int i = 0; i < 50; ++i) {
      const auto ran = runner_->RunDue();
      ASSERT_THAT(ran, IsOk());
      if (*ran == 0) return;
      clock_.Advance(absl::Minutes(1));
    }
    FAIL() << "the sagas do not end";
  }

  base::FakeClock clock_{absl::FromCivil(absl::CivilHour(2026, 3, 2, 9), absl::UTCTimeZone())};
  const Deadlines deadlines_{{}, WorkingCalendar(absl::UTCTimeZone(), {}, {})};
  std::unique_ptr<mysql::Pool> pool_;
  std::unique_ptr<unit::UnitOfWork> unit_;
  std::unique_ptr<MysqlReferralStore> store_;
  ScriptedSeats seats_;
  std::unique_ptr<BookingSaga> saga_;
  std::unique_ptr<saga::Runner> runner_;
  std::unique_ptr<saga::TimerRunner> timers_;
};

}  // namespace yilian::referral
