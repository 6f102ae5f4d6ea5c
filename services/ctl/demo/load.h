// Loads the demo region into running services.
#pragma once

#include "absl/status/status.h"
#include "services/ctl/region.h"

namespace yilian::ctl::demo {

// Organizations, departments, people with accounts, residents with contracts, and two weeks of
// experts' sessions. Idempotent: what is there stays. Prints progress.
absl::Status Load(const Region& region);

}  // namespace yilian::ctl::demo
