// The methods of yilian.lab.v1.TrendService: convert, one use case, convert back.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "common/crypto/sealed.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "services/lab/domain/trend_store.h"
#include "services/lab/rpc/sights.h"
#include "yilian/lab/v1/trend.pb.h"

namespace yilian::lab {

// Thread-safe; owned by the service's context.
class TrendHandlers {
 public:
  struct Deps {
    TrendStore& store;
    Sights& sights;
    const crypto::Sealer& sealer;
  };
  explicit TrendHandlers(const Deps& deps) : deps_(deps) {}

  absl::StatusOr<v1::GetTrendResponse> Get(const rpc::Call& call,
                                           const v1::GetTrendRequest& request);
  absl::StatusOr<v1::ListTrendsResponse> List(const rpc::Call& call,
                                              const v1::ListTrendsRequest& request);
  absl::StatusOr<v1::CumulativeReport> GetCumulative(const rpc::Call& call,
                                                     const v1::GetCumulativeReportRequest& request);

 private:
  // Who asks about whom, and what they may see.
  absl::StatusOr<TrendReader> ReaderOf(const rpc::Call& call, const std::string& patient_id);

  Deps deps_;
};

// The service's methods, bound.
rpc::Dispatch Bind(TrendHandlers& handlers);

}  // namespace yilian::lab
