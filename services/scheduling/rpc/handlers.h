// The methods of yilian.scheduling.v1.SchedulingService: convert, one use case, convert back.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/crypto/sealed.h"
#include "common/relationship/check.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "services/scheduling/domain/rules.h"
#include "services/scheduling/domain/stores.h"
#include "yilian/scheduling/v1/scheduling.pb.h"

namespace yilian::scheduling {

// Thread-safe; owned by the service's context.
class SchedulingHandlers {
 public:
  struct Deps {
    SessionStore& sessions;
    BookingStore& bookings;
    relationship::Check& relationships;
    const crypto::Sealer& sealer;
    Rules rules;
  };
  explicit SchedulingHandlers(Deps deps) : deps_(deps) {}

  absl::StatusOr<v1::Session> CreateSession(const rpc::Call& call,
                                            const v1::CreateSessionRequest& request);
  absl::StatusOr<v1::Session> GetSession(const rpc::Call& call,
                                         const v1::GetSessionRequest& request);
  absl::StatusOr<v1::SearchSessionsResponse> SearchSessions(
      const rpc::Call& call, const v1::SearchSessionsRequest& request);
  absl::StatusOr<v1::Booking> HoldSeat(const rpc::Call& call, const v1::HoldSeatRequest& request);
  absl::StatusOr<v1::Booking> BookSeat(const rpc::Call& call, const v1::BookSeatRequest& request);
  absl::StatusOr<v1::Booking> CancelBooking(const rpc::Call& call,
                                            const v1::CancelBookingRequest& request);
  absl::StatusOr<v1::Booking> RescheduleBooking(const rpc::Call& call,
                                                const v1::RescheduleBookingRequest& request);
  absl::StatusOr<v1::Booking> MoveBooking(const rpc::Call& call,
                                          const v1::MoveBookingRequest& request);
  absl::StatusOr<v1::Booking> GetBooking(const rpc::Call& call,
                                         const v1::GetBookingRequest& request);

 private:
  absl::Status CheckHold(const rpc::Caller& caller, const v1::HoldSeatRequest& request) const;
  // NOT_FOUND unless the organization cares for the patient.
  absl::Status CheckPatient(const rpc::Call& call, PatientId patient,
                            OrganizationId organization) const;

  const Deps deps_;
};

// The service's methods, bound.
rpc::Dispatch Bind(SchedulingHandlers& handlers);

}  // namespace yilian::scheduling
