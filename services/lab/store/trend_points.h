// The points of a report, inside the transaction that changes what readers see of it.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "common/mysql/session.h"
#include "services/lab/domain/delta_check.h"
#include "services/lab/domain/trend.h"

namespace yilian::lab {

// `before`: what readers saw until now; null for a report that is new. Two statements at most,
// whatever the number of observations up to 200.
absl::Status ReplacePoints(mysql::Session& session, const Report* before, const Report& after);

// Compares the values of the report with the patient's earlier ones of other reports, where a limit
// is there for them. A sensitive one is compared with only where both parties of this report are
// parties of that one: the report shows what it was compared with. One statement where there is a
// limit, else none.
absl::Status JudgeDeltas(mysql::Session& session, const std::vector<DeltaLimit>& limits,
                         Report& report);

}  // namespace yilian::lab
