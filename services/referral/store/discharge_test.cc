// Discharges and their cancelling as a hospital's system tells them, what they draft, and the
// clocks that hang on them, on a real database.
#include <gmock/gmock.h>

#include "services/referral/store/queries.h"
#include "services/referral/store/referral_store_fixture.h"

namespace yilian::referral {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class DischargeTest : public ReferralStoreTest {
 protected:
  Referral Move(const Referral& read, const Actor& by, const Command& command) {
    EXPECT_THAT(RunCommand(read, by, command), IsOk());
    return Read(read.id);
  }
  // A patient of the township in a bed of the hospital.
  Referral InBed() {
    NewReferral input = Input();
    input.setting = Setting::kInpatient;
    input.summary.history = "胸痛三天";
    const Referral accepted = Accept(Submit(input));
    RunSagas();
    const Referral arrived = Move(
        Read(accepted.id), kHospital,
        [&](const Referral& now, absl::Time at) { return now.Arrive(kHospital, deadlines_, at); });
    return Move(arrived, kHospital,
                [](const Referral& now, absl::Time at) { return now.BeginCare(kHospital, at); });
  }
  Discharge Told(const Referral& admission, absl::Time recorded_at) {
    return {.hospital = kHospital.organization,
            .patient = admission.patient,
            .episode = "E-2026-1",
            .recorded_at = recorded_at,
            .draft = ReferralId(base::Uuid::V7()),
            .first_task = TaskId(base::Uuid::V7())};
  }
  static v1::Referral NamedIfAny(const std::vector<Change>& changes) {
    return changes.empty() ? v1::Referral() : Named(changes);
  }
  // A03 and A13; nil: there is no draft.
  ReferralId Discharged(const Referral& admission, absl::Time recorded_at) {
    return IdOf(store_->DraftDischarge<v1::Referral>(WriteAs(kHospital.organization.uuid()),
                                                     Told(admission, recorded_at), deadlines_,
                                                     NamedIfAny));
  }
  ReferralId Cancelled(const Referral& admission, absl::Time recorded_at) {
    return IdOf(store_->WithdrawDischarge<v1::Referral>(WriteAs(kHospital.organization.uuid()),
                                                        Told(admission, recorded_at), NamedIfAny));
  }
  static ReferralId IdOf(const absl::StatusOr<v1::Referral>& answer) {
    EXPECT_THAT(answer, IsOk());
    if (!answer.ok() || answer->referral_id().empty()) return ReferralId();
    return *ReferralId::Parse(answer->referral_id());
  }
  void Attach(ReferralId draft) {
    ASSERT_THAT(
        mysql::RunTransaction(
            *pool_, {.name = "test.Attach", .deadline = Deadline()},
            [&](mysql::Session& session) {
              return session
                  .Execute({"test.Attach",
                            "INSERT INTO attachment (attachment_id, referral_id, organization_id, "
                            "name, media_type, size, sha256, blob_id, added_at) VALUES (?, ?, ?, "
                            "'x', 1, 1, REPEAT('a', 32), ?, ?)"},
                           base::Uuid::V7(), draft, kHospital.organization, base::Uuid::V7(),
                           clock_.Now())
                  .status();
            }),
        IsOk());
  }
  Referral Complete(const Referral& read) {
    return Move(read, kHospital, [](const Referral& now, absl::Time at) {
      return now.Complete(kHospital, "好转", at);
    });
  }
  // Back on the green channel.
  Referral ComesBack(const Referral& admission) {
    NewReferral back = Input();
    back.patient = admission.patient;
    return Submit(back);
  }
  static constexpr absl::Duration kDay = absl::Hours(24);
};

TEST_F(DischargeTest, TakenBackItsDraftIsWithdrawnAndTheNextOneStartsAnew) {
  const Referral admission = InBed();
  const absl::Time left = clock_.Now();
  const ReferralId first = Discharged(admission, left);
  EXPECT_EQ(Read(first, kHospital).due_at, left + kDay);
  EXPECT_EQ(Read(admission.id).due_at, left + kDay);
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(Cancelled(admission, clock_.Now()), first);
  EXPECT_EQ(Cancelled(admission, clock_.Now()), ReferralId()) << "twice changes nothing";
  const Referral withdrawn = Read(first, kHospital);
  EXPECT_EQ(withdrawn.state, State::kCancelled);
  EXPECT_EQ(withdrawn.reason, ReasonCode::kDischargeCancelled);
  EXPECT_TRUE(Read(admission.id).stays());
  EXPECT_EQ(EventTypes(admission.id).back(), "ReferralStayContinued");
  clock_.Advance(5 * kDay);
  EXPECT_EQ(*timers_->RunDue(), 0) << "nothing escalates meanwhile";

  const absl::Time again = clock_.Now();
  const ReferralId second = Discharged(admission, again);
  EXPECT_NE(second, first);
  EXPECT_EQ(Discharged(admission, again), second) << "told twice";
  clock_.Advance(absl::Hours(3));
  EXPECT_EQ(Discharged(admission, clock_.Now()), second) << "told with a later time";
  EXPECT_EQ(Read(admission.id).due_at, again + kDay);
  EXPECT_EQ(Read(second, kHospital).due_at, again + kDay);
}

TEST_F(DischargeTest, WhatTheHospitalRecordedLastCountsInWhicheverOrderItComes) {
  const Referral admission = InBed();
  const absl::Time recorded = clock_.Now();
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(Cancelled(admission, recorded + absl::Minutes(5)), ReferralId());
  EXPECT_EQ(Discharged(admission, recorded), ReferralId()) << "it was taken back since";
  EXPECT_EQ(Discharged(admission, recorded + absl::Minutes(5)), ReferralId()) << "at one moment";
  EXPECT_TRUE(Read(admission.id).stays());
  const ReferralId draft = Discharged(admission, recorded + absl::Minutes(6));
  EXPECT_FALSE(draft.is_nil());
  EXPECT_EQ(Cancelled(admission, recorded + absl::Minutes(5)), ReferralId()) << "of before";
  EXPECT_EQ(Read(draft, kHospital).state, State::kDraft);
  EXPECT_TRUE(Read(admission.id).letter_owed());
}

TEST_F(DischargeTest, TakenBackADraftWithAttachmentsStaysAndIsWantedAgainLater) {
  const Referral admission = InBed();
  const ReferralId draft = Discharged(admission, clock_.Now());
  Attach(draft);
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(Cancelled(admission, clock_.Now()), draft);
  const Referral marked = Read(draft, kHospital);
  EXPECT_EQ(marked.state, State::kDraft);
  EXPECT_EQ(marked.reason, ReasonCode::kDischargeCancelled);
  EXPECT_FALSE(marked.due_at.has_value());
  EXPECT_EQ(EventTypes(draft).back(), "ReferralDischargeCancelled");
  clock_.Advance(kDay);
  EXPECT_EQ(Discharged(admission, clock_.Now()), draft);
  EXPECT_EQ(Read(draft, kHospital).due_at, clock_.Now() + kDay);
  EXPECT_EQ(Read(draft, kHospital).reason, ReasonCode::kNone);
}

TEST_F(DischargeTest, TakenBackAfterTheCompletionOnlyTheDraftIsWithdrawn) {
  const Referral admission = InBed();
  const ReferralId draft = Discharged(admission, clock_.Now());
  const Referral completed = Complete(Read(admission.id));
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(Cancelled(admission, clock_.Now()), draft);
  EXPECT_EQ(Read(draft, kHospital).state, State::kCancelled);
  EXPECT_EQ(Read(admission.id).version, completed.version);
}

TEST_F(DischargeTest, ADraftThatNobodySendsEscalates) {
  const Referral admission = InBed();
  const ReferralId draft = Discharged(admission, clock_.Now());
  Complete(Read(admission.id));
  ASSERT_THAT(mysql::RunTransaction(*pool_, {.name = "test.Register", .deadline = Deadline()},
                                    [&](mysql::Session& session) {
                                      return store_->RegisterOrganization(
                                          session, kAuthority.organization, Tier::kHealthAuthority);
                                    }),
              IsOk());
  for (int tier = 1; tier <= 3; ++tier) {
    clock_.Advance(tier == 1 ? kDay : kDay / 2);
    EXPECT_EQ(*timers_->RunDue(), 1);
    EXPECT_EQ(EventTypes(draft).back(), "ReferralEscalated");
  }
  EXPECT_EQ(Read(draft, kAuthority).escalation_tier, 3) << "the region may read it now";
}

TEST_F(DischargeTest, ACompletionWithADownReferralSendsTheDraft) {
  const Referral admission = InBed();
  const ReferralId draft = Discharged(admission, clock_.Now());
  const NewReferral down{
      .id = ReferralId(base::Uuid::V7()),
      .direction = Direction::kDown,
      .receiving_organization = kOtherHospital.organization,
      .care_plan = CarePlan{.discharge_summary = "好转",
                            .tasks = {{.id = TaskId(base::Uuid::V7()),
                                       .instruction = "复查血钾",
                                       .due_date = absl::CivilDay(2026, 3, 6)}}}};
  const auto completed = store_->Update<v1::Referral>(
      WriteAs(kHospital.organization.uuid()), admission.id, kHospital.organization, std::nullopt,
      [&](const Referral& now, absl::Time at) -> absl::StatusOr<std::vector<Change>> {
        return std::vector<Change>{*now.Complete(kHospital, "好转", at),
                                   *now.OpenDownReferral(down, kHospital, deadlines_, at)};
      },
      [](const std::vector<Change>& changes) { return Named({changes[1]}); });
  EXPECT_EQ(IdOf(completed), draft);
  const Referral sent = Read(draft, kOtherHospital);
  EXPECT_EQ(sent.state, State::kSubmitted);
  EXPECT_EQ(sent.care_plan, down.care_plan);
  EXPECT_EQ(sent.clock(), ClockKind::kAcknowledgement);
  EXPECT_EQ(sent.source->id, "E-2026-1");
  EXPECT_THAT(store_->Get(down.id, kHospital.organization, Deadline()),
              StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(Discharged(admission, clock_.Now()), draft) << "the discharge, told again";
}

TEST_F(DischargeTest, NobodyHavingSaidForThirtyDaysThatThePatientIsThereTheLetterIsOwed) {
  const Referral admission = InBed();
  clock_.Advance(Deadlines::kLongestStay - absl::Seconds(1));
  EXPECT_EQ(*timers_->RunDue(), 0);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(*timers_->RunDue(), 1);
  const Referral asked = Read(admission.id);
  EXPECT_EQ(asked.due_at, clock_.Now() + kDay);
  const Referral stays = Move(asked, kHospital, [](const Referral& now, absl::Time at) {
    return now.ContinueStay(kHospital, at);
  });
  EXPECT_TRUE(stays.stays());
  clock_.Advance(Deadlines::kLongestStay);
  EXPECT_EQ(*timers_->RunDue(), 1) << "and is asked again";
  EXPECT_TRUE(Read(admission.id).letter_owed());
}

TEST_F(DischargeTest, APatientWhoComesBackAfterALongStayIsLinkedToIt) {
  const Referral admission = InBed();
  clock_.Advance(60 * kDay);
  Complete(Read(admission.id));
  clock_.Advance(30 * kDay);
  const Referral back = ComesBack(admission);
  EXPECT_TRUE(back.readmission);
  EXPECT_EQ(back.follows, admission.id);
}

TEST_F(DischargeTest, APatientWhoComesBackBeforeTheLetterIsWrittenIsLinkedToTheStay) {
  const Referral admission = InBed();
  Discharged(admission, clock_.Now());
  clock_.Advance(absl::Hours(6));
  EXPECT_EQ(ComesBack(admission).follows, admission.id);
}

TEST_F(DischargeTest, AHospitalThatSaysTooLateThatThePatientIsStillThereKeepsTheDischarge) {
  const Referral admission = InBed();
  const absl::Time left = clock_.Now();
  Discharged(admission, left);
  clock_.Advance(2 * kDay);
  const Referral stays =
      Move(Read(admission.id), kHospital,
           [](const Referral& now, absl::Time at) { return now.ContinueStay(kHospital, at); });
  EXPECT_EQ(stays.letter_missed_since, left);
  EXPECT_EQ(ComesBack(admission).follows, admission.id);
  Complete(Read(admission.id));
  EXPECT_FALSE(Read(admission.id).completed_in_time);
}

TEST_F(DischargeTest, APatientWhoComesBackLaterOrHasNotLeftIsNotLinked) {
  const Referral admission = InBed();
  EXPECT_FALSE(ComesBack(admission).readmission);
  Complete(Read(admission.id));
  clock_.Advance(31 * kDay + absl::Seconds(1));
  NewReferral late = Input();
  late.patient = admission.patient;
  EXPECT_FALSE(Submit(late).readmission);
}

TEST_F(DischargeTest, TheEarlierEpisodeIsFoundByThePatient) {
  for (int i = 0; i < 40; ++i) Submit(Input(Channel::kStandard));
  const Referral one = Submit(Input(Channel::kStandard));
  const OrganizationId o = kTownship.organization;
  const absl::Time since = clock_.Now() - 31 * kDay;
  std::string plan;
  const std::string text = "EXPLAIN FORMAT=JSON " + std::string(queries::kFindEpisode.sql);
  const mysql::Query explain{"test.Explain", text};
  ASSERT_THAT(mysql::RunRead(*pool_, Deadline(),
                             [&](mysql::Session& session) {
                               return session.SelectValues(
                                   explain, {one.patient, o, since, o, since, since, since},
                                   [&](const mysql::Row& row) {
                                     plan = row.Text(0);
                                     return absl::OkStatus();
                                   });
                             }),
              IsOk());
  EXPECT_THAT(plan, AllOf(HasSubstr("ix_referral__patient"), Not(HasSubstr("\"ALL\""))));
}

TEST_F(DischargeTest, WithoutASeatAfterANoShowTheReferrersClockGoesOn) {
  const Referral accepted = Accept(Submit(Input()));
  RunSagas();
  clock_.Set(Read(accepted.id).booking->starts_at + absl::Hours(1));
  const Referral missed =
      Move(Read(accepted.id), kHospital, [&](const Referral& now, absl::Time at) {
        return now.MarkNoShow(kHospital, deadlines_, at);
      });
  clock_.Advance(absl::Hours(1));
  seats_.holds = {absl::FailedPreconditionError("NO_SEAT")};
  Move(missed, kHospital,
       [](const Referral& now, absl::Time at) { return now.Schedule(kHospital, {}, at); });
  EXPECT_EQ(Read(missed.id).clock(), ClockKind::kNone);
  RunSagas();
  const Referral failed = Read(missed.id);
  EXPECT_EQ(failed.state, State::kNoShow);
  EXPECT_EQ(failed.owner(), kTownship.organization);
  EXPECT_EQ(failed.due_at, missed.due_at);
  clock_.Set(*failed.due_at);
  EXPECT_EQ(*timers_->RunDue(), 1);
  EXPECT_EQ(EventTypes(missed.id).back(), "ReferralEscalated");
}

}  // namespace
}  // namespace yilian::referral
