#include "services/referral/domain/booking_failure.h"

#include "common/base/name_table.h"
#include "common/status/error.h"

namespace yilian::referral {
namespace {

// Reasons of yilian.scheduling.v1.ErrorReason.
constexpr auto kReasons = base::Names<BookingFailure>({
    {BookingFailure::kNoSeat, "NO_SEAT"},
    {BookingFailure::kPatientOverlap, "PATIENT_OVERLAP"},
    {BookingFailure::kSessionClosed, "SESSION_CLOSED"},
    {BookingFailure::kReferralBooked, "REFERRAL_BOOKED"},
    {BookingFailure::kNotFound, "NOT_FOUND"},
    {BookingFailure::kNotPermitted, "FOREIGN_ORGANIZATION"},
});

}  // namespace

BookingFailure BookingFailureOf(const absl::Status& refused) {
  if (const auto known = kReasons.ValueOf(status::ReasonOf(refused))) return *known;
  switch (refused.code()) {
    case absl::StatusCode::kNotFound:
      return BookingFailure::kNotFound;
    case absl::StatusCode::kPermissionDenied:
      return BookingFailure::kNotPermitted;
    default:
      return BookingFailure::kOther;
  }
}

bool IsSlotNotFound(BookingFailure failure) {
  return failure == BookingFailure::kNoSeat || failure == BookingFailure::kSessionClosed ||
         failure == BookingFailure::kNone;
}

}  // namespace yilian::referral
