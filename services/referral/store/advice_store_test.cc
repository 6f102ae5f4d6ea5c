// Advice threads, on a real database.
#include "services/referral/store/advice_fixture.h"
#include "yilian/directory/v1/directory.pb.h"

namespace yilian::referral {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::ElementsAre;

class AdviceStoreTest : public AdviceFixture {};

TEST_F(AdviceStoreTest, WhatIsSaidIsReadAgainByBothSides) {
  const NewAdvice input = Input();
  const Advice answered = Answered(Ask(input));
  EXPECT_EQ(answered.state, AdviceState::kAnswered);
  ASSERT_EQ(answered.turns.size(), 2u);
  EXPECT_EQ(answered.turns[0].text, input.question);
  EXPECT_EQ(answered.turns[1].by.practitioner, kSpecialist.practitioner);
  EXPECT_EQ(answered.first_answered_at, clock_.Now());
  EXPECT_EQ(Read(answered.id, kSpecialist).turns.size(), 2u);
  EXPECT_THAT(Events(answered.id.uuid()), ElementsAre("AdviceAsked", "AdviceAnswered"));
}

TEST_F(AdviceStoreTest, AForeignThreadLooksLikeNone) {
  const Advice asked = Ask(Input());
  const absl::Status foreign = advice_->Get(asked.id, Org(3), Deadline()).status();
  EXPECT_EQ(foreign, advice_->Get(AdviceId(base::Uuid::V7()), Org(3), Deadline()).status());
  EXPECT_THAT(foreign, StatusIs(absl::StatusCode::kNotFound, "ADVICE_NOT_FOUND"));
  const Actor stranger{.organization = Org(3)};
  EXPECT_THAT(Do(asked, stranger,
                 [&](const Advice& now, absl::Time at) { return now.Answer(stranger, "x", at); }),
              StatusIs(absl::StatusCode::kNotFound, "ADVICE_NOT_FOUND"));
}

TEST_F(AdviceStoreTest, ARepeatedQuestionIsAskedOnceAndAStaleEtagChangesNothing) {
  const base::Uuid request = base::Uuid::V7();
  const Advice first = Ask(Input(), request);
  Answered(first);
  EXPECT_EQ(Ask(Input(), request).id, first.id);
  EXPECT_THAT(Do(first, kSpecialist,
                 [](const Advice& now, absl::Time at) { return now.Answer(kSpecialist, "x", at); }),
              StatusIs(absl::StatusCode::kAborted, "ADVICE_ETAG_STALE"));
  EXPECT_EQ(Read(first.id).turn_count, 2);
}

TEST_F(AdviceStoreTest, EachWorklistHasItsThreadsTheShortestClockFirst) {
  NewAdvice named = Input();
  named.advising_practitioner = kSpecialist.practitioner;
  const Advice to_one = Ask(named);
  clock_.Advance(absl::Minutes(1));
  NewAdvice urgent = Input();
  urgent.urgency = Urgency::kUrgent;
  const Advice soon = Ask(urgent);
  const Advice answered = Answered(Ask(Input()));
  NewAdvice elsewhere = Input();
  elsewhere.advising_department = DepartmentId(base::Uuid::V7());
  const Advice other = Ask(elsewhere);

  const auto list = [&](AdviceQuery query) {
    std::vector<AdviceId> ids;
    const auto found = advice_->List(query, Deadline());
    EXPECT_THAT(found, IsOk());
    for (const Advice& one : *found) ids.push_back(one.id);
    return ids;
  };
  const AdviceQuery to_answer{.organization = kSpecialist.organization};
  EXPECT_THAT(list(to_answer), ElementsAre(soon.id, to_one.id, other.id));
  AdviceQuery query = to_answer;
  query.department = kCardiology;
  EXPECT_THAT(list(query), ElementsAre(soon.id, to_one.id));
  query = to_answer;
  query.practitioner = kSpecialist.practitioner;
  EXPECT_THAT(list(query), ElementsAre(to_one.id));
  query = to_answer;
  query.state = AdviceState::kAnswered;
  EXPECT_THAT(list(query), ElementsAre(answered.id));
  query = {.organization = kAsker.organization, .side = AdviceSide::kAsking};
  EXPECT_EQ(list(query).size(), 3u);
  query.practitioner = Person(9);
  EXPECT_THAT(list(query), ElementsAre());
  query.practitioner = kAsker.practitioner;
  query.state = AdviceState::kAnswered;
  EXPECT_THAT(list(query), ElementsAre(answered.id));
}

TEST_F(AdviceStoreTest, AWorklistPageGoesOnWhereTheLastOneEnded) {
  std::set<AdviceId> all;
  for (int i = 0; i < 7; ++i) {
    all.insert(Ask(Input()).id);
    // Some in the same microsecond, so that the id must break the tie.
    if (i % 3 == 0) clock_.Advance(absl::Seconds(1));
  }
  AdviceQuery query{.organization = kSpecialist.organization, .limit = 2};
  std::set<AdviceId> seen;
  for (int page = 0; page < 10; ++page) {
    const auto found = advice_->List(query, Deadline());
    ASSERT_THAT(found, IsOk());
    if (found->empty()) break;
    for (const Advice& one : *found) EXPECT_TRUE(seen.insert(one.id).second);
    query.after_time = found->back().worklist_time();
    query.after_id = found->back().id;
  }
  EXPECT_EQ(seen, all);
}

TEST_F(AdviceStoreTest, AnUnansweredQuestionEscalatesAndAnAnsweredOneIsStill) {
  const Advice asked = Ask(Input());
  const Advice quiet = Answered(Ask(Input()));
  EXPECT_EQ(*timers_->RunDue(), 0);
  for (const int tier : {1, 2, 3}) {
    clock_.Set(Deadlines::EscalationAt(*asked.clock_started_at, *asked.due_at, tier));
    EXPECT_EQ(*timers_->RunDue(), 1);
    EXPECT_EQ(Read(asked.id).escalation_tier, tier);
  }
  clock_.Advance(absl::Hours(500));
  EXPECT_EQ(*timers_->RunDue(), 0);
  EXPECT_EQ(Read(quiet.id).escalation_tier, 0);
  EXPECT_THAT(Events(asked.id.uuid()),
              ElementsAre("AdviceAsked", "AdviceEscalated", "AdviceEscalated", "AdviceEscalated"));
}

TEST_F(AdviceStoreTest, AThreadBecomesADraftWithWhatWasSaidAndAttached) {
  const Advice asked = Ask(Input());
  const RecordRef thread{.advice = asked.id};
  ASSERT_THAT(Complete(Full(*Begin(thread))), IsOk());
  const Advice answered = Answered(asked);
  const base::Uuid request = base::Uuid::V7();
  const auto converted = Convert(answered, request);
  ASSERT_THAT(converted, IsOk());
  // The same request again makes no second draft.
  EXPECT_EQ(Convert(answered, request)->referral().referral_id(),
            converted->referral().referral_id());

  const Advice after = Read(asked.id);
  EXPECT_EQ(after.state, AdviceState::kConverted);
  const auto referral = referrals_->Get(after.referral, kAsker.organization, Deadline());
  ASSERT_THAT(referral, IsOk());
  EXPECT_EQ(referral->state, State::kDraft);
  EXPECT_EQ(referral->receiving_organization, kSpecialist.organization);
  EXPECT_THAT(referral->summary.history, ::testing::HasSubstr("先做心电图"));
  const auto copied = ListOf({.referral = after.referral}, kAsker);
  const auto original = ListOf(thread, kSpecialist);
  ASSERT_EQ(copied.size(), 1u);
  ASSERT_EQ(original.size(), 1u);
  EXPECT_EQ(copied[0].blob, original[0].blob);
  EXPECT_EQ(copied[0].content.name, original[0].content.name);
  // A draft is the referrer's own business, and so is what hangs on it.
  EXPECT_THAT(attachments_->Find(copied[0].id, kSpecialist.organization, Deadline()).status(),
              StatusIs(absl::StatusCode::kNotFound, "ATTACHMENT_NOT_FOUND"));
  EXPECT_THAT(Convert(after, base::Uuid::V7()).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "ADVICE_COMMAND_NOT_AVAILABLE"));
}

TEST_F(AdviceStoreTest, AMergedPatientsThreadsFollowTheSurvivor) {
  const Advice asked = Ask(Input());
  const PatientId survivor(base::Uuid::V7());
  directory::v1::PatientsMerged merged;
  merged.set_merge_id(base::Uuid::V7().ToString());
  merged.set_surviving_patient_id(survivor.ToString());
  merged.set_merged_patient_id(asked.patient.ToString());
  event::v1::Event event;
  event.set_type("PatientsMerged");
  event.mutable_payload()->PackFrom(merged);
  ASSERT_THAT(mysql::RunTransaction(
                  *pool_, {.name = "test.Merge", .deadline = Deadline()},
                  [&](mysql::Session& session) { return advice_->MovePatient(session, event); }),
              IsOk());
  EXPECT_EQ(Read(asked.id).patient, survivor);
  // A record that was merged since the caller looked: refused in the write itself.
  NewAdvice late = Input();
  late.patient = asked.patient;
  EXPECT_THAT(TryAsk(late).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "PATIENT_MERGED"));
}

}  // namespace
}  // namespace yilian::referral
