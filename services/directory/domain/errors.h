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
// The code is missing, wrong or was used before: one answer for all.
absl::Status SecondFactorWrong();
absl::Status SecondFactorMissing();
absl::Status PasswordMustChange();
absl::Status PasswordWeak(const Violations& violations);
absl::Status NoAffiliation();
// A security administrator acted on their own account.
absl::Status OwnAccount();
absl::Status GlassNotNeeded();
absl::Status ReviewDone();
absl::Status ConsentRevoked();
// `kind`: which identifier belongs to another record: "name", "user_name", "national_id" ...
absl::Status IdentifierTaken(std::string_view kind);
absl::Status IdentityContradicts(const Violations& violations);
absl::Status PatientMerged(PatientId survivor);
absl::Status MergeUndone();
// The survivor was merged itself, by `later`.
absl::Status MergeCovered(const base::Uuid& later);
// `state`: what was decided.
absl::Status ReviewDecided(std::string_view state);
// The record has another version than the one that the caller has read.
absl::Status EtagStale(int64_t version);
// The resident has `contract` on some of the days.
absl::Status ContractOverlaps(ContractId contract);
// `state`: how it ended.
absl::Status ContractEnded(std::string_view state);
absl::Status OrganizationOutside(OrganizationId consortium);
absl::Status FieldInvalid(const Violations& violations);
absl::Status ForeignOrganization();
// A decision that kept losing races against other callers.
absl::Status Contention();

}  // namespace yilian::directory::errors
