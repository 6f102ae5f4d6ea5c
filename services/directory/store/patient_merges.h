// The rows of a merge and of its undoing. Both run in the transaction they are given, on records
// that the caller has locked.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "common/unit/unit_of_work.h"
#include "services/directory/domain/patient_index.h"

namespace yilian::directory::merges {

// Gives the survivor what the merged record has, remembers each row, and appends PatientsMerged.
// Both are live.
absl::Status Merge(unit::Scope& scope, const Patient& survivor, const Patient& merged);

// The merge, locked. Nothing: there is none.
absl::StatusOr<std::optional<PatientMerge>> Lock(mysql::Session& session, MergeId id);
absl::StatusOr<std::vector<PatientMerge>> OfPatient(mysql::Session& session, PatientId patient);
// The merge that stands by which `merged` was merged. Nothing while it is live.
absl::StatusOr<std::optional<MergeId>> StandingMergeOf(mysql::Session& session, PatientId merged);

// Gives the merged record back what Merge took from it, ends what the survivor's carers saw because
// of it, and appends PatientsUnmerged. The merge stands and the survivor is live.
absl::Status Undo(unit::Scope& scope, const PatientMerge& merge, int64_t survivor_version);

}  // namespace yilian::directory::merges
