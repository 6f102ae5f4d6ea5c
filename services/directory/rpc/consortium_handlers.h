// The methods of yilian.directory.v1.ConsortiumService.
#pragma once

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "common/unit/unit_of_work.h"
#include "services/directory/domain/consortium.h"
#include "yilian/directory/v1/consortium.pb.h"

namespace yilian::directory {

// Thread-safe; owned by the service's context.
class ConsortiumHandlers {
 public:
  struct Deps {
    unit::UnitOfWork& unit;
    ConsortiumStore& consortia;
  };
  explicit ConsortiumHandlers(Deps deps) : deps_(deps) {}

  absl::StatusOr<v1::Organization> JoinConsortium(const rpc::Call& call,
                                                  const v1::JoinConsortiumRequest& request);
  absl::StatusOr<v1::Organization> LeaveConsortium(const rpc::Call& call,
                                                   const v1::LeaveConsortiumRequest& request);
  absl::StatusOr<v1::ListConsortiumMembershipsResponse> ListConsortiumMemberships(
      const rpc::Call& call, const v1::ListConsortiumMembershipsRequest& request);

 private:
  const Deps deps_;
};

// Outlives the server.
rpc::Dispatch Bind(ConsortiumHandlers& handlers);

}  // namespace yilian::directory
