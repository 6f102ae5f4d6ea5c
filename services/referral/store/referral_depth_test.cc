// Other seats, redirects, discharges and escalations on a real database.
#include <utility>

#include "common/relationship/merges.h"
#include "services/referral/store/queries.h"
#include "services/referral/store/referral_depth_fixture.h"

namespace yilian::referral {
namespace {

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
