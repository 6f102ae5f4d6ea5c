#include "services/consultation/rpc/live_convert.h"

#include <fmt/format.h>

#include "common/base/status_macros.h"
#include "common/status/error.h"
#include "common/wire/timestamp.h"
#include "services/consultation/domain/errors.h"

namespace yilian::consultation::convert {
namespace {

using wire::SetTime;
using wire::TextOrEmpty;

EntryKind KindOf(v1::ModeratorAct act) {
  switch (act) {
    case v1::MODERATOR_ACT_ADMIT:
      return EntryKind::kAdmitted;
    case v1::MODERATOR_ACT_MUTE:
      return EntryKind::kMuted;
    case v1::MODERATOR_ACT_UNMUTE:
      return EntryKind::kUnmuted;
    case v1::MODERATOR_ACT_REMOVE:
      return EntryKind::kRemoved;
    default:
      return EntryKind::kEnded;
  }
}

}  // namespace

v1::LiveSession ToProto(const LiveSession& session) {
  v1::LiveSession out;
  out.set_live_session_id(session.id.ToString());
  out.set_consultation_id(session.consultation.ToString());
  out.set_opened_by_practitioner_id(session.opened_by.ToString());
  SetTime(out.mutable_opened_at(), session.opened_at);
  if (session.ended_at) SetTime(out.mutable_ended_at(), *session.ended_at);
  out.set_last_number(session.last_number);
  return out;
}

v1::Participant ToProto(const Participant& participant) {
  v1::Participant out;
  out.set_practitioner_id(participant.practitioner.ToString());
  out.set_organization_id(participant.organization.ToString());
  out.set_standing(static_cast<v1::Standing>(participant.standing));
  out.set_moderator(participant.moderator);
  out.set_muted(participant.muted);
  out.set_hand_raised(participant.hand_raised);
  out.set_present(participant.IsPresent());
  return out;
}

v1::TranscriptEntry ToProto(const TranscriptEntry& entry) {
  v1::TranscriptEntry out;
  out.set_number(entry.number);
  out.set_kind(static_cast<v1::EntryKind>(entry.kind));
  out.set_practitioner_id(entry.by.ToString());
  out.set_organization_id(entry.organization.ToString());
  out.set_subject_practitioner_id(TextOrEmpty(entry.subject));
  out.set_text(entry.text);
  SetTime(out.mutable_occurred_at(), entry.at);
  out.set_request_id(entry.request.is_nil() ? "" : entry.request.ToString());
  out.set_moderator(entry.moderator);
  return out;
}

v1::JoinSessionResponse WelcomeOf(const LiveSession& session, const Participant& you,
                                  const std::vector<Participant>& roll) {
  v1::JoinSessionResponse out;
  v1::Welcome& welcome = *out.mutable_welcome();
  *welcome.mutable_live_session() = ToProto(session);
  *welcome.mutable_you() = ToProto(you);
  if (you.standing != LiveStanding::kAdmitted) return out;
  for (const Participant& one : roll) *welcome.add_participants() = ToProto(one);
  return out;
}

v1::JoinSessionResponse RefusalOf(const std::string& request_id, const absl::Status& why) {
  v1::JoinSessionResponse out;
  v1::Refusal& refusal = *out.mutable_refusal();
  refusal.set_request_id(request_id);
  refusal.set_reason(status::ReasonOf(why));
  // An error that is none of ours may say anything, a person's data included.
  refusal.set_message(refusal.reason().empty() ? "the service failed; send it again"
                                               : std::string(why.message()));
  if (const auto chinese = status::LocalizedOf(why)) refusal.set_chinese(chinese->message());
  if (const auto fields = status::BadRequestOf(why)) {
    for (const auto& one : fields->field_violations()) {
      refusal.add_fields(fmt::format("{}: {}", one.field(), one.description()));
    }
  }
  return out;
}

absl::StatusOr<std::optional<SessionCommand>> CommandOf(const v1::JoinSessionRequest& frame) {
  SessionCommand command;
  if (frame.has_chat()) {
    command.kind = EntryKind::kChat;
    command.text = frame.chat().text();
  } else if (frame.has_hand()) {
    command.kind = frame.hand().raised() ? EntryKind::kHandRaised : EntryKind::kHandLowered;
  } else if (frame.has_moderation()) {
    command.kind = KindOf(frame.moderation().act());
    ASSIGN_OR_RETURN(command.subject,
                     wire::OptionalId<PractitionerId>(frame.moderation().practitioner_id()));
  } else {
    return std::nullopt;
  }
  errors::Violations violations;
  if (frame.request_id().empty()) {
    violations.emplace_back("request_id", "is required with a chat, a hand and a moderation");
  }
  const bool names = !command.subject.is_nil();
  if (frame.has_moderation() && names == (command.kind == EntryKind::kEnded)) {
    violations.emplace_back("moderation.practitioner_id",
                            "is required, but with MODERATOR_ACT_END, which names nobody");
  }
  if (!violations.empty()) return errors::FieldInvalid(violations);
  ASSIGN_OR_RETURN(command.request, base::Uuid::Parse(frame.request_id()));
  return command;
}

}  // namespace yilian::consultation::convert
