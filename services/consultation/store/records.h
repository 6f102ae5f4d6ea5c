// A consultation's rows, timers and events, inside a transaction of whoever changes it.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/mysql/query.h"
#include "common/mysql/session.h"
#include "common/outbox/outbox.h"
#include "services/consultation/domain/consultation.h"

namespace yilian::consultation::records {

inline constexpr std::string_view kClockTimer = "consultation.Clock";
// A centre that assigns has something to give out, or somebody to give it to. aggregate_id is what
// gave the occasion, so that many at once do not wait for one row; the payload is the centre's id.
inline constexpr std::string_view kAssignTimer = "consultation.Assign";

// With its last opinion; nullopt: there is none.
absl::StatusOr<std::optional<Consultation>> Get(mysql::Session& session, ConsultationId id);
absl::StatusOr<std::optional<Consultation>> Lock(mysql::Session& session, ConsultationId id);

// Stores a change of a consultation that is locked (`before` null: a new one), and what comes of
// it: timers, and studies that give way to an emergency. Returns all changes, this one first.
absl::StatusOr<std::vector<Change>> Write(mysql::Session& session, const Consultation* before,
                                          Change change);
// What a reader has in hand at a centre goes back to the worklist.
absl::StatusOr<std::vector<Change>> HandBack(mysql::Session& session, CentreId centre,
                                             PractitionerId reader, absl::Time at);

// There is something to give out, or somebody to give it to; nothing at a centre whose readers
// claim.
absl::Status WakeAssignment(mysql::Session& session, const ReadingCentre& centre,
                            const base::Uuid& occasion, absl::Time at);

outbox::NewEvent EventOf(const Change& change);
std::vector<outbox::NewEvent> EventsOf(const std::vector<Change>& changes);

}  // namespace yilian::consultation::records
