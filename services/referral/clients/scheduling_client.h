// Seats in `scheduling`, for the booking saga.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "services/referral/domain/ports.h"
#include "yilian/scheduling/v1/scheduling.grpc.pb.h"

namespace yilian::referral {

// Thread-safe. Calls as this service, for the organization that is named; each blocks for at most 5
// s.
class SchedulingClient : public SeatBooking {
 public:
  explicit SchedulingClient(std::shared_ptr<grpc::Channel> channel);
  absl::StatusOr<Held> Hold(const base::Uuid& request, const Wish& wish) override;
  absl::Status Book(const base::Uuid& request, BookingId booking,
                    const std::string& hold_token) override;
  absl::StatusOr<BookingReference> Reschedule(const base::Uuid& request, BookingId booking,
                                              const Wish& wish) override;
  absl::Status Move(const base::Uuid& request, BookingId booking, VisitState state) override;
  absl::Status Cancel(const base::Uuid& request, BookingId booking,
                      std::string_view reason) override;

 private:
  const std::unique_ptr<scheduling::v1::SchedulingService::Stub> stub_;
};

}  // namespace yilian::referral
