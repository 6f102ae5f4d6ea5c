// The methods of yilian.lab.v1.CriticalValueService: convert, one use case, convert back.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "common/crypto/sealed.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "services/lab/domain/critical_store.h"
#include "services/lab/rpc/sights.h"
#include "yilian/lab/v1/critical.pb.h"

namespace yilian::lab {

// Thread-safe; owned by the service's context.
class CriticalHandlers {
 public:
  struct Deps {
    CriticalStore& store;
    Sights& sights;
    const crypto::Sealer& sealer;
    const CriticalRules& rules;
  };
  explicit CriticalHandlers(const Deps& deps) : deps_(deps) {}

  absl::StatusOr<v1::CriticalValue> Get(const rpc::Call& call,
                                        const v1::GetCriticalValueRequest& request);
  absl::StatusOr<v1::ListCriticalValuesResponse> List(const rpc::Call& call,
                                                      const v1::ListCriticalValuesRequest& request);
  absl::StatusOr<v1::CriticalValue> Verify(const rpc::Call& call,
                                           const v1::VerifyCriticalValueRequest& request);
  absl::StatusOr<v1::CriticalValue> RecordNotification(
      const rpc::Call& call, const v1::RecordNotificationRequest& request);
  absl::StatusOr<v1::CriticalValue> ReadBack(const rpc::Call& call,
                                             const v1::ReadBackCriticalValueRequest& request);
  absl::StatusOr<v1::CriticalValue> RecordAction(const rpc::Call& call,
                                                 const v1::RecordCriticalActionRequest& request);

 private:
  using Command = std::function<absl::StatusOr<CriticalChange>(
      const CriticalValue& now, const CriticalActor& by, absl::Time at)>;
  // Every command on one critical value: who asks, decide, store, answer.
  absl::StatusOr<v1::CriticalValue> Run(const rpc::Call& call, const std::string& critical_value_id,
                                        const Command& command);

  Deps deps_;
};

// The service's methods, bound.
rpc::Dispatch Bind(CriticalHandlers& handlers);

}  // namespace yilian::lab
