// Who cares for whom because of a referral or a consultation: learnt from the events of those
// services.
#pragma once

#include "absl/status/status.h"
#include "common/mysql/session.h"
#include "yilian/event/v1/event.pb.h"

namespace yilian::directory {

// Effects for outbox::Consumer: open and end care relationships and append the events of it. What
// they look at is the payload (ReferralChanged, ConsultationChanged): event types are named after
// the commands. INVALID_ARGUMENT (EVENT_MALFORMED) for a payload that does not parse.
absl::Status ApplyReferralEvent(mysql::Session& session, const event::v1::Event& event);
absl::Status ApplyConsultationEvent(mysql::Session& session, const event::v1::Event& event);

}  // namespace yilian::directory
