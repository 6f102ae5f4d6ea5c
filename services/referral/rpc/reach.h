// Whether somebody may turn to a department elsewhere: it exists, and the rule between the two
// organizations holds.
#pragma once

#include <functional>
#include <string_view>

#include "absl/status/status.h"
#include "common/rpc/call.h"
#include "services/referral/domain/errors.h"
#include "services/referral/domain/ports.h"
#include "services/referral/domain/receiver.h"

namespace yilian::referral {

struct Receiver {
  OrganizationId organization;
  DepartmentId department;
  std::string_view field;  // as the caller named it
};
using ReachRule =
    std::function<errors::Violations(const Organization& from, const Organization& to)>;

// RECEIVER_UNKNOWN, or FIELD_INVALID as the rule says. Turning to oneself is the domain's to
// refuse.
absl::Status CheckReach(ReceiverDirectory& receivers, OrganizationDirectory& organizations,
                        const rpc::Call& call, OrganizationId from, const Receiver& to,
                        const ReachRule& rule);

}  // namespace yilian::referral
