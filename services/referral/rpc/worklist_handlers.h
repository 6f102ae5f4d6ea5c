// The methods of yilian.referral.v1.ReferralWorklistService.
#pragma once

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/crypto/sealed.h"
#include "common/outbox/feed.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "services/referral/domain/worklist.h"
#include "yilian/referral/v1/worklist.pb.h"

namespace yilian::referral {

// Thread-safe; owned by the service's context.
class WorklistHandlers {
 public:
  struct Deps {
    WorklistStore& store;
    outbox::Feed& feed;
    const crypto::Sealer& sealer;
    const base::Clock& clock;
    absl::TimeZone zone;  // of the region: in which a day ends
  };
  explicit WorklistHandlers(const Deps& deps) : deps_(deps) {}

  absl::StatusOr<v1::ListWorklistResponse> List(const rpc::Call& call,
                                                const v1::ListWorklistRequest& request);
  absl::StatusOr<v1::CountWorklistsResponse> Count(const rpc::Call& call,
                                                   const v1::CountWorklistsRequest& request);
  // Returns at once; the stream lives on in the feed.
  absl::Status Watch(const rpc::Call& call, const v1::WatchReferralsRequest& request,
                     std::shared_ptr<rpc::ServerStream<v1::WatchReferralsResponse>> stream);

 private:
  Deps deps_;
};

// The service's methods, bound.
rpc::Dispatch Bind(WorklistHandlers& handlers);

}  // namespace yilian::referral
