// One factory for each reason in yilian.scheduling.v1.ErrorReason.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/scheduling/domain/travel.h"
#include "services/scheduling/domain/types.h"

namespace yilian::scheduling::errors {

inline constexpr std::string_view kDomain = "yilian.scheduling";

// A field, and the rule it breaks.
using Violations = std::vector<std::pair<std::string, std::string>>;

// Also for what belongs to others: the two must look alike.
absl::Status SessionNotFound();
absl::Status BookingNotFound();
absl::Status PatientNotFound();
absl::Status WaitListEntryNotFound();
absl::Status CalendarLinkNotFound();
// Nor has it ever had a session.
absl::Status DepartmentNotFound();
// `reserved_elsewhere`: free seats that are kept for others until they are released.
absl::Status NoSeat(SessionId session, int64_t reserved_elsewhere);
absl::Status NoSeat(DepartmentId department, int64_t reserved_elsewhere);
absl::Status HoldExpired(absl::Time expired_at);
absl::Status PatientOverlap(BookingId blocking);
// `date`: the day of the session, YYYY-MM-DD.
absl::Status PatientLimit(int limit, std::string_view date, BookingId blocking);
absl::Status NoShowLimit(int limit, absl::Duration period, absl::Time until);
absl::Status ExpertOverlap(const TravelClash& clash);
absl::Status ReferralBooked(BookingId blocking);
absl::Status CommandNotAvailable(std::string_view command, BookingState state);
absl::Status CommandNotAvailable(std::string_view command, WaitListState state);
// `blocking`: nil where the caller may not know of it.
absl::Status AlreadyWaiting(WaitListEntryId blocking);
// Who is no service changes the booking of a referral.
absl::Status BookedByReferral(ReferralId referral);
absl::Status FieldInvalid(const Violations& violations);
absl::Status ForeignOrganization();
// `limit`: live links that one person may have.
absl::Status CalendarLinkLimit(int limit);
absl::Status NotToday(SessionId session, absl::Time starts_at);
absl::Status SessionClosed(SessionId session, absl::Time starts_at);

}  // namespace yilian::scheduling::errors
