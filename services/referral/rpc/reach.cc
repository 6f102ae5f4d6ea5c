#include "services/referral/rpc/reach.h"

#include <optional>

#include "common/base/status_macros.h"

namespace yilian::referral {

absl::Status CheckReach(ReceiverDirectory& receivers, OrganizationDirectory& organizations,
                        const rpc::Call& call, OrganizationId from, const Receiver& to,
                        const ReachRule& rule) {
  ASSIGN_OR_RETURN(const bool exists,
                   receivers.Exists(to.organization, to.department, call.deadline()));
  if (!exists) return errors::ReceiverUnknown(to.field);
  if (to.organization == from) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::optional<Organization> one,
                   organizations.Find(from, call.deadline()));
  ASSIGN_OR_RETURN(const std::optional<Organization> other,
                   organizations.Find(to.organization, call.deadline()));
  if (!one || !other) return errors::ReceiverUnknown(to.field);
  const errors::Violations broken = rule(*one, *other);
  return broken.empty() ? absl::OkStatus() : errors::FieldInvalid(broken);
}

}  // namespace yilian::referral
