// A session that is made and one that is taken back, each with its event: for templates and rotas.
// Functions run in the session that they are given.
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "common/outbox/outbox.h"
#include "services/scheduling/domain/encoding.h"
#include "services/scheduling/store/session_rows.h"

namespace yilian::scheduling {

// Stores the session with its seats and the timers of its releases; its expert is guarded. The
// event is the caller's to append.
absl::StatusOr<outbox::NewEvent> AddSession(mysql::Session& sql, const PlannedSession& planned,
                                            const std::optional<TemplatePlace>& place,
                                            const Encoding& encoding, absl::Time now);

// Takes a session back on which no seat is taken, under the locks of its seats; nullopt: one is,
// and the session stays. `date`: its day, for the event.
absl::StatusOr<std::optional<outbox::NewEvent>> WithdrawIfFree(mysql::Session& sql, SessionId id,
                                                               absl::CivilDay date, absl::Time now);

}  // namespace yilian::scheduling
