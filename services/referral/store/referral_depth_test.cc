// Other seats, redirects, duplicates, discharges and escalations on a real database.
#include <google/protobuf/any.pb.h>

#include <atomic>
#include <functional>
#include <thread>
#include <utility>

#include "common/base/status_macros.h"
#include "common/relationship/merges.h"
#include "services/referral/store/effects.h"
#include "services/referral/store/queries.h"
#include "services/referral/store/referral_store_fixture.h"

namespace yilian::referral {
namespace {

class ReferralDepthTest : public ReferralStoreTest {
 protected:
  Referral Scheduled() {
    const Referral accepted = Accept(Submit(Input()));
    RunSagas();
    return Read(accepted.id);
  }
  Referral Redirected(const Referral& read) {
    EXPECT_THAT(RunCommand(read, kHospital,
                           [&](const Referral& now, absl::Time at) {
                             return now.Redirect(kHospital, kOtherHospital.organization,
                                                 DepartmentId(base::Uuid::V7()),
                                                 ReasonCode::kWrongDepartment, "应转神经内科",
                                                 deadlines_, at);
                           }),
                IsOk());
    return Read(read.id);
  }
  Referral Rescheduled(const Referral& read) {
    EXPECT_THAT(RunCommand(read, kTownship,
                           [](const Referral& now, absl::Time at) {
                             return now.Reschedule(kTownship, {}, at);
                           }),
                IsOk());
    RunSagas();
    return Read(read.id);
  }
  absl::Status Withdraw(const Referral& read) {
    return RunCommand(read, kTownship,
                      [](const Referral& now, absl::Time at) {
                        return now.Withdraw(kTownship, ReasonCode::kPatientDeclined, "", at);
                      })
        .status();
  }
  int FollowUpTimers(ReferralId id) {
    int timers = 0;
    EXPECT_THAT(mysql::RunRead(*pool_, Deadline(),
                               [&](mysql::Session& session) {
                                 return session.SelectValues(
                                     {"test.Timers",
                                      "SELECT 1 FROM timer WHERE kind = ? AND aggregate_id = ?"},
                                     {kFollowUpTimer, id}, [&](const mysql::Row&) {
                                       ++timers;
                                       return absl::OkStatus();
                                     });
                               }),
                IsOk());
    return timers;
  }
  NewReferral SameKind(const NewReferral& input) {
    NewReferral again = input;
    again.id = ReferralId(base::Uuid::V7());
    return again;
  }
  Referral Down() {
    NewReferral input = Input(Channel::kStandard);
    input.direction = Direction::kDown;
    input.receiving_department = {};
    input.care_plan = CarePlan{.discharge_summary = "平稳",
                               .tasks = {{.id = TaskId(base::Uuid::V7()),
                                          .instruction = "复查血钾",
                                          .due_date = absl::CivilDay(2026, 3, 5)}}};
    return Accept(Submit(input));
  }
  void Register(OrganizationId authority) {
    ASSERT_THAT(mysql::RunTransaction(*pool_, {.name = "test.Register", .deadline = Deadline()},
                                      [&](mysql::Session& session) {
                                        return store_->RegisterOrganization(session, authority,
                                                                            Tier::kHealthAuthority);
                                      }),
                IsOk());
  }
  std::vector<v1::ReferralChanged> Payloads(ReferralId id, const std::string& type) {
    std::vector<v1::ReferralChanged> payloads;
    EXPECT_THAT(mysql::RunRead(*pool_, Deadline(),
                               [&](mysql::Session& session) {
                                 return session.SelectValues(
                                     {"test.Payloads",
                                      "SELECT payload FROM outbox WHERE aggregate_id = ? AND type "
                                      "= ? ORDER BY outbox_id"},
                                     {id, type}, [&](const mysql::Row& row) {
                                       google::protobuf::Any any;
                                       EXPECT_TRUE(any.ParseFromString(row.Bytes(0)));
                                       EXPECT_TRUE(any.UnpackTo(&payloads.emplace_back()));
                                       return absl::OkStatus();
                                     });
                               }),
                IsOk());
    return payloads;
  }
};

TEST_F(ReferralDepthTest, ARescheduleMovesTheBookingAndKeepsItsId) {
  const Referral scheduled = Scheduled();
  const Referral moved = Rescheduled(scheduled);
  EXPECT_EQ(moved.state, State::kScheduled);
  EXPECT_EQ(moved.booking->booking, scheduled.booking->booking);
  EXPECT_EQ(moved.booking->seat_number, 8);
  EXPECT_EQ(EventTypes(scheduled.id).back(), "ReferralRescheduled");
}

TEST_F(ReferralDepthTest, WithoutAnotherSeatTheOldOneStaysBooked) {
  const Referral scheduled = Scheduled();
  seats_.exchanges = {absl::UnavailableError("down"), absl::FailedPreconditionError("NO_SEAT")};
  const Referral kept = Rescheduled(scheduled);
  EXPECT_EQ(kept.booking, scheduled.booking);
  EXPECT_TRUE(kept.booking_saga.is_nil());
  EXPECT_EQ(seats_.move_requests.size(), 1u) << "a repeated attempt asks with the same id";
  EXPECT_EQ(EventTypes(scheduled.id).back(), "ReferralRescheduleFailed");
}

TEST_F(ReferralDepthTest, ARedirectWhileASeatIsBeingHeldLetsItGoAndTheNextReceiverBooks) {
  const Referral accepted = Accept(Submit(Input()));
  bool redirected = false;
  seats_.after_hold = [&] {
    if (std::exchange(redirected, true)) return;
    Redirected(Read(accepted.id));
  };
  RunSagas();
  EXPECT_EQ(seats_.cancelled.size(), 1u);
  const Referral pending = Read(accepted.id);
  EXPECT_EQ(pending.state, State::kSubmitted);
  EXPECT_FALSE(pending.booking.has_value());
  ASSERT_THAT(RunCommand(Read(accepted.id, kOtherHospital), kOtherHospital,
                         [](const Referral& now, absl::Time at) {
                           return now.Accept(kOtherHospital, std::nullopt, "", {}, at);
                         }),
              IsOk());
  RunSagas();
  const Referral booked = Read(accepted.id);
  EXPECT_EQ(booked.state, State::kScheduled);
  EXPECT_EQ(seats_.wishes.back().department, booked.receiving_department);
}

TEST_F(ReferralDepthTest, ABookingThatIsBeingLetGoIsWaitedFor) {
  seats_.holds = {
      status::Error(absl::StatusCode::kFailedPrecondition, "yilian.scheduling", "REFERRAL_BOOKED")};
  const Referral accepted = Accept(Submit(Input()));
  RunSagas();
  EXPECT_EQ(Read(accepted.id).state, State::kScheduled);
}

TEST_F(ReferralDepthTest, ARedirectIsKeptAndBothReceiversSeeIt) {
  const Referral redirected = Redirected(Submit(Input()));
  ASSERT_EQ(redirected.redirections.size(), 1u);
  EXPECT_EQ(redirected.redirections[0].comment, "应转神经内科");
  EXPECT_EQ(Read(redirected.id, kHospital).redirect_count, 1);
  EXPECT_EQ(Read(redirected.id, kOtherHospital).owner(), kOtherHospital.organization);
  const auto told = Payloads(redirected.id, "ReferralRedirected");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].owner_organization_id(), kOtherHospital.organization.ToString());
  EXPECT_EQ(told[0].responsible_organization_id(), kHospital.organization.ToString());
}

