// What the referral service needs of others, in its own words.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/referral/domain/receiver.h"
#include "services/referral/domain/referral.h"

namespace yilian::referral {

// Whether a receiver exists. Answers may be minutes old: organizations and departments change
// rarely.
class ReceiverDirectory {
 public:
  virtual ~ReceiverDirectory() = default;
  // `department` may be nil. False: unknown. UNAVAILABLE when the directory cannot be asked.
  virtual absl::StatusOr<bool> Exists(OrganizationId organization, DepartmentId department,
                                      absl::Time deadline) = 0;
};

// What the directory knows of an organization, for the rules of who may refer to whom.
class OrganizationDirectory {
 public:
  virtual ~OrganizationDirectory() = default;
  // nullopt: unknown. Answers may be a minute old. UNAVAILABLE when the directory cannot be asked.
  virtual absl::StatusOr<std::optional<Organization>> Find(OrganizationId organization,
                                                           absl::Time deadline) = 0;
};

// Reports in `lab`, as far as a referral cites them.
class CitedReports {
 public:
  virtual ~CitedReports() = default;
  // Those of `reports` (UUIDs) that are no reports on this patient which the organization may see.
  // UNAVAILABLE or DEADLINE_EXCEEDED where `lab` cannot say so in a moment.
  virtual absl::StatusOr<std::vector<std::string>> Unknown(OrganizationId organization,
                                                           PatientId patient,
                                                           const std::vector<std::string>& reports,
                                                           absl::Time deadline) = 0;
};

// A signed opinion in `consultation`, from which a referral may be made.
struct SignedOpinion {
  PatientId patient;
  OrganizationId requesting_organization;
};
class OpinionDirectory {
 public:
  virtual ~OpinionDirectory() = default;
  // nullopt: no consultation that the person may see, or one without a signed opinion. `token`: of
  // the person who asks; "" for a system, which then has to be trusted by `organization`.
  virtual absl::StatusOr<std::optional<SignedOpinion>> Find(const std::string& consultation_id,
                                                            std::string_view token,
                                                            absl::Time deadline) = 0;
};

// A seat in `scheduling`, for the booking saga. `request` makes each call idempotent.
class SeatBooking {
 public:
  struct Wish {
    DepartmentId department;
    SessionId session;            // nil: any
    PractitionerId practitioner;  // nil: any
    PatientId patient;
    OrganizationId booking_organization;
    ReferralId referral;
    bool green_channel = false;
    Setting setting = Setting::kOutpatient;  // which kinds of sessions are meant
  };
  struct Held {
    BookingReference booking;
    std::string hold_token;
  };
  virtual ~SeatBooking() = default;
  virtual absl::StatusOr<Held> Hold(const base::Uuid& request, const Wish& wish) = 0;
  virtual absl::Status Book(const base::Uuid& request, BookingId booking,
                            const std::string& hold_token) = 0;
  // The booking on another seat, or an error and it is where it was.
  virtual absl::StatusOr<BookingReference> Reschedule(const base::Uuid& request, BookingId booking,
                                                      const Wish& wish) = 0;
  virtual absl::Status Move(const base::Uuid& request, BookingId booking, VisitState state) = 0;
  virtual absl::Status Cancel(const base::Uuid& request, BookingId booking,
                              std::string_view reason) = 0;
};

}  // namespace yilian::referral
