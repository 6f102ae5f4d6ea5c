// Gives out what waits at a reading centre that assigns.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "services/consultation/domain/types.h"

namespace yilian::consultation {

// Gives each study, the most pressing first, to the reader that ChooseReader names, until nothing
// waits or nobody has a hand free; inside a timer's transaction. The centre's row is locked, so
// that two passes do not both count a reader as idle. A reader takes what they were given by
// claiming it within the centre's receipt time, else it is given out anew: while there is work and
// somebody on duty the pass comes back every half minute, whatever else gives occasion.
absl::Status AssignWaiting(mysql::Session& session, CentreId centre, absl::Time at);

}  // namespace yilian::consultation