TEST_F(ReferralDepthTest, ASecondOpenReferralOfAKindIsRefusedAndNamesTheFirst) {
  const NewReferral input = Input();
  const Referral first = Submit(input);
  const auto refused = TrySubmit(SameKind(input));
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition, "DUPLICATE_REFERRAL"));
  EXPECT_EQ(status::InfoOf(refused.status())->metadata().at("first_referral_id"),
            first.id.ToString());
  NewReferral other = SameKind(input);
  other.summary.complaint = "头晕";
  EXPECT_THAT(TrySubmit(other), IsOk());
  ASSERT_THAT(Withdraw(first), IsOk());
  EXPECT_THAT(TrySubmit(SameKind(input)), IsOk());
}

TEST_F(ReferralDepthTest, AReplacementWithdrawsTheFirstInTheSameTransaction) {
  const NewReferral input = Input();
  const Referral first = Scheduled();
  NewReferral better = SameKind(input);
  better.patient = first.patient;
  better.receiving_department = first.receiving_department;
  better.summary = first.summary;
  better.replaces = first.id;
  const Referral second = Submit(better);
  EXPECT_EQ(second.replaces, first.id);
  const Referral replaced = Read(first.id);
  EXPECT_EQ(replaced.state, State::kCancelled);
  EXPECT_EQ(replaced.reason, ReasonCode::kReplaced);
  RunSagas();
  EXPECT_EQ(seats_.cancelled, std::vector<BookingId>{first.booking->booking});
}

