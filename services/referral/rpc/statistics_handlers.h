// The methods of yilian.referral.v1.ReferralStatisticsService.
#pragma once

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "services/referral/domain/statistics_store.h"
#include "yilian/referral/v1/statistics.pb.h"

namespace yilian::referral {

// Thread-safe; owned by the service's context.
class StatisticsHandlers {
 public:
  StatisticsHandlers(StatisticsStore& store, StatisticsRebuild& rebuild)
      : store_(store), rebuild_(rebuild) {}

  absl::StatusOr<v1::GetStatisticsResponse> GetStatistics(const rpc::Call& call,
                                                          const v1::GetStatisticsRequest& request);
  absl::StatusOr<v1::RankOrganizationsResponse> RankOrganizations(
      const rpc::Call& call, const v1::RankOrganizationsRequest& request);
  absl::StatusOr<v1::RebuildStatisticsResponse> RebuildStatistics(
      const rpc::Call& call, const v1::RebuildStatisticsRequest& request);

 private:
  StatisticsStore& store_;
  StatisticsRebuild& rebuild_;
};

// The service's methods, bound.
rpc::Dispatch Bind(StatisticsHandlers& handlers);

}  // namespace yilian::referral
