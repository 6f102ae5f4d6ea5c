// Clocks that run out, follow-ups.
#include <gtest/gtest.h>

#include "common/status/matchers.h"
#include "services/referral/domain/referral_fixture.h"

namespace yilian::referral {
namespace {

using status::StatusIs;

constexpr absl::StatusCode kFailedPrecondition = absl::StatusCode::kFailedPrecondition;

TEST(Escalation, ComesAtTheDeadlineThenAtHalfMoreThenAtDouble) {
  Referral referral =
      InState(State::kDraft, Direction::kUp, Channel::kGreen)
          .Submit(kTownship, Submission{.consented = true}, TestDeadlines(), kMonday)
          ->after;
  const OrganizationId authority = kAuthority.organization;
  for (const int minute : {10, 15, 20}) {
    const absl::Time due = kMonday + absl::Minutes(minute);
    EXPECT_FALSE(referral.Escalate(authority, due - absl::Seconds(1)).has_value());
    EXPECT_TRUE(referral.region.is_nil());
    EXPECT_EQ(referral.SideOf(authority), std::nullopt);
    referral = referral.Escalate(authority, due)->after;
    EXPECT_EQ(referral.owner(), kHospital.organization);
  }
  EXPECT_EQ(referral.escalation_tier, 3);
  EXPECT_EQ(referral.region, authority);
  EXPECT_EQ(referral.SideOf(authority), Side::kRegion);
  EXPECT_FALSE(referral.Escalate(authority, kMonday + absl::Hours(9)).has_value());
  // Once somebody acts it is no longer the region's.
  const Referral accepted =
      referral.Accept(kHospital, std::nullopt, "", {}, kMonday + absl::Hours(10))->after;
  EXPECT_EQ(accepted.SideOf(authority), std::nullopt);
}

TEST(Clock, NamesWhoseTurnItIs) {
  Referral down = InState(State::kSubmitted, Direction::kDown);
  EXPECT_EQ(down.clock(), ClockKind::kAcknowledgement);
  const Referral submitted = InState(State::kSubmitted);
  EXPECT_EQ(submitted.clock(), ClockKind::kFirstResponse);
  const Referral returned =
      submitted.Return(kHospital, ReasonCode::kInformationMissing, "", TestDeadlines(), kMonday)
          ->after;
  EXPECT_EQ(returned.clock(), ClockKind::kReturnAnswer);
  EXPECT_EQ(returned.owner(), kTownship.organization);
  EXPECT_EQ(InState(State::kAccepted).clock(), ClockKind::kNone);
  EXPECT_EQ(InState(State::kRejected).owner(), kTownship.organization);
  EXPECT_TRUE(InState(State::kCompleted).owner().is_nil());
}

TEST(FollowUp, IsDoneOnceAndLateIsBetterThanNever) {
  const Referral referral = InState(State::kAccepted, Direction::kDown);
  const TaskId task = referral.care_plan->tasks[0].id;
  const absl::Time due = absl::FromCivil(absl::CivilDay(2026, 3, 6), absl::UTCTimeZone());
  const Referral late =
      referral.EscalateTask(task, kAuthority.organization, absl::UTCTimeZone(), due)->after;
  EXPECT_EQ(late.care_plan->tasks[0].state, TaskState::kOverdue);
  const Referral done = late.RecordFollowUp(kHospital, task, "血钾 4.1", due)->after;
  EXPECT_EQ(done.care_plan->tasks[0].state, TaskState::kDone);
  EXPECT_THAT(done.RecordFollowUp(kHospital, task, "", due),
              StatusIs(kFailedPrecondition, "TASK_CLOSED"));
  EXPECT_FALSE(
      done.EscalateTask(task, kAuthority.organization, absl::UTCTimeZone(), due).has_value());
  EXPECT_THAT(done.RecordFollowUp(kHospital, TaskId(base::Uuid::V7()), "", due),
              StatusIs(absl::StatusCode::kNotFound, "TASK_NOT_FOUND"));
}

TEST(FollowUp, EscalatesToTheRegionWhenNobodyActs) {
  Referral referral = InState(State::kAccepted, Direction::kDown);
  const TaskId task = referral.care_plan->tasks[0].id;
  const absl::Time due = absl::FromCivil(absl::CivilDay(2026, 3, 6), absl::UTCTimeZone());
  for (const int tier : {1, 2, 3}) {
    const absl::Time at = due + absl::Hours(48) * (tier - 1);
    EXPECT_FALSE(
        referral
            .EscalateTask(task, kAuthority.organization, absl::UTCTimeZone(), at - absl::Seconds(1))
            .has_value());
    const Change change =
        *referral.EscalateTask(task, kAuthority.organization, absl::UTCTimeZone(), at);
    EXPECT_EQ(change.escalated_task, task);
    referral = change.after;
    EXPECT_EQ(referral.care_plan->tasks[0].escalation_tier, tier);
  }
  EXPECT_EQ(referral.region, kAuthority.organization);
  EXPECT_FALSE(
      referral
          .EscalateTask(task, kAuthority.organization, absl::UTCTimeZone(), due + absl::Hours(999))
          .has_value());
}

TEST(FollowUp, IsPutOffWithAReasonAndItsClockBeginsAnew) {
  const Referral referral = InState(State::kAccepted, Direction::kDown);
  const TaskId task = referral.care_plan->tasks[0].id;
  const auto put_off = [&](absl::CivilDay day) {
    return referral.RescheduleFollowUp(kHospital, task, day, "患者外出", TestDeadlines(), kMonday);
  };
  const FollowUpTask moved = put_off(absl::CivilDay(2026, 3, 20))->after.care_plan->tasks[0];
  EXPECT_EQ(moved.due_date, absl::CivilDay(2026, 3, 20));
  EXPECT_EQ(moved.state, TaskState::kOpen);
  EXPECT_EQ(moved.reschedule_count, 1);
  EXPECT_EQ(moved.reschedule_reason, "患者外出");
  EXPECT_THAT(put_off(absl::CivilDay(2026, 3, 1)),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(put_off(absl::CivilDay(2026, 6, 30)),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

}  // namespace
}  // namespace yilian::referral
