// The referral schema on a real database: what a write leaves behind, and what jobs do with it.
#include "common/relationship/merges.h"
#include "common/status/error.h"
#include "services/referral/jobs/seat_events.h"
#include "services/referral/store/referral_store_fixture.h"
#include "yilian/scheduling/v1/scheduling.pb.h"

namespace yilian::referral {
namespace {

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
  EXPECT_THAT(RunCommand(read, kHospital,
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

TEST_F(ReferralStoreTest, WhyNoSeatCouldBeHadIsKeptUntilAnotherIsAskedFor) {
  seats_.holds = {
      status::Error(absl::StatusCode::kFailedPrecondition, "yilian.scheduling", "PATIENT_OVERLAP")};
  const Referral accepted = Accept(Submit(Input()));
  RunSagas();
  const Referral failed = Read(accepted.id);
  EXPECT_EQ(failed.booking_failure, BookingFailure::kPatientOverlap);
  v1::ReferralChanged told;
  google::protobuf::Any payload;
  EXPECT_THAT(mysql::RunRead(*pool_, Deadline(),
                             [&](mysql::Session& session) {
                               return session.SelectValues(
                                   {"test.Told",
                                    "SELECT payload FROM outbox WHERE type = "
                                    "'ReferralBookingFailed'"},
                                   {}, [&](const mysql::Row& row) {
                                     EXPECT_TRUE(payload.ParseFromString(row.Text(0)));
                                     return absl::OkStatus();
                                   });
                             }),
              IsOk());
  ASSERT_TRUE(payload.UnpackTo(&told));
  EXPECT_EQ(told.booking_failure(), v1::BOOKING_FAILURE_PATIENT_OVERLAP);
  const Change again = *failed.Schedule(kTownship, {}, clock_.Now());
  EXPECT_EQ(again.after.booking_failure, BookingFailure::kNone);
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
    EXPECT_THAT(RunCommand(Read(accepted.id), kTownship,
                           [](const Referral& now, absl::Time at) {
                             return now.Withdraw(kTownship, ReasonCode::kPatientDeclined, "", at);
                           }),
                IsOk());
  };
  RunSagas();
  EXPECT_EQ(Read(accepted.id).state, State::kCancelled);
  EXPECT_EQ(seats_.cancelled.size(), 1u);
}

TEST_F(ReferralStoreTest, ACancelledSessionMakesTheSagaLookForAnotherSeat) {
  const Referral accepted = Accept(Submit(Input()));
  RunSagas();
  const Referral booked = Read(accepted.id);
  const auto tell = [&](const std::string& reason) {
    scheduling::v1::BookingChanged changed;
    changed.mutable_booking()->set_booking_id(booked.booking->booking.ToString());
    changed.mutable_booking()->set_referral_id(booked.id.ToString());
    changed.set_reason(reason);
    event::v1::Event event;
    event.set_event_id(base::Uuid::V7().ToString());
    event.set_type("BookingCancelled");
    event.mutable_payload()->PackFrom(changed);
    EXPECT_THAT(mysql::RunTransaction(*pool_, {.name = "test.Seat", .deadline = Deadline()},
                                      [&](mysql::Session& session) {
                                        return ApplySeatEvent(session, event, *store_,
                                                              clock_.Now());
                                      }),
                IsOk());
  };
  tell("REFERRAL_WITHDRAWN");
  EXPECT_EQ(Read(booked.id), booked) << "its own doing";
  tell("SESSION_CANCELLED");
  EXPECT_EQ(Read(booked.id).state, State::kAccepted);
  tell("SESSION_CANCELLED");
  RunSagas();
  const Referral again = Read(booked.id);
  EXPECT_EQ(again.state, State::kScheduled);
  EXPECT_NE(again.booking->booking, booked.booking->booking);
  EXPECT_EQ(seats_.hold_requests.size(), 2u);
}

TEST_F(ReferralStoreTest, WithdrawnAfterBookingReleasesTheSeat) {
  const Referral accepted = Accept(Submit(Input()));
  RunSagas();
  const Referral booked = Read(accepted.id);
  ASSERT_THAT(RunCommand(booked, kTownship,
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
  for (int again = 0; again < 2; ++again) {
    ASSERT_THAT(mysql::RunTransaction(*pool_, {.name = "test.Undo", .deadline = Deadline()},
                                      [&](mysql::Session& session) {
                                        return store_->MoveBack(session, referral.id, survivor,
                                                                referral.patient);
                                      }),
                IsOk());
    EXPECT_EQ(Read(referral.id).patient, referral.patient);
  }
}

TEST_F(ReferralStoreTest, ARecordMergedSinceItWasLookedAtIsRefusedInTheWriteItself) {
  const Referral before = Submit(Input());
  const relationship::SubjectMerge merge{
      .id = base::Uuid::V7(), .survivor = base::Uuid::V7(), .merged = before.patient.uuid()};
  ASSERT_THAT(mysql::RunTransaction(*pool_, {.name = "test.Merge", .deadline = Deadline()},
                                    [&](mysql::Session& session) {
                                      return relationship::RecordMerge(session, merge);
                                    }),
              IsOk());
  NewReferral late = Input();
  late.patient = before.patient;
  EXPECT_THAT(TrySubmit(late), StatusIs(absl::StatusCode::kFailedPrecondition, "PATIENT_MERGED"));
  EXPECT_EQ(Accept(before).patient, before.patient) << "what is there goes on until it moves";
}

}  // namespace
}  // namespace yilian::referral
