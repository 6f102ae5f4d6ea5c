// The rows of practitioner and of where they practise. Each function works in the transaction it is
// given.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "services/directory/domain/practitioner.h"

namespace yilian::directory::practitioners {

// Of practitioner_id, organization_id, department_id, name, title, expert, title_code, version.
Practitioner ToPractitioner(const mysql::Row& row);

absl::StatusOr<std::optional<Practitioner>> Read(mysql::Session& session, PractitionerId id);
// Locked until the transaction ends. NOT_FOUND, ETAG_STALE.
absl::StatusOr<Practitioner> LockAt(mysql::Session& session, PractitionerId id, int64_t version);
// With the title and the practice that they begin with.
absl::Status Insert(mysql::Session& session, const Practitioner& practitioner, absl::Time now);
// Organization, department, title and version, of a locked one.
absl::Status Update(mysql::Session& session, const Practitioner& practitioner);

absl::Status WriteTitle(mysql::Session& session, PractitionerId id, const TitleAward& award);
// The latest first.
absl::StatusOr<std::vector<TitleAward>> TitlesOf(mysql::Session& session, PractitionerId id);

// The latest first. One whom an earlier release added practises where their record says.
absl::StatusOr<std::vector<Practice>> PracticesOf(mysql::Session& session, PractitionerId id);
// Adds it, or writes its end.
absl::Status WritePractice(mysql::Session& session, const Practice& practice);

}  // namespace yilian::directory::practitioners

namespace yilian::directory {

// For writes of other tables that name one: NOT_FOUND also for a practitioner who does not practise
// in the organization at `at`.
absl::Status RequirePractitioner(mysql::Session& session, PractitionerId practitioner,
                                 OrganizationId organization, absl::Time at);

}  // namespace yilian::directory
