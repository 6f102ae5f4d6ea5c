// The referral schema on a real database: what a write leaves behind, and what jobs do with it.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <set>

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
namespace {

using status::IsOk;
using status::StatusIs;
using test_support::WriteAs;

OrganizationId Org(int n) {
  return OrganizationId(base::Uuid::V5(base::Uuid(), "organization " + std::to_string(n)));
}
const Actor kTownship{.organization = Org(1)};
const Actor kHospital{.organization = Org(2)};

// `scheduling` as the saga meets it, with the answers a test wants; every call is remembered.
class ScriptedSeats : public SeatBooking {
 public:
  std::deque<absl::Status> holds;  // answers of Hold before it succeeds
  std::deque<absl::Status> books;
  std::set<base::Uuid> hold_requests;
  std::vector<BookingId> cancelled;
  std::vector<VisitState> moves;
  std::function<void()> after_hold = [] {};

  absl::StatusOr<Held> Hold(const base::Uuid& request, const Wish&) override {
    hold_requests.insert(request);
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
    const absl::Status answer = answers.front();
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
    DefineTimers(*timers_, *store_, clock_);
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

  Referral Submit(const NewReferral& input, const base::Uuid& request = base::Uuid::V7()) {
    auto answer = store_->Create<v1::Referral>(
        WriteAs(kTownship.organization.uuid(), request),
        [&](absl::Time at) -> absl::StatusOr<Change> {
          auto created = CreateReferral(input, kTownship, deadlines_, at);
          if (!created.ok()) return created.status();
          auto submitted = created->after.Submit(kTownship, true, std::nullopt, deadlines_, at);
          if (!submitted.ok()) return submitted.status();
          submitted->events.insert(submitted->events.begin(), "ReferralCreated");
          return submitted;
        },
        Named);
    EXPECT_THAT(answer, IsOk());
    return Read(*ReferralId::Parse(answer->referral_id()));
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
  absl::StatusOr<v1::Referral> Command_(const Referral& read, const Actor& by,
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
    EXPECT_THAT(Command_(read, kHospital,
                         [](const Referral& now, absl::Time at) {
                           return now.Accept(kHospital, std::nullopt, {}, at);
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

TEST_F(ReferralStoreTest, WhatIsStoredIsReadAgain) {
  NewReferral input = Input();
  const Referral stored = Submit(input);
  EXPECT_EQ(stored.state, State::kSubmitted);
  EXPECT_EQ(stored.summary, input.summary);
  EXPECT_EQ(stored.citations, input.citations);
  EXPECT_EQ(stored.version, 2);
  EXPECT_EQ(EventTypes(stored.id),
            (std::vector<std::string>{"ReferralCreated", "ReferralSubmitted"}));
  EXPECT_EQ(Read(stored.id, kHospital), stored);
}

TEST_F(ReferralStoreTest, AForeignReferralLooksLikeNone) {
  const Referral stored = Submit(Input());
  const absl::Status foreign = store_->Get(stored.id, Org(3), Deadline()).status();
  const absl::Status missing =
      store_->Get(ReferralId(base::Uuid::V7()), Org(3), Deadline()).status();
  EXPECT_EQ(foreign, missing);
  EXPECT_THAT(foreign, StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
}

TEST_F(ReferralStoreTest, ARepeatedRequestGetsTheFirstAnswerWhateverTheStateIsNow) {
  const NewReferral input = Input();
  const base::Uuid request = base::Uuid::V7();
  const Referral first = Submit(input, request);
  Accept(first);
  NewReferral again = input;
  again.id = ReferralId(base::Uuid::V7());
  EXPECT_EQ(Submit(again, request).id, first.id);
  EXPECT_EQ(EventTypes(again.id).size(), 0u);
}

TEST_F(ReferralStoreTest, AStaleEtagChangesNothing) {
  const Referral read = Submit(Input());
  const Referral accepted = Accept(read);
  EXPECT_THAT(Command_(read, kHospital,
                       [](const Referral& now, absl::Time at) {
                         return now.Reject(kHospital, ReasonCode::kNoCapacity, "", at);
                       }),
              StatusIs(absl::StatusCode::kAborted, "ETAG_STALE"));
  EXPECT_EQ(Read(read.id), accepted);
}

TEST_F(ReferralStoreTest, TheGreenChannelIsBookedByTheSaga) {
  const Referral accepted = Accept(Submit(Input()));
  EXPECT_EQ(accepted.state, State::kAccepted);
  RunSagas();
  const Referral booked = Read(accepted.id);
  EXPECT_EQ(booked.state, State::kScheduled);
  EXPECT_EQ(booked.booking->seat_number, 3);
  EXPECT_EQ(EventTypes(accepted.id),
            (std::vector<std::string>{"ReferralCreated", "ReferralSubmitted", "ReferralAccepted",
                                      "ReferralSlotHeld", "ReferralScheduled"}));
}

TEST_F(ReferralStoreTest, WithoutASeatItGoesBackToTheWorklist) {
  seats_.holds = {absl::UnavailableError("down"), absl::FailedPreconditionError("NO_SEAT")};
  const Referral accepted = Accept(Submit(Input()));
  RunSagas();
  EXPECT_EQ(Read(accepted.id).state, State::kAccepted);
  EXPECT_EQ(EventTypes(accepted.id).back(), "ReferralBookingFailed");
  // The repeated attempt asked with the same id: no second hold.
  EXPECT_EQ(seats_.hold_requests.size(), 1u);
}

TEST_F(ReferralStoreTest, AHoldThatRanOutIsHeldAgainWithAnotherId) {
  seats_.books = {absl::FailedPreconditionError("HOLD_EXPIRED")};
  const Referral accepted = Accept(Submit(Input()));
  RunSagas();
  EXPECT_EQ(Read(accepted.id).state, State::kScheduled);
  EXPECT_EQ(seats_.hold_requests.size(), 2u);
}

TEST_F(ReferralStoreTest, WithdrawnWhileTheSeatIsBeingHeldLetsItGo) {
  const Referral accepted = Accept(Submit(Input()));
  seats_.after_hold = [&] {
    EXPECT_THAT(Command_(Read(accepted.id), kTownship,
                         [](const Referral& now, absl::Time at) {
                           return now.Withdraw(kTownship, ReasonCode::kPatientDeclined, "", at);
                         }),
                IsOk());
  };
  RunSagas();
  EXPECT_EQ(Read(accepted.id).state, State::kCancelled);
  EXPECT_EQ(seats_.cancelled.size(), 1u);
}

TEST_F(ReferralStoreTest, WithdrawnAfterBookingReleasesTheSeat) {
  const Referral accepted = Accept(Submit(Input()));
  RunSagas();
  const Referral booked = Read(accepted.id);
  ASSERT_THAT(Command_(booked, kTownship,
                       [](const Referral& now, absl::Time at) {
                         return now.Withdraw(kTownship, ReasonCode::kPatientDeclined, "", at);
                       }),
              IsOk());
  RunSagas();
  EXPECT_EQ(seats_.cancelled, std::vector<BookingId>{booked.booking->booking});
}

TEST_F(ReferralStoreTest, AClockThatRunsOutEscalatesOnceATier) {
  const Referral submitted = Submit(Input());
  EXPECT_EQ(*timers_->RunDue(), 0);
  for (const int tier : {1, 2, 3}) {
    clock_.Set(Deadlines::EscalationAt(*submitted.clock_started_at, *submitted.due_at, tier));
    EXPECT_EQ(*timers_->RunDue(), 1);
    EXPECT_EQ(Read(submitted.id).escalation_tier, tier);
  }
  clock_.Advance(absl::Hours(100));
  EXPECT_EQ(*timers_->RunDue(), 0);
}

TEST_F(ReferralStoreTest, AnAnsweredClockIsStill) {
  Accept(Submit(Input()));
  clock_.Advance(absl::Hours(100));
  EXPECT_EQ(*timers_->RunDue(), 0);
}

TEST_F(ReferralStoreTest, AWorklistPageGoesOnWhereTheLastOneEnded) {
  std::set<ReferralId> all;
  for (int i = 0; i < 7; ++i) {
    all.insert(Submit(Input(i % 2 == 0 ? Channel::kGreen : Channel::kStandard)).id);
    // Two in the same microsecond, so that the id must break the tie.
    if (i % 3 == 0) clock_.Advance(absl::Seconds(1));
  }
  WorklistQuery query{
      .organization = kHospital.organization, .state = State::kSubmitted, .limit = 2};
  std::set<ReferralId> seen;
  for (int page = 0; page < 10; ++page) {
    const auto found = store_->List(query, Deadline());
    ASSERT_THAT(found, IsOk());
    if (found->empty()) break;
    for (const Referral& one : *found) EXPECT_TRUE(seen.insert(one.id).second);
    query.after_time = found->back().due_at.value();
    query.after_id = found->back().id;
  }
  EXPECT_EQ(seen, all);
}

TEST_F(ReferralStoreTest, TheRatesCountWhatWasAnsweredInTime) {
  const Referral in_time = Submit(Input());
  const Referral late = Submit(Input());
  Submit(Input());
  const absl::Time start = clock_.Now() - absl::Hours(1);
  Accept(in_time);
  clock_.Advance(absl::Minutes(11));
  Accept(late);
  const auto counts =
      store_->Rates(kHospital.organization, start, clock_.Now() + absl::Hours(1), Deadline());
  ASSERT_THAT(counts, IsOk());
  EXPECT_EQ(counts->received, 3);
  EXPECT_EQ(counts->answered, 2);
  EXPECT_EQ(counts->answered_in_time, 1);
}

TEST_F(ReferralStoreTest, ADownReferralsTasksLapseAtTheEndOfTheirDay) {
  NewReferral input = Input(Channel::kStandard);
  input.direction = Direction::kDown;
  input.receiving_department = {};
  input.care_plan = CarePlan{.discharge_summary = "平稳",
                             .tasks = {{.id = TaskId(base::Uuid::V7()),
                                        .instruction = "复查血钾",
                                        .due_date = absl::CivilDay(2026, 3, 5)}}};
  const Referral accepted = Accept(Submit(input));
  clock_.Set(absl::FromCivil(absl::CivilSecond(2026, 3, 5, 23, 59, 59), absl::UTCTimeZone()));
  EXPECT_EQ(*timers_->RunDue(), 0);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(*timers_->RunDue(), 1);
  EXPECT_EQ(Read(accepted.id).care_plan->tasks[0].state, TaskState::kOverdue);
  EXPECT_EQ(EventTypes(accepted.id).back(), "ReferralFollowUpOverdue");
}

TEST_F(ReferralStoreTest, AMergedPatientsReferralsFollowTheSurvivor) {
  const Referral referral = Submit(Input());
  const PatientId survivor(base::Uuid::V7());
  ASSERT_THAT(mysql::RunTransaction(*pool_, {.name = "test.Merge", .deadline = Deadline()},
                                    [&](mysql::Session& session) {
                                      return store_->MovePatient(session, referral.patient,
                                                                 survivor);
                                    }),
              IsOk());
  EXPECT_EQ(Read(referral.id).patient, survivor);
}

}  // namespace
}  // namespace yilian::referral