TEST_F(ReferralDepthTest, WhatHasBegunIsNotReplacedAndNothingIsHalfWritten) {
  const Referral scheduled = Scheduled();
  ASSERT_THAT(RunCommand(scheduled, kHospital,
                         [&](const Referral& now, absl::Time at) {
                           return now.Arrive(kHospital, deadlines_, at);
                         }),
              IsOk());
  NewReferral better = Input();
  better.patient = scheduled.patient;
  better.replaces = scheduled.id;
  EXPECT_THAT(TrySubmit(better),
              StatusIs(absl::StatusCode::kFailedPrecondition, "COMMAND_NOT_AVAILABLE"));
  EXPECT_EQ(Read(scheduled.id).state, State::kArrived);
  EXPECT_TRUE(EventTypes(better.id).empty());
  better.replaces = ReferralId(base::Uuid::V7());
  EXPECT_THAT(TrySubmit(better), StatusIs(absl::StatusCode::kInvalidArgument, "SOURCE_UNFIT"));
}

TEST_F(ReferralDepthTest, OfManySubmittersAtOnceOneSucceeds) {
  const NewReferral input = Input(Channel::kStandard);
  constexpr int kSubmitters = 16;
  std::atomic<int> accepted = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kSubmitters; ++i) {
    threads.emplace_back([&] {
      const absl::Status done = TrySubmit(SameKind(input)).status();
      if (done.ok()) ++accepted;
      if (status::ReasonOf(done) == "DUPLICATE_REFERRAL") ++refused;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(accepted, 1);
  EXPECT_EQ(refused, kSubmitters - 1);
}

TEST_F(ReferralDepthTest, TwoOpenReferralsOfOneKindStayOpenWhenTheirPatientsAreMerged) {
  NewReferral input = Input(Channel::kStandard);
  const Referral one = Submit(input);
  NewReferral other = SameKind(input);
  other.patient = PatientId(base::Uuid::V7());
  const Referral two = Submit(other);
  ASSERT_THAT(mysql::RunTransaction(*pool_, {.name = "test.Merge", .deadline = Deadline()},
                                    [&](mysql::Session& session) {
                                      return store_->MovePatient(session, two.patient, one.patient);
                                    }),
              IsOk());
  EXPECT_EQ(Read(two.id).patient, one.patient);
  EXPECT_THAT(TrySubmit(SameKind(input)),
              StatusIs(absl::StatusCode::kFailedPrecondition, "DUPLICATE_REFERRAL"));

  // Both go on: commands, escalations.
  clock_.Advance(absl::Hours(24 * 10));
  ASSERT_THAT(timers_->RunDue(), IsOk());
  for (const ReferralId id : {one.id, two.id}) EXPECT_GT(Read(id).escalation_tier, 0);
  const auto return_it = [&](const Referral& now, absl::Time at) {
    return now.Return(kHospital, ReasonCode::kInformationMissing, "", deadlines_, at);
  };
  const auto submit_again = [&](const Referral& now, absl::Time at) {
    return now.Submit(kTownship, Submission{.consented = true}, deadlines_, at);
  };
  EXPECT_THAT(RunCommand(Read(two.id), kHospital, return_it), IsOk());
  EXPECT_THAT(RunCommand(Read(two.id), kTownship, submit_again), IsOk());
  // Once the first is closed the second stands in the way of a third.
  ASSERT_THAT(Withdraw(Read(one.id)), IsOk());
  EXPECT_THAT(RunCommand(Read(two.id), kHospital, return_it), IsOk());
  EXPECT_THAT(TrySubmit(SameKind(input)),
              StatusIs(absl::StatusCode::kFailedPrecondition, "DUPLICATE_REFERRAL"));
}

TEST_F(ReferralDepthTest, AnotherClinicsReferralIsNotNamed) {
  const NewReferral input = Input(Channel::kStandard);
  const Referral first = Submit(input);
  NewReferral other = SameKind(input);
  const auto refused = store_->Create<v1::Referral>(
      WriteAs(kOtherHospital.organization.uuid()),
      [&](absl::Time at) -> absl::StatusOr<Change> {
        ASSIGN_OR_RETURN(const Change created,
                         CreateReferral(other, kOtherHospital, deadlines_, at));
        return created.after.Submit(kOtherHospital, Submission{.consented = true}, deadlines_, at);
      },
      Named);
  ASSERT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition, "DUPLICATE_REFERRAL"));
  EXPECT_EQ(refused.status().message().find(first.id.ToString()), absl::string_view::npos);
  EXPECT_FALSE(status::InfoOf(refused.status())->metadata().contains("first_referral_id"));
}

