// The method of yilian.scheduling.v1.WalkInService: convert, one use case, convert back.
#pragma once

#include "absl/status/statusor.h"
#include "common/relationship/check.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "services/scheduling/domain/rules.h"
#include "services/scheduling/domain/stores.h"
#include "yilian/scheduling/v1/walk_in.pb.h"

namespace yilian::scheduling {

// Thread-safe; owned by the service's context.
class WalkInHandlers {
 public:
  struct Deps {
    BookingStore& bookings;
    relationship::Check& relationships;
    Rules rules;
  };
  explicit WalkInHandlers(Deps deps) : deps_(deps) {}

  absl::StatusOr<v1::Booking> BookWalkIn(const rpc::Call& call,
                                         const v1::BookWalkInRequest& request);

 private:
  const Deps deps_;
};

// The service's methods, bound.
rpc::Dispatch Bind(WalkInHandlers& handlers);

}  // namespace yilian::scheduling
