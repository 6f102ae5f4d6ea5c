// One factory for each reason in yilian.referral.v1.ErrorReason.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/referral/domain/types.h"

namespace yilian::referral::errors {

inline constexpr std::string_view kDomain = "yilian.referral";

// A field or precondition, and the rule it breaks.
using Violations = std::vector<std::pair<std::string, std::string>>;

// Also for a referral of others: the two must look alike.
absl::Status NotFound();
absl::Status CommandNotAvailable(Command command, State state,
                                 const std::vector<Command>& available);
// A booked seat's time has not come yet.
absl::Status TooEarly(absl::Time starts_at);
// The patient is being referred there for the same complaint already. `first`: that referral.
absl::Status Duplicate(ReferralId first);
// As above, by an organization whose referrals the caller may not see.
absl::Status DuplicateElsewhere();
// What the source of a referral has to be; `field`: the part that is wrong.
absl::Status SourceUnfit(std::string_view field, std::string_view rule);
absl::Status NotYourSide(Command command, Side side);
// Of the receiving side, by somebody whose care the patient is to judge.
absl::Status NotForWhoIsJudged(Command command);
absl::Status EtagStale(std::string_view current_etag);
// Every missing item at once.
absl::Status Incomplete(const Violations& missing);
// Nobody can say now whether the cited reports exist.
absl::Status CitationsUnchecked();
absl::Status ReceiverUnknown(std::string_view field);
absl::Status FieldInvalid(const Violations& violations);
absl::Status PatientUnavailable();
absl::Status TaskNotFound();
absl::Status TaskClosed(std::string_view state);

}  // namespace yilian::referral::errors
