// The methods of yilian.lab.v1.SharingService: convert, one use case, convert back.
#pragma once

#include "absl/status/statusor.h"
#include "common/crypto/sealed.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "services/lab/domain/sharing_store.h"
#include "yilian/lab/v1/sharing.pb.h"

namespace yilian::lab {

// Thread-safe; owned by the service's context.
class SharingHandlers {
 public:
  SharingHandlers(SharingStore& store, const crypto::Sealer& sealer)
      : store_(store), sealer_(sealer) {}

  absl::StatusOr<v1::SensitiveCode> Define(const rpc::Call& call,
                                           const v1::DefineSensitiveCodeRequest& request);
  absl::StatusOr<v1::ListSensitiveCodesResponse> List(const rpc::Call& call,
                                                      const v1::ListSensitiveCodesRequest& request);
  absl::StatusOr<v1::SensitiveGrant> Grant(const rpc::Call& call,
                                           const v1::GrantSensitiveAccessRequest& request);
  absl::StatusOr<v1::SensitiveGrant> Revoke(const rpc::Call& call,
                                            const v1::RevokeSensitiveAccessRequest& request);
  absl::StatusOr<v1::ListSensitiveGrantsResponse> ListGrants(
      const rpc::Call& call, const v1::ListSensitiveGrantsRequest& request);

 private:
  SharingStore& store_;
  const crypto::Sealer& sealer_;
};

// The service's methods, bound.
rpc::Dispatch Bind(SharingHandlers& handlers);

}  // namespace yilian::lab
