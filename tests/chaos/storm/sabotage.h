// Does by hand what must never happen, and asks the checker whether it notices.
#pragma once

#include "absl/status/status.h"
#include "services/ctl/region.h"
#include "tests/chaos/storm/checker.h"

namespace yilian::chaos {

// Spoils the region's data step by step; an error names the first harm that went unnoticed. The
// region is of no use afterwards.
absl::Status ProveTheCheckerNotices(const ctl::Region& region, const Journal& journal,
                                    Checker& checker);

}  // namespace yilian::chaos
