// The methods of yilian.scheduling.v1.TravelService: convert, one use case, convert back.
#pragma once

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "services/scheduling/domain/travel_store.h"
#include "yilian/scheduling/v1/travel.pb.h"

namespace yilian::scheduling {

// Thread-safe; owned by the service's context.
class TravelHandlers {
 public:
  explicit TravelHandlers(TravelStore& travel) : travel_(travel) {}

  absl::StatusOr<v1::TravelTime> SetTravelTime(const rpc::Call& call,
                                               const v1::SetTravelTimeRequest& request);
  absl::StatusOr<v1::TravelTime> RemoveTravelTime(const rpc::Call& call,
                                                  const v1::RemoveTravelTimeRequest& request);
  absl::StatusOr<v1::TravelTime> GetTravelTime(const rpc::Call& call,
                                               const v1::GetTravelTimeRequest& request);

 private:
  TravelStore& travel_;
};

// The service's methods, bound.
rpc::Dispatch Bind(TravelHandlers& handlers);

namespace convert {
v1::TravelTime ToProto(const TravelTime& time);
}  // namespace convert

}  // namespace yilian::scheduling
