#include "services/referral/domain/worklist.h"

namespace yilian::referral {

std::vector<WorklistKind> WorklistsOf(Desk desk) {
  using enum WorklistKind;
  switch (desk) {
    case Desk::kClinic:  // refers, and takes patients back
      return {kToTriage,     kReturned, kAwaitingBooking, kOverdue,
              kFollowUpsDue, kDrafts,   kInCare,          kRejected};
    case Desk::kHospital:
      return {kToTriage, kReturned, kArriving, kLettersOutstanding,
              kOverdue,  kDrafts,   kInCare,   kRejected};
    case Desk::kReferralOffice:
      return {kToTriage,           kReturned, kAwaitingBooking, kArriving,
              kLettersOutstanding, kOverdue,  kInCare,          kRejected};
    case Desk::kRegion:
      return {kOverdue};
  }
  return {};
}

WorklistTimes WorklistTimes::At(absl::Time now, const absl::TimeZone& zone, int days_ahead) {
  const absl::CivilDay last = absl::ToCivilDay(now, zone) + days_ahead;
  return {.now = now,
          .end_of_day = absl::FromCivil(last + 1, zone),
          .last_day = last,
          .oldest_rejection = now - kRejectedShown};
}

}  // namespace yilian::referral
