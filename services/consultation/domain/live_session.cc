#include "services/consultation/domain/live_session.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "services/consultation/domain/live_session_errors.h"

namespace yilian::consultation {
namespace {

bool IsModeratorsAct(EntryKind kind) {
  return kind == EntryKind::kAdmitted || kind == EntryKind::kMuted || kind == EntryKind::kUnmuted ||
         kind == EntryKind::kRemoved || kind == EntryKind::kEnded;
}

// Whose row the entry is about: the subject's in a moderator's act on somebody, else the author's.
SessionChange Next(const LiveSession& session, const Participant& by, Participant changed,
                   EntryKind kind, absl::Time at) {
  SessionChange change{.after = session, .participant = changed};
  TranscriptEntry& entry = change.entry;
  entry.session = session.id;
  entry.number = ++change.after.last_number;
  entry.kind = kind;
  entry.by = by.practitioner;
  entry.organization = by.organization;
  entry.moderator = by.moderator;
  entry.at = at;
  return change;
}

// What an act leaves of whom it is about.
void Apply(EntryKind kind, Participant& to) {
  switch (kind) {
    case EntryKind::kAdmitted:
      to.standing = LiveStanding::kAdmitted;
      break;
    case EntryKind::kMuted:
      to.muted = true;
      break;
    case EntryKind::kUnmuted:
      to.muted = false;
      break;
    case EntryKind::kHandRaised:
      to.hand_raised = true;
      break;
    case EntryKind::kHandLowered:
      to.hand_raised = false;
      break;
    case EntryKind::kRemoved:
      to.standing = LiveStanding::kRemoved;
      [[fallthrough]];
    case EntryKind::kLeft:
      to.connection = ConnectionId();
      to.replica = ReplicaId();
      to.hand_raised = false;
      break;
    case EntryKind::kJoined:
    case EntryKind::kWaiting:
    case EntryKind::kChat:
    case EntryKind::kEnded:
      break;
  }
}

// An act needs its subject where it takes them from.
absl::Status CheckSubject(EntryKind kind, const std::optional<Participant>& subject) {
  if (!subject || subject->standing == LiveStanding::kRemoved) return errors::ParticipantNotFound();
  const bool waits = subject->standing == LiveStanding::kWaiting;
  const bool fits = kind == EntryKind::kRemoved || waits == (kind == EntryKind::kAdmitted);
  return fits ? absl::OkStatus() : errors::ParticipantNotFound();
}

}  // namespace

absl::Status Participant::CheckTakesPart() const {
  if (standing == LiveStanding::kRemoved) return errors::RemovedFromSession();
  if (standing == LiveStanding::kWaiting) return errors::WaitingForAdmission();
  return absl::OkStatus();
}

absl::Status Participant::CheckMayBeHeard() const {
  RETURN_IF_ERROR(CheckTakesPart());
  return muted ? errors::Muted() : absl::OkStatus();
}

absl::StatusOr<SessionChange> JoinSession(const LiveSession& session,
                                          const std::optional<Participant>& before, const Actor& by,
                                          ConnectionId connection, ReplicaId replica,
                                          absl::Time at) {
  if (!session.IsParty(by.organization)) return errors::NotFound();
  if (session.IsOver()) return errors::SessionEnded();
  Participant now = before.value_or(Participant{.practitioner = by.practitioner});
  if (now.standing == LiveStanding::kRemoved) return errors::RemovedFromSession();
  now.organization = by.organization;
  now.moderator = session.IsModerator(by.practitioner);
  if (now.moderator || by.practitioner == session.requesting_practitioner) {
    now.standing = LiveStanding::kAdmitted;
  }
  now.hand_raised = false;
  now.connection = connection;
  now.replica = replica;
  const EntryKind kind =
      now.standing == LiveStanding::kAdmitted ? EntryKind::kJoined : EntryKind::kWaiting;
  SessionChange change = Next(session, now, now, kind, at);
  change.entry.connection = connection;
  change.entry.replica = replica;
  return change;
}

absl::StatusOr<SessionChange> ActInSession(const LiveSession& session, const Participant& by,
                                           const std::optional<Participant>& subject,
                                           const SessionCommand& command, absl::Time at) {
  if (session.IsOver()) return errors::SessionEnded();
  RETURN_IF_ERROR(by.CheckTakesPart());
  if (command.kind == EntryKind::kChat) RETURN_IF_ERROR(by.CheckMayBeHeard());
  const bool about_other = IsModeratorsAct(command.kind) && command.kind != EntryKind::kEnded;
  if (IsModeratorsAct(command.kind) && !by.moderator) return errors::NotAModerator();
  if (about_other && command.subject == by.practitioner) {
    return errors::FieldInvalid(
        {{"moderation.practitioner_id", "is another participant than yourself"}});
  }
  if (about_other) RETURN_IF_ERROR(CheckSubject(command.kind, subject));
  Participant changed = about_other ? *subject : by;
  Apply(command.kind, changed);
  SessionChange change = Next(session, by, changed, command.kind, at);
  if (about_other) change.entry.subject = command.subject;
  change.entry.text = command.text;
  change.entry.request = command.request;
  if (command.kind == EntryKind::kEnded) change.after.ended_at = at;
  return change;
}

std::optional<SessionChange> LeaveSession(const LiveSession& session, const Participant& now,
                                          ConnectionId connection, absl::Time at) {
  if (now.connection != connection) return std::nullopt;
  Participant gone = now;
  Apply(EntryKind::kLeft, gone);
  SessionChange change = Next(session, now, gone, EntryKind::kLeft, at);
  change.entry.connection = connection;
  return change;
}

void ApplyToRoll(const TranscriptEntry& entry, std::vector<Participant>& roll) {
  const PractitionerId whose = entry.subject.is_nil() ? entry.by : entry.subject;
  auto found = std::find_if(roll.begin(), roll.end(),
                            [&](const Participant& one) { return one.practitioner == whose; });
  if (entry.kind == EntryKind::kJoined || entry.kind == EntryKind::kWaiting) {
    if (found == roll.end()) found = roll.insert(roll.end(), Participant{.practitioner = whose});
    found->organization = entry.organization;
    found->moderator = entry.moderator;
    found->standing =
        entry.kind == EntryKind::kJoined ? LiveStanding::kAdmitted : LiveStanding::kWaiting;
    found->hand_raised = false;
    found->connection = entry.connection;
    found->replica = entry.replica;
  } else if (found != roll.end()) {
    Apply(entry.kind, *found);
  }
}

}  // namespace yilian::consultation
