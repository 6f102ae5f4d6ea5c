// Which method a command is, by its name, and whose it is by the method's policy.
#pragma once

#include "common/rpc/call.h"
#include "services/referral/domain/types.h"

namespace yilian::referral {

// Whether the policy of the command's method names the caller; which side they are on is the
// domain's to say.
bool MayCall(Command command, const rpc::Caller& caller);

}  // namespace yilian::referral
