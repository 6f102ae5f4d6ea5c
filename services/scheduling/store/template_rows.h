// Rows of templates with their quotas and exceptions, and the sessions that were made from them.
// Functions run in the session that they are given.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "services/scheduling/domain/replan.h"
#include "services/scheduling/domain/session_template.h"
#include "services/scheduling/domain/template_store.h"
#include "services/scheduling/domain/travel.h"

namespace yilian::scheduling {

absl::Status InsertTemplate(mysql::Session& sql, const SessionTemplate& made, absl::Time now);
// Stores `made`, whose version is one above the row's; the row is locked.
absl::Status SaveTemplate(mysql::Session& sql, const SessionTemplate& made, absl::Time now);

absl::StatusOr<std::optional<SessionTemplate>> LoadTemplate(mysql::Session& sql, TemplateId id);
absl::StatusOr<std::optional<SessionTemplate>> LockTemplate(mysql::Session& sql, TemplateId id);
absl::StatusOr<std::vector<SessionTemplate>> ListTemplates(mysql::Session& sql,
                                                           const TemplateFilter& filter,
                                                           TemplateId after, int limit);
// Of any organization, with a date on `from` or later, by id.
absl::StatusOr<std::vector<SessionTemplate>> TemplatesOf(mysql::Session& sql, PractitionerId expert,
                                                         absl::CivilDay from);
absl::StatusOr<std::vector<SessionTemplate>> TemplatesAt(mysql::Session& sql, OrganizationId site,
                                                         absl::CivilDay from);

// Sessions of the template that have not begun at `now`, by date.
absl::StatusOr<std::vector<StandingSession>> StandingSessions(mysql::Session& sql, TemplateId id,
                                                              absl::Time now);
// The session is closed and has no date any more; `session` is locked and gets its next version.
absl::Status WithdrawSession(mysql::Session& sql, Session& session);

// Sessions that reach into `time`, those of the template `but` left out, by start; of an expert
// also those from which the longest way would.
absl::StatusOr<std::vector<BusySpan>> BusySpansOf(mysql::Session& sql, PractitionerId expert,
                                                  const Span& time, TemplateId but);
absl::StatusOr<std::vector<BusySpan>> BusySpansOf(mysql::Session& sql, OrganizationId site,
                                                  const Resource& resource, const Span& time,
                                                  TemplateId but);

}  // namespace yilian::scheduling
