// Rows of the table session. Functions run in the session that they are given.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "services/scheduling/domain/entitlement.h"
#include "services/scheduling/domain/requests.h"
#include "services/scheduling/domain/session.h"

namespace yilian::scheduling {

// A session, and the consortium of the organization that offers it (nil: none known).
struct SessionRow {
  Session session;
  OrganizationId consortium;
};

// Where a session stands in its template.
struct TemplatePlace {
  absl::CivilDay date;
  base::Uuid shape;
};

// The longest session there is: a bed for a day on which the clock is set back.
inline constexpr absl::Duration kLongestStanding = absl::Hours(25);

// `place`: nothing for a single session.
absl::Status InsertSession(mysql::Session& sql, const Session& session,
                           const std::optional<TemplatePlace>& place, absl::Time now);
absl::StatusOr<std::optional<SessionRow>> LoadSession(mysql::Session& sql, SessionId id);
absl::StatusOr<std::optional<SessionRow>> LockSession(mysql::Session& sql, SessionId id);
// Some, in the order of their ids; those that are not there are left out.
absl::StatusOr<std::vector<SessionRow>> LockSessions(mysql::Session& sql,
                                                     const std::vector<SessionId>& ids);
// Stores the stage, a version on; the rows are locked by LockSessions.
absl::Status SaveRelease(mysql::Session& sql, const std::vector<SessionId>& ids,
                         ReleaseStage stage);
// What may be asked about a patient who wants a session of the department (and the expert, unless
// nil) that starts within `time`: each rule on each date once, and one that is none where a session
// is for all; at most PatientDirectory::kMostQuestions.
absl::StatusOr<std::vector<FitQuestion>> FitQuestionsOf(mysql::Session& sql,
                                                        DepartmentId department,
                                                        PractitionerId practitioner,
                                                        const Span& time);
// Sessions from `now` on with a free seat that the booker may take, by start and id.
absl::StatusOr<std::vector<SessionRow>> FindSessions(mysql::Session& sql,
                                                     const SessionFilter& filter,
                                                     const Booker& booker,
                                                     const SessionPosition& after, int limit,
                                                     absl::Time now);

}  // namespace yilian::scheduling
