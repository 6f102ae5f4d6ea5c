// What is one open referral of a kind, on a real database: duplicates, replacements, merged
// patients, returns.
#include <atomic>
#include <thread>

#include "common/base/status_macros.h"
#include "services/referral/store/referral_depth_fixture.h"

namespace yilian::referral {
namespace {

using DuplicateTest = ReferralDepthTest;

TEST_F(DuplicateTest, ASecondOpenReferralOfAKindIsRefusedAndNamesTheFirst) {
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

TEST_F(DuplicateTest, AReplacementWithdrawsTheFirstInTheSameTransaction) {
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

TEST_F(DuplicateTest, WhatHasBegunIsNotReplacedAndNothingIsHalfWritten) {
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

TEST_F(DuplicateTest, OfManySubmittersAtOnceOneSucceeds) {
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

TEST_F(DuplicateTest, TwoOpenReferralsOfOneKindStayOpenWhenTheirPatientsAreMerged) {
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

TEST_F(DuplicateTest, AnotherClinicsReferralIsNotNamed) {
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

TEST_F(DuplicateTest, WhatIsHandedOverAgainAfterAReturnMayReplaceAnother) {
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

TEST_F(DuplicateTest, AReturnedDownReferralComesBackWithOtherTasks) {
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

}  // namespace
}  // namespace yilian::referral
