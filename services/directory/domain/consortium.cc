#include "services/directory/domain/consortium.h"

#include "common/base/status_macros.h"
#include "services/directory/domain/errors.h"

namespace yilian::directory {

absl::StatusOr<Organization> Join(const Organization& now, OrganizationId lead,
                                  const std::optional<Organization>& found) {
  if (!now.consortium.is_nil()) {
    return errors::FieldInvalid(
        {{"organization_id", "is of an organization in no consortium: leave the other one first"}});
  }
  const bool hospital = now.tier == Tier::kTertiaryHospital || now.tier == Tier::kSecondaryHospital;
  if (lead == now.id && !hospital) {
    return errors::FieldInvalid(
        {{"lead_organization_id", "is a tertiary or secondary hospital's, to found a consortium"}});
  }
  Organization after = now;
  after.consortium = lead;
  RETURN_IF_ERROR(CheckConsortium(after, found));
  ++after.version;
  return after;
}

absl::StatusOr<Organization> Leave(const Organization& now, int64_t members) {
  if (now.consortium.is_nil()) {
    return errors::FieldInvalid({{"organization_id", "is of an organization in a consortium"}});
  }
  if (now.consortium == now.id && members > 1) {
    return errors::FieldInvalid(
        {{"organization_id", "is of a member, or of a lead whose members have left before"}});
  }
  Organization after = now;
  after.consortium = OrganizationId();
  ++after.version;
  return after;
}

}  // namespace yilian::directory
