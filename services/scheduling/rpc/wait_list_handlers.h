// The methods of yilian.scheduling.v1.WaitListService: convert, one use case, convert back.
#pragma once

#include "absl/status/statusor.h"
#include "common/crypto/sealed.h"
#include "common/relationship/check.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "services/scheduling/domain/wait_list_store.h"
#include "yilian/scheduling/v1/wait_list.pb.h"

namespace yilian::scheduling {

// Thread-safe; owned by the service's context.
class WaitListHandlers {
 public:
  struct Deps {
    WaitListStore& list;
    relationship::Check& relationships;
    const crypto::Sealer& sealer;
  };
  explicit WaitListHandlers(Deps deps) : deps_(deps) {}

  absl::StatusOr<v1::WaitListEntry> JoinWaitList(const rpc::Call& call,
                                                 const v1::JoinWaitListRequest& request);
  absl::StatusOr<v1::WaitListEntry> AcceptWaitListOffer(const rpc::Call& call,
                                                        const v1::WaitListOfferRequest& request);
  absl::StatusOr<v1::WaitListEntry> DeclineWaitListOffer(const rpc::Call& call,
                                                         const v1::WaitListOfferRequest& request);
  absl::StatusOr<v1::WaitListEntry> LeaveWaitList(const rpc::Call& call,
                                                  const v1::LeaveWaitListRequest& request);
  absl::StatusOr<v1::WaitListEntry> GetWaitListEntry(const rpc::Call& call,
                                                     const v1::GetWaitListEntryRequest& request);
  absl::StatusOr<v1::ListWaitListResponse> ListWaitList(const rpc::Call& call,
                                                        const v1::ListWaitListRequest& request);

 private:
  const Deps deps_;
};

// The service's methods, bound.
rpc::Dispatch Bind(WaitListHandlers& handlers);

}  // namespace yilian::scheduling
