#include "services/directory/domain/admission.h"

#include "services/directory/domain/errors.h"

namespace yilian::directory {

absl::Status CheckStay(OrganizationId organization, const Actor& actor, absl::Time time,
                       std::string_view field, absl::Time now) {
  if (!actor.is_service && organization != actor.organization) return errors::ForeignOrganization();
  if (time > now + kClockDifference) {
    return errors::FieldInvalid({{std::string(field), "is not in the future"}});
  }
  return absl::OkStatus();
}

absl::StatusOr<Admission> Discharged(const Admission& admission, absl::Time at) {
  if (admission.discharged_at) return admission;
  if (at < admission.admitted_at) {
    return errors::FieldInvalid({{"discharged_at", "is not before the admission"}});
  }
  Admission after = admission;
  after.discharged_at = at;
  ++after.version;
  return after;
}

}  // namespace yilian::directory
