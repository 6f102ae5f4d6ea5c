// What the demo region's departments offer, and where its organizations are.
#pragma once

#include "absl/status/status.h"
#include "services/ctl/demo/person.h"

namespace yilian::ctl::demo {

// Loading twice changes nothing. The organizations and departments are there.
absl::Status LoadOffers(const Person& ctl);

}  // namespace yilian::ctl::demo
