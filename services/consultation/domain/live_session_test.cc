#include "services/consultation/domain/live_session.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "services/consultation/domain/reading_fixture.h"

namespace yilian::consultation {
namespace {

using absl::StatusCode;

const ConnectionId kHere(base::Uuid::V5(base::Uuid(), "here"));
const ReplicaId kReplica(base::Uuid::V5(base::Uuid(), "replica"));

Actor Doctor(int n) { return {.organization = kTownship, .practitioner = Person(n)}; }
Actor Expert(int n) { return {.organization = kHospital, .practitioner = Person(n)}; }

// Opened by Person(1) of the township, who asked too; Person(2) is the expert.
LiveSession Session() {
  return {.id = LiveSessionId(base::Uuid::V7()),
          .opened_by = Person(1),
          .opened_at = kNow,
          .requesting_organization = kTownship,
          .consulted_organization = kHospital,
          .requesting_practitioner = Person(1),
          .expert = Person(2)};
}

absl::StatusOr<SessionChange> Join(const LiveSession& session, const Actor& by,
                                   const std::optional<Participant>& before = std::nullopt) {
  return JoinSession(session, before, by, kHere, kReplica, kNow);
}

Participant Came(const LiveSession& session, const Actor& by) {
  return Join(session, by)->participant;
}

absl::StatusOr<SessionChange> Act(const LiveSession& session, const Participant& by, EntryKind kind,
                                  const std::optional<Participant>& subject = std::nullopt) {
  return ActInSession(session, by, subject,
                      {.kind = kind,
                       .subject = subject ? subject->practitioner : PractitionerId(),
                       .text = kind == EntryKind::kChat ? "请看这里" : ""},
                      kNow);
}

TEST(LiveSession, WhoAskedWhoOpenedAndTheExpertComeInOthersOfTheTwoSidesWait) {
  LiveSession session = Session();
  session.opened_by = Person(3);
  EXPECT_EQ(Join(session, Doctor(1))->participant.standing, LiveStanding::kAdmitted);
  EXPECT_FALSE(Join(session, Doctor(1))->participant.moderator);
  EXPECT_TRUE(Join(session, Expert(2))->participant.moderator);
  EXPECT_TRUE(Join(session, Doctor(3))->participant.moderator);
  const SessionChange waits = *Join(session, Expert(4));
  EXPECT_EQ(waits.participant.standing, LiveStanding::kWaiting);
  EXPECT_EQ(waits.entry.kind, EntryKind::kWaiting);
  const Actor stranger{.organization = OrganizationId(base::Uuid::V7()), .practitioner = Person(5)};
  EXPECT_THAT(Join(session, stranger), StatusIs(StatusCode::kNotFound, "NOT_FOUND"));
}

TEST(LiveSession, NumbersGoUpByOneWhateverHappens) {
  LiveSession session = Session();
  const SessionChange first = *Join(session, Doctor(1));
  EXPECT_EQ(first.entry.number, 1);
  const SessionChange second = *Act(first.after, first.participant, EntryKind::kChat);
  EXPECT_EQ(second.entry.number, 2);
  EXPECT_EQ(second.after.last_number, 2);
  EXPECT_EQ(second.entry.text, "请看这里");
  EXPECT_EQ(LeaveSession(second.after, first.participant, kHere, kNow)->entry.number, 3);
}

TEST(LiveSession, OverIsOverForEveryActAndEveryJoin) {
  LiveSession ended = Session();
  ended.ended_at = kNow;
  LiveSession answered = Session();
  answered.consultation_over = true;
  for (const LiveSession& session : {ended, answered}) {
    EXPECT_THAT(Join(session, Doctor(1)),
                StatusIs(StatusCode::kFailedPrecondition, "SESSION_ENDED"));
    EXPECT_THAT(Act(session, Came(Session(), Doctor(1)), EntryKind::kChat),
                StatusIs(StatusCode::kFailedPrecondition, "SESSION_ENDED"));
  }
  EXPECT_TRUE(LeaveSession(ended, Came(Session(), Doctor(1)), kHere, kNow).has_value())
      << "who is still there leaves after the end";
}

TEST(LiveSession, WhoWaitsDoesNothing) {
  const LiveSession session = Session();
  const Participant waiting = Came(session, Expert(4));
  for (const EntryKind kind : {EntryKind::kChat, EntryKind::kHandRaised, EntryKind::kEnded}) {
    EXPECT_THAT(Act(session, waiting, kind),
                StatusIs(StatusCode::kFailedPrecondition, "WAITING_FOR_ADMISSION"));
  }
  EXPECT_THAT(waiting.CheckMayBeHeard(),
              StatusIs(StatusCode::kFailedPrecondition, "WAITING_FOR_ADMISSION"));
}

TEST(LiveSession, ModeratorsActsAreModeratorsAlone) {
  const LiveSession session = Session();
  const Participant waiting = Came(session, Expert(4));
  const Participant guest =
      Act(session, Came(session, Doctor(1)), EntryKind::kAdmitted, waiting)->participant;
  EXPECT_EQ(guest.standing, LiveStanding::kAdmitted);
  for (const EntryKind kind : {EntryKind::kMuted, EntryKind::kUnmuted, EntryKind::kRemoved,
                               EntryKind::kAdmitted, EntryKind::kEnded}) {
    EXPECT_THAT(Act(session, guest, kind, Came(session, Doctor(1))),
                StatusIs(StatusCode::kPermissionDenied, "NOT_A_MODERATOR"));
  }
}

TEST(LiveSession, AnActNeedsItsSubjectWhereItTakesThemFrom) {
  const LiveSession session = Session();
  const Participant moderator = Came(session, Doctor(1));
  const Participant waiting = Came(session, Expert(4));
  EXPECT_THAT(Act(session, moderator, EntryKind::kMuted, waiting),
              StatusIs(StatusCode::kNotFound, "PARTICIPANT_NOT_FOUND"));
  EXPECT_THAT(Act(session, moderator, EntryKind::kAdmitted, Came(session, Expert(2))),
              StatusIs(StatusCode::kNotFound, "PARTICIPANT_NOT_FOUND"));
  EXPECT_THAT(Act(session, moderator, EntryKind::kMuted),
              StatusIs(StatusCode::kNotFound, "PARTICIPANT_NOT_FOUND"));
  EXPECT_THAT(Act(session, moderator, EntryKind::kRemoved, moderator),
              StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

TEST(LiveSession, WhoIsRemovedDoesNotComeBack) {
  const LiveSession session = Session();
  const Participant moderator = Came(session, Doctor(1));
  const Participant removed =
      Act(session, moderator, EntryKind::kRemoved, Came(session, Expert(4)))->participant;
  EXPECT_FALSE(removed.IsPresent());
  EXPECT_THAT(Join(session, Expert(4), removed),
              StatusIs(StatusCode::kPermissionDenied, "REMOVED_FROM_SESSION"));
  EXPECT_THAT(Act(session, removed, EntryKind::kChat),
              StatusIs(StatusCode::kPermissionDenied, "REMOVED_FROM_SESSION"));
}

TEST(LiveSession, WhoIsMutedRaisesAHandAndDoesNotWriteAlsoAfterComingBack) {
  const LiveSession session = Session();
  const Participant moderator = Came(session, Doctor(1));
  const Participant muted =
      Act(session, moderator, EntryKind::kMuted, Came(session, Expert(2)))->participant;
  const Participant back = Join(session, Expert(2), muted)->participant;
  EXPECT_THAT(Act(session, back, EntryKind::kChat),
              StatusIs(StatusCode::kFailedPrecondition, "MUTED"));
  EXPECT_TRUE(Act(session, back, EntryKind::kHandRaised)->participant.hand_raised);
  EXPECT_THAT(back.CheckTakesPart(), IsOk());
  const Participant heard = Act(session, moderator, EntryKind::kUnmuted, back)->participant;
  EXPECT_THAT(Act(session, heard, EntryKind::kChat), IsOk());
}

TEST(LiveSession, AnOldConnectionTakesNobodyAway) {
  const LiveSession session = Session();
  Participant now = Came(session, Doctor(1));
  now.connection = ConnectionId(base::Uuid::V7());
  EXPECT_FALSE(LeaveSession(session, now, kHere, kNow).has_value());
}

TEST(LiveSession, EveryReplicasRollIsWhatTheRowsSay) {
  LiveSession session = Session();
  std::vector<Participant> roll;
  std::vector<Participant> rows;
  const auto keep = [&](const absl::StatusOr<SessionChange>& change) {
    ASSERT_THAT(change, IsOk());
    session = change->after;
    ApplyToRoll(change->entry, roll);
    std::erase_if(rows, [&](const Participant& one) {
      return one.practitioner == change->participant.practitioner;
    });
    rows.push_back(change->participant);
    for (const Participant& row : rows) {
      EXPECT_TRUE(std::find(roll.begin(), roll.end(), row) != roll.end())
          << "after entry " << change->entry.number;
    }
  };
  const auto row = [&](int n) {
    return *std::find_if(rows.begin(), rows.end(),
                         [&](const Participant& one) { return one.practitioner == Person(n); });
  };
  keep(Join(session, Doctor(1)));
  keep(Join(session, Expert(2)));
  keep(Join(session, Expert(4)));
  keep(Act(session, row(1), EntryKind::kAdmitted, row(4)));
  keep(Act(session, row(4), EntryKind::kHandRaised));
  keep(Act(session, row(1), EntryKind::kMuted, row(4)));
  keep(Join(session, Expert(4), row(4)));
  keep(*LeaveSession(session, row(2), kHere, kNow));
  keep(Act(session, row(1), EntryKind::kUnmuted, row(4)));
  keep(Act(session, row(1), EntryKind::kRemoved, row(4)));
  keep(Act(session, row(1), EntryKind::kEnded));
}

}  // namespace
}  // namespace yilian::consultation