TEST_F(ReferralDepthTest, WhatIsHandedOverAgainAfterAReturnMayReplaceAnother) {
  const NewReferral input = Input(Channel::kStandard);
  const Referral first = Submit(input);
  NewReferral other = SameKind(input);
  other.summary.complaint = "心悸";
  const Referral second = Submit(other);
  ASSERT_THAT(RunCommand(second, kHospital,
                         [&](const Referral& now, absl::Time at) {
                           return now.Return(kHospital, ReasonCode::kInformationMissing, "",
                                             deadlines_, at);
                         }),
              IsOk());
  Submission again{.consented = true, .summary = input.summary};
  again.citations = {{CitationKind::kLabReport, base::Uuid::V7().ToString()}};
  const auto submit = [&](const Referral& now, absl::Time at) {
    return now.Submit(kTownship, again, deadlines_, at);
  };
  EXPECT_THAT(RunCommand(Read(second.id), kTownship, submit),
              StatusIs(absl::StatusCode::kFailedPrecondition, "DUPLICATE_REFERRAL"));
  again.replaces = first.id;
  ASSERT_THAT(RunCommand(Read(second.id), kTownship, submit), IsOk());
  EXPECT_EQ(Read(first.id).state, State::kCancelled);
  EXPECT_EQ(Read(second.id).citations, *again.citations);
}

TEST_F(ReferralDepthTest, AReturnedDownReferralComesBackWithOtherTasks) {
  NewReferral input = Input(Channel::kStandard);
  input.direction = Direction::kDown;
  input.receiving_department = {};
  const auto task = [](std::string_view instruction) {
    return FollowUpTask{.id = TaskId(base::Uuid::V7()),
                        .instruction = std::string(instruction),
                        .due_date = absl::CivilDay(2026, 3, 5)};
  };
  input.care_plan = CarePlan{.discharge_summary = "平稳", .tasks = {task("复查血钾")}};
  const Referral down = Submit(input);
  ASSERT_THAT(RunCommand(down, kHospital,
                         [&](const Referral& now, absl::Time at) {
                           return now.Return(kHospital, ReasonCode::kInformationMissing, "",
                                             deadlines_, at);
                         }),
              IsOk());
  CarePlan plan{.discharge_summary = "平稳，改药", .tasks = {task("测血压"), task("复查心电图")}};
  ASSERT_THAT(RunCommand(Read(down.id), kTownship,
                         [&](const Referral& now, absl::Time at) {
                           return now.Submit(kTownship,
                                             Submission{.consented = true, .care_plan = plan},
                                             deadlines_, at);
                         }),
              IsOk());
  EXPECT_EQ(Read(down.id).care_plan, plan);
  EXPECT_EQ(FollowUpTimers(down.id), 2);
}

TEST_F(ReferralDepthTest, APatientWhoComesBackIsLinkedToTheEarlierEpisode) {
  const Referral first = Scheduled();
  ASSERT_THAT(RunCommand(first, kHospital,
                         [&](const Referral& now, absl::Time at) {
                           return now.Arrive(kHospital, deadlines_, at);
                         }),
              IsOk());
  ASSERT_THAT(RunCommand(Read(first.id), kHospital,
                         [](const Referral& now, absl::Time at) {
                           return now.Complete(kHospital, "好转", at);
                         }),
              IsOk());
  clock_.Advance(absl::Hours(24 * 10));
  NewReferral back = Input();
  back.patient = first.patient;
  const Referral again = Submit(back);
  EXPECT_TRUE(again.readmission);
  EXPECT_EQ(again.follows, first.id);
  NewReferral foreign = Input();
  foreign.follows = first.id;  // of another patient
  EXPECT_THAT(TrySubmit(foreign), StatusIs(absl::StatusCode::kInvalidArgument, "SOURCE_UNFIT"));
}

