// One factory for each reason in yilian.directory.v1.ErrorReason.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/directory/domain/types.h"

namespace yilian::directory::errors {

inline constexpr std::string_view kDomain = "yilian.directory";

// `resource`: "patient", "organization" ... Also for a patient whom the caller may not know of: the
// two must look alike.
absl::Status NotFound(std::string_view resource);
// The one answer for a wrong name, a wrong password and a disabled account.
absl::Status SignInFailed();
absl::Status SignInThrottled(absl::Duration wait);
// `kind`: which identifier belongs to another record: "name", "user_name", "national_id" ...
absl::Status IdentifierTaken(std::string_view kind);
absl::Status IdentityContradicts(const Violations& violations);
absl::Status PatientMerged(PatientId survivor);
absl::Status OrganizationOutside(OrganizationId consortium);
absl::Status FieldInvalid(const Violations& violations);
absl::Status ForeignOrganization();
// A decision that kept losing races against other callers.
absl::Status Contention();

}  // namespace yilian::directory::errors
