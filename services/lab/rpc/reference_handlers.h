// The methods of yilian.lab.v1.ReferenceService: convert, one use case, convert back.
#pragma once

#include "absl/status/statusor.h"
#include "common/crypto/sealed.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "services/lab/domain/reference_store.h"
#include "yilian/lab/v1/reference.pb.h"

namespace yilian::lab {

// Thread-safe; owned by the service's context.
class ReferenceHandlers {
 public:
  ReferenceHandlers(ReferenceStore& store, const crypto::Sealer& sealer)
      : store_(store), sealer_(sealer) {}

  absl::StatusOr<v1::ReferenceInterval> Define(const rpc::Call& call,
                                               const v1::DefineReferenceIntervalRequest& request);
  absl::StatusOr<v1::ReferenceInterval> Remove(const rpc::Call& call,
                                               const v1::RemoveReferenceIntervalRequest& request);
  absl::StatusOr<v1::ListReferenceIntervalsResponse> List(
      const rpc::Call& call, const v1::ListReferenceIntervalsRequest& request);

 private:
  ReferenceStore& store_;
  const crypto::Sealer& sealer_;
};

// The service's methods, bound.
rpc::Dispatch Bind(ReferenceHandlers& handlers);

}  // namespace yilian::lab