TEST_F(ReferralDepthTest, ADischargeIsDraftedOnceForAnEpisode) {
  const Referral scheduled = Scheduled();
  ASSERT_THAT(RunCommand(scheduled, kHospital,
                         [&](const Referral& now, absl::Time at) {
                           return now.Arrive(kHospital, deadlines_, at);
                         }),
              IsOk());
  const auto discharge = [&](PatientId patient) {
    return store_->DraftDischarge<v1::Referral>(WriteAs(kHospital.organization.uuid()),
                                                Discharge{.hospital = kHospital.organization,
                                                          .patient = patient,
                                                          .episode = "E-2026-1",
                                                          .draft = ReferralId(base::Uuid::V7()),
                                                          .first_task = TaskId(base::Uuid::V7())},
                                                deadlines_, [](const std::vector<Change>& changes) {
                                                  return changes.empty() ? v1::Referral()
                                                                         : Named(changes);
                                                });
  };
  const auto first = discharge(scheduled.patient);
  ASSERT_THAT(first, IsOk());
  const auto again = discharge(scheduled.patient);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(first->referral_id(), again->referral_id());
  const Referral draft = Read(*ReferralId::Parse(first->referral_id()), kHospital);
  EXPECT_EQ(draft.state, State::kDraft);
  EXPECT_EQ(draft.receiving_organization, kTownship.organization);
  EXPECT_EQ(draft.care_plan->tasks.size(), 1u);
  // Told of a record that was merged meanwhile, before and after its referral has moved.
  const relationship::SubjectMerge merge{
      .id = base::Uuid::V7(), .survivor = base::Uuid::V7(), .merged = scheduled.patient.uuid()};
  const auto in_transaction = [&](const std::function<absl::Status(mysql::Session&)>& body) {
    EXPECT_THAT(mysql::RunTransaction(*pool_, {.name = "test.Merge", .deadline = Deadline()}, body),
                IsOk());
  };
  in_transaction(
      [&](mysql::Session& session) { return relationship::RecordMerge(session, merge); });
  EXPECT_EQ(discharge(scheduled.patient)->referral_id(), first->referral_id());
  in_transaction([&](mysql::Session& session) {
    return store_->MovePatient(session, scheduled.patient, PatientId(merge.survivor));
  });
  EXPECT_EQ(discharge(scheduled.patient)->referral_id(), first->referral_id());
  // Nobody referred this one.
  EXPECT_EQ(discharge(PatientId(base::Uuid::V7()))->referral_id(), "");
}

TEST_F(ReferralDepthTest, ADraftsPlanIsExchangedWhole) {
  NewReferral input = Input(Channel::kStandard);
  input.direction = Direction::kDown;
  input.receiving_department = {};
  input.care_plan = CarePlan{.tasks = {{.id = TaskId(base::Uuid::V7()),
                                        .instruction = "首次随访",
                                        .due_date = absl::CivilDay(2026, 3, 5)}}};
  ASSERT_THAT(
      store_->Create<v1::Referral>(
          WriteAs(kTownship.organization.uuid()),
          [&](absl::Time at) { return CreateReferral(input, kTownship, deadlines_, at); }, Named),
      IsOk());
  CarePlan plan{.discharge_summary = "平稳", .medication = "阿司匹林"};
  for (int day = 4; day < 7; ++day) {
    plan.tasks.push_back({.id = TaskId(base::Uuid::V7()),
                          .instruction = "随访",
                          .due_date = absl::CivilDay(2026, 3, day)});
  }
  ASSERT_THAT(RunCommand(Read(input.id), kTownship,
                         [&](const Referral& now, absl::Time at) {
                           return now.Submit(kTownship,
                                             Submission{.consented = true, .care_plan = plan},
                                             deadlines_, at);
                         }),
              IsOk());
  EXPECT_EQ(Read(input.id).care_plan, plan);
}

