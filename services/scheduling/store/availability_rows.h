// Rows of sites, absences and conflicts of templates. Functions run in the session that they are
// given.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "services/scheduling/domain/absence.h"
#include "services/scheduling/domain/replan.h"
#include "services/scheduling/domain/site.h"
#include "services/scheduling/domain/template_store.h"

namespace yilian::scheduling {

// A site without a row has the region's clock and is always open.
absl::StatusOr<Site> LoadSite(mysql::Session& sql, OrganizationId id, const TemplateRules& rules);
// Stores `site`, guarded, whose version is one above the row's.
absl::Status SaveSite(mysql::Session& sql, const Site& site, absl::Time now);

absl::Status InsertAbsence(mysql::Session& sql, const Absence& absence, absl::Time now);
absl::Status SaveAbsence(mysql::Session& sql, const Absence& absence);
absl::StatusOr<std::optional<Absence>> LoadAbsence(mysql::Session& sql, AbsenceId id);
absl::StatusOr<std::optional<Absence>> LockAbsence(mysql::Session& sql, AbsenceId id);
absl::StatusOr<std::vector<Absence>> ListAbsences(mysql::Session& sql, const AbsenceFilter& filter,
                                                  const AbsencePosition& after, int limit);
// When the expert is away from the organization's sessions after `now`.
absl::StatusOr<std::vector<Span>> AbsencesAfter(mysql::Session& sql, OrganizationId organization,
                                                PractitionerId expert, absl::Time now);

// The first one that keeps the expert from the organization's session at that time.
absl::StatusOr<std::optional<Absence>> AbsenceDuring(mysql::Session& sql,
                                                     OrganizationId organization,
                                                     PractitionerId expert, const Span& time);

// A later one of the same date takes the place of the one before.
absl::Status SaveConflict(mysql::Session& sql, const TemplateConflict& conflict);
absl::Status RemoveConflict(mysql::Session& sql, const TemplateConflict& conflict);
absl::StatusOr<std::vector<TemplateConflict>> ConflictsOf(mysql::Session& sql, TemplateId id);
absl::StatusOr<std::vector<TemplateConflict>> ListConflicts(mysql::Session& sql,
                                                            const ConflictFilter& filter,
                                                            const ConflictPosition& after,
                                                            int limit);
absl::StatusOr<std::map<TemplateId, int64_t>> CountConflicts(mysql::Session& sql,
                                                             const std::vector<TemplateId>& ids);

}  // namespace yilian::scheduling
