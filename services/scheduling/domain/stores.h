// Where sessions and bookings are kept, as the use cases ask for them. store/ implements both.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/scheduling/domain/booking.h"
#include "services/scheduling/domain/encoding.h"
#include "services/scheduling/domain/requests.h"

namespace yilian::unit {
struct WriteContext;  // who asks, the request's id, the deadline; handed through
}

namespace yilian::scheduling {

// Answers of writes are the RPCs' own messages: the ledger remembers them for a repeated request.
// Implementations are thread-safe.
class BookingStore {
 public:
  virtual ~BookingStore() = default;
  virtual absl::StatusOr<v1::Booking> Hold(const unit::WriteContext& context,
                                           const HoldCommand& command) = 0;
  // The commands answer NOT_FOUND unless `by` is a party, as for a booking that does not exist.
  virtual absl::StatusOr<v1::Booking> Book(const unit::WriteContext& context, BookingId id,
                                           const Actor& by) = 0;
  virtual absl::StatusOr<v1::Booking> Cancel(const unit::WriteContext& context, BookingId id,
                                             const Actor& by, std::string_view reason) = 0;
  virtual absl::StatusOr<v1::Booking> Move(const unit::WriteContext& context, BookingId id,
                                           const Actor& by, BookingState to) = 0;
  // Held, booked and checked in at once, for `reason`. FOREIGN_ORGANIZATION unless the booker
  // offers the session or it takes place there.
  virtual absl::StatusOr<v1::Booking> WalkIn(const unit::WriteContext& context,
                                             const HoldCommand& command,
                                             std::string_view reason) = 0;
  // On another seat; what is refused leaves the booking where it is.
  virtual absl::StatusOr<v1::Booking> Reschedule(const unit::WriteContext& context,
                                                 const RescheduleCommand& command,
                                                 const Actor& by) = 0;
  virtual absl::StatusOr<Booking> Get(BookingId id, const Actor& by, absl::Time deadline) = 0;
};

class SessionStore {
 public:
  virtual ~SessionStore() = default;
  // `booking_organization`: for whom free seats are counted in the answer; nil: for nobody in
  // particular.
  virtual absl::StatusOr<v1::Session> Create(const unit::WriteContext& context,
                                             const NewSession& offer,
                                             OrganizationId booking_organization) = 0;
  virtual absl::StatusOr<SessionView> Get(SessionId id, OrganizationId booking_organization,
                                          absl::Time deadline) = 0;
  // Only sessions with a seat that HoldSeat would give the booker at that moment.
  virtual absl::StatusOr<SessionPage> Search(const SessionSearch& search, absl::Time deadline) = 0;
};

}  // namespace yilian::scheduling
