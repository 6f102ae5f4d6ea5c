// A live session of a consultation: who takes part, what they may do, and what its transcript says
// of it. Pure: no clock, no store, no wire.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/consultation/domain/consultation.h"

namespace yilian::consultation {

using LiveSessionId = base::Id<struct LiveSessionTag>;
using ConnectionId = base::Id<struct ConnectionTag>;  // one stream of one participant
using ReplicaId = base::Id<struct ReplicaTag>;        // one process of the service

// Numbers are those of the proto's enums.
enum class LiveStanding : int { kWaiting = 1, kAdmitted, kRemoved };
enum class EntryKind : int {
  kJoined = 1,
  kLeft,
  kWaiting,
  kAdmitted,
  kChat,
  kHandRaised,
  kHandLowered,
  kMuted,
  kUnmuted,
  kRemoved,
  kEnded,
};

struct LiveSession {
  LiveSessionId id;
  ConsultationId consultation;
  PractitionerId opened_by;
  absl::Time opened_at;
  std::optional<absl::Time> ended_at;
  int64_t last_number = 0;  // of the transcript
  // Of the consultation, as it stands.
  PatientId patient;
  OrganizationId requesting_organization;
  OrganizationId consulted_organization;
  PractitionerId requesting_practitioner;
  PractitionerId expert;
  bool consultation_over = false;

  bool IsParty(OrganizationId organization) const {
    return organization == requesting_organization || organization == consulted_organization;
  }
  bool IsOver() const { return ended_at.has_value() || consultation_over; }
  bool IsModerator(PractitionerId practitioner) const {
    return practitioner == opened_by || (!expert.is_nil() && practitioner == expert);
  }
};

struct Participant {
  PractitionerId practitioner;
  OrganizationId organization;
  LiveStanding standing = LiveStanding::kWaiting;
  bool moderator = false;
  bool muted = false;
  bool hand_raised = false;
  ConnectionId connection;  // nil: not there
  ReplicaId replica;        // where the connection is

  bool IsPresent() const { return !connection.is_nil(); }
  // Writing and pointing need an admitted participant who is not muted.
  absl::Status CheckMayBeHeard() const;
  // Hearing, and telling another participant's WebRTC end something, needs an admitted one.
  absl::Status CheckTakesPart() const;
  bool operator==(const Participant&) const = default;
};

// What happened, in words that do not change any more.
struct TranscriptEntry {
  LiveSessionId session;
  int64_t number = 0;
  EntryKind kind = EntryKind::kChat;
  PractitionerId by;
  OrganizationId organization;  // of `by`
  bool moderator = false;       // `by` is one
  PractitionerId subject;       // nil: of no moderator's act
  std::string text;             // of a chat
  absl::Time at;
  base::Uuid request;       // nil: nobody asked for it
  ConnectionId connection;  // of kJoined, kWaiting and kLeft
  ReplicaId replica;
  bool operator==(const TranscriptEntry&) const = default;
};

// A durable frame.
struct SessionCommand {
  EntryKind kind = EntryKind::kChat;
  PractitionerId subject;
  std::string text;
  base::Uuid request;
};

struct SessionChange {
  LiveSession after;
  Participant participant;  // whose row changed
  TranscriptEntry entry;
};

// Comes in, or to the waiting room; also whoever comes back. `before`: their row, where they have
// been there. NOT_FOUND for others than the two organizations.
absl::StatusOr<SessionChange> JoinSession(const LiveSession& session,
                                          const std::optional<Participant>& before, const Actor& by,
                                          ConnectionId connection, ReplicaId replica,
                                          absl::Time at);
// `subject`: the row of `command.subject`, where they have been there.
absl::StatusOr<SessionChange> ActInSession(const LiveSession& session, const Participant& by,
                                           const std::optional<Participant>& subject,
                                           const SessionCommand& command, absl::Time at);
// nullopt: that connection is not theirs any more, they have come back by another one.
std::optional<SessionChange> LeaveSession(const LiveSession& session, const Participant& now,
                                          ConnectionId connection, absl::Time at);

// What an entry does to the list of those who have come, as every replica keeps one.
void ApplyToRoll(const TranscriptEntry& entry, std::vector<Participant>& roll);

}  // namespace yilian::consultation