TEST_F(ReferralDepthTest, TheThirdEscalationIsAddressedToTheHealthAuthority) {
  Register(kAuthority.organization);
  const Referral submitted = Submit(Input());
  for (const int tier : {1, 2, 3}) {
    clock_.Set(Deadlines::EscalationAt(*submitted.clock_started_at, *submitted.due_at, tier));
    ASSERT_EQ(*timers_->RunDue(), 1);
  }
  const auto told = Payloads(submitted.id, "ReferralEscalated");
  ASSERT_EQ(told.size(), 3u);
  EXPECT_EQ(told[0].escalated_to_organization_id(), kHospital.organization.ToString());
  EXPECT_EQ(told[1].escalated_to_organization_id(), kHospital.organization.ToString());
  EXPECT_EQ(told[2].escalated_to_organization_id(), kAuthority.organization.ToString());
  EXPECT_EQ(told[0].owner_organization_id(), kHospital.organization.ToString());
  EXPECT_EQ(told[0].clock(), v1::CLOCK_FIRST_RESPONSE);
  EXPECT_TRUE(told[0].has_next_escalation_at());
  EXPECT_FALSE(told[2].has_next_escalation_at());
  EXPECT_EQ(Read(submitted.id, kAuthority).state, State::kSubmitted) << "it may read it now";
}

TEST_F(ReferralDepthTest, ATaskThatNobodyActsOnEscalatesAndIsReported) {
  Register(kAuthority.organization);
  const Referral down = Down();
  const absl::Time due = absl::FromCivil(absl::CivilDay(2026, 3, 6), absl::UTCTimeZone());
  for (const int tier : {1, 2, 3}) {
    clock_.Set(due + absl::Hours(48) * (tier - 1) - absl::Seconds(1));
    EXPECT_EQ(*timers_->RunDue(), 0);
    clock_.Advance(absl::Seconds(1));
    EXPECT_EQ(*timers_->RunDue(), 1);
    EXPECT_EQ(Read(down.id).care_plan->tasks[0].escalation_tier, tier);
  }
  const auto told = Payloads(down.id, "ReferralFollowUpOverdue");
  ASSERT_EQ(told.size(), 3u);
  EXPECT_EQ(told[0].escalated_to_organization_id(), kHospital.organization.ToString());
  EXPECT_EQ(told[1].escalated_to_organization_id(), kTownship.organization.ToString());
  EXPECT_EQ(told[2].escalated_to_organization_id(), kAuthority.organization.ToString());
  const auto report = [&](OrganizationId organization, bool sent) {
    return store_->ListNotActed({.organization = organization, .sent = sent}, Deadline())->size();
  };
  EXPECT_EQ(report(kHospital.organization, false), 1u);  // owes it
  EXPECT_EQ(report(kTownship.organization, true), 1u);   // sent it
  EXPECT_EQ(report(kTownship.organization, false), 0u);
  EXPECT_EQ(report(OrganizationId(), false), 1u);  // the region
}

TEST_F(ReferralDepthTest, ATaskThatIsPutOffHasAClockOfItsOwnAgain) {
  const Referral down = Down();
  const TaskId task = down.care_plan->tasks[0].id;
  clock_.Set(absl::FromCivil(absl::CivilDay(2026, 3, 6), absl::UTCTimeZone()));
  ASSERT_EQ(*timers_->RunDue(), 1);
  ASSERT_THAT(RunCommand(Read(down.id), kHospital,
                         [&](const Referral& now, absl::Time at) {
                           return now.RescheduleFollowUp(kHospital, task,
                                                         absl::CivilDay(2026, 3, 12), "患者外出",
                                                         deadlines_, at);
                         }),
              IsOk());
  EXPECT_EQ(store_->ListNotActed({}, Deadline())->size(), 0u);
  clock_.Set(absl::FromCivil(absl::CivilDay(2026, 3, 13), absl::UTCTimeZone()) - absl::Seconds(1));
  EXPECT_EQ(*timers_->RunDue(), 0);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(*timers_->RunDue(), 1);
  ASSERT_THAT(RunCommand(Read(down.id), kHospital,
                         [&](const Referral& now, absl::Time at) {
                           return now.RecordFollowUp(kHospital, task, "4.1", at);
                         }),
              IsOk());
  clock_.Advance(absl::Hours(999));
  EXPECT_EQ(*timers_->RunDue(), 0) << "done is done";
}

}  // namespace
}  // namespace yilian::referral
