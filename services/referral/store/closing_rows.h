// What is said of a referral once it is completed, as rows of their own: most referrals that are
// written or listed have none.
#pragma once

#include "absl/status/status.h"
#include "common/mysql/session.h"
#include "services/referral/domain/referral.h"

namespace yilian::referral {

// The patient's rating and the contacts after closing.
absl::Status ReadClosing(mysql::Session& session, Referral& referral);
// What was added since `before`; nullptr: a new referral.
absl::Status WriteClosing(mysql::Session& session, const Referral* before, const Referral& after);

}  // namespace yilian::referral
