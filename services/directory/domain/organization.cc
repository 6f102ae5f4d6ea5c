#include "services/directory/domain/organization.h"

#include "services/directory/domain/errors.h"

namespace yilian::directory {

absl::Status CheckConsortium(const Organization& organization,
                             const std::optional<Organization>& lead) {
  if (organization.consortium.is_nil()) return absl::OkStatus();
  if (organization.consortium == organization.id) return absl::OkStatus();
  if (!lead || lead->id != organization.consortium || lead->consortium != lead->id) {
    return errors::OrganizationOutside(organization.consortium);
  }
  return absl::OkStatus();
}

}  // namespace yilian::directory
