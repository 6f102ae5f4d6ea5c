// Sensitive classes of stored reports, and who may see what is of them.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/mysql/session.h"
#include "services/lab/domain/report.h"

namespace yilian::lab {

// Timer of a code whose class changed; its aggregate is the SensitiveCodeId.
inline constexpr std::string_view kSensitivityTimer = "lab.Sensitivity";

// The values of YILIAN_IN_SIGHT.
void AddSight(const Sight& sight, mysql::Values& values);

// Nobody takes a report in until the transaction ends: what is committed before is walked, what
// comes after is marked by what is in force then.
absl::Status ShutSensitiveCodes(mysql::Session& session);

// Finds the classes of all stored versions of the report, whose row is locked, and writes them
// where they are not those of `report`. Whether they changed. Two statements, a third where they
// did.
absl::StatusOr<bool> MarkSensitive(mysql::Session& session, Report& report);

// Of which classes the organization may read the patient's reports now. Index:
// ix_sensitive_grant__patient.
absl::StatusOr<ClassSet> GrantedTo(mysql::Session& session, PatientId patient,
                                   OrganizationId organization, absl::Time at);

// Every organization that cares for the patient and may see what is of these classes.
absl::StatusOr<std::vector<base::Uuid>> CaringReaders(mysql::Session& session, PatientId patient,
                                                      ClassSet sensitive, absl::Time at);

// One step of the walk that follows the change of a code's class. A step that was taken twice
// changes nothing.
absl::Status RunSensitivity(mysql::Session& session, SensitiveCodeId id, absl::Time at);
absl::Status SetSensitivityTimer(mysql::Session& session, SensitiveCodeId id, absl::Time at);

}  // namespace yilian::lab
