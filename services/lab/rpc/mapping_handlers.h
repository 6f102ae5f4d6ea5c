// The methods of yilian.lab.v1.MappingService: convert, one use case, convert back.
#pragma once

#include "absl/status/statusor.h"
#include "common/crypto/sealed.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "services/lab/domain/mapping_store.h"
#include "yilian/lab/v1/mapping.pb.h"

namespace yilian::lab {

// Thread-safe; owned by the service's context.
class MappingHandlers {
 public:
  MappingHandlers(MappingStore& store, const crypto::Sealer& sealer)
      : store_(store), sealer_(sealer) {}

  absl::StatusOr<v1::Mapping> Define(const rpc::Call& call,
                                     const v1::DefineMappingRequest& request);
  absl::StatusOr<v1::Mapping> Remove(const rpc::Call& call,
                                     const v1::RemoveMappingRequest& request);
  absl::StatusOr<v1::ListMappingsResponse> List(const rpc::Call& call,
                                                const v1::ListMappingsRequest& request);
  absl::StatusOr<v1::ListMappingItemsResponse> ListItems(
      const rpc::Call& call, const v1::ListMappingItemsRequest& request);
  absl::StatusOr<v1::SuggestMappingsResponse> Suggest(const rpc::Call& call,
                                                      const v1::SuggestMappingsRequest& request);

 private:
  MappingStore& store_;
  const crypto::Sealer& sealer_;
};

// The service's methods, bound.
rpc::Dispatch Bind(MappingHandlers& handlers);

}  // namespace yilian::lab
