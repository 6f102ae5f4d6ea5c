// The methods of yilian.scheduling.v1.RotaService: convert, one use case, convert back.
#pragma once

#include "absl/status/statusor.h"
#include "common/crypto/sealed.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "services/scheduling/rota/rota_store.h"
#include "yilian/scheduling/v1/rota.pb.h"

namespace yilian::scheduling {

// Thread-safe; owned by the service's context.
class RotaHandlers {
 public:
  struct Deps {
    rota::RotaStore& rotas;
    const crypto::Sealer& sealer;
  };
  explicit RotaHandlers(Deps deps) : deps_(deps) {}

  absl::StatusOr<v1::Rota> PlanRota(const rpc::Call& call, const v1::PlanRotaRequest& request);
  absl::StatusOr<v1::GetRotaResponse> GetRota(const rpc::Call& call,
                                              const v1::GetRotaRequest& request);
  absl::StatusOr<v1::ListRotasResponse> ListRotas(const rpc::Call& call,
                                                  const v1::ListRotasRequest& request);
  absl::StatusOr<v1::Rota> CancelRota(const rpc::Call& call, const v1::CancelRotaRequest& request);
  absl::StatusOr<v1::RotaReview> EditRota(const rpc::Call& call,
                                          const v1::EditRotaRequest& request);
  absl::StatusOr<v1::RotaReview> CheckRota(const rpc::Call& call,
                                           const v1::CheckRotaRequest& request);
  absl::StatusOr<v1::PublishRotaResponse> PublishRota(const rpc::Call& call,
                                                      const v1::PublishRotaRequest& request);

 private:
  const Deps deps_;
};

// The service's methods, bound.
rpc::Dispatch Bind(RotaHandlers& handlers);

}  // namespace yilian::scheduling
