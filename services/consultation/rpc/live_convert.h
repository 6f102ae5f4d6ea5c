// Live sessions between the wire and the domain.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/consultation/domain/live_session.h"
#include "yilian/consultation/v1/live_session.pb.h"

namespace yilian::consultation::convert {

v1::LiveSession ToProto(const LiveSession& session);
v1::Participant ToProto(const Participant& participant);
v1::TranscriptEntry ToProto(const TranscriptEntry& entry);
v1::JoinSessionResponse WelcomeOf(const LiveSession& session, const Participant& you,
                                  const std::vector<Participant>& roll);
v1::JoinSessionResponse RefusalOf(const std::string& request_id, const absl::Status& why);
// nullopt: what the frame asks for is not kept. FIELD_INVALID names what a durable frame lacks.
absl::StatusOr<std::optional<SessionCommand>> CommandOf(const v1::JoinSessionRequest& frame);

}  // namespace yilian::consultation::convert
