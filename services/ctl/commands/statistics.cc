// statistics rebuild: the referrals' aggregates made anew, step by step.
#include <fmt/format.h>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "common/rpc/client_call.h"
#include "services/ctl/command.h"
#include "yilian/referral/v1/statistics.grpc.pb.h"

namespace yilian::ctl {
namespace {

using Statistics = referral::v1::ReferralStatisticsService;

// A step is some hundred referrals, or all that one organization ever received.
constexpr absl::Duration kStep = absl::Seconds(60);

absl::Status Rebuild(const Region& region, const Arguments&) {
  ASSIGN_OR_RETURN(const auto channel, region.Channel("referral", "ctl"));
  const auto stub = Statistics::NewStub(channel);
  referral::v1::RebuildStatisticsRequest request;
  referral::v1::RebuildStatisticsResponse found;
  do {
    request.set_request_id(base::Uuid::V7().ToString());
    ASSIGN_OR_RETURN(const auto step, rpc::ClientCall(kStep).Invoke(
                                          *stub, &Statistics::Stub::RebuildStatistics, request));
    found.set_referrals(found.referrals() + step.referrals());
    found.set_referrals_mended(found.referrals_mended() + step.referrals_mended());
    found.set_aggregates_mended(found.aggregates_mended() + step.aggregates_mended());
    request.set_step(step.next_step());
  } while (!request.step().empty());
  fmt::print("{} referrals: {} were counted otherwise than they stand; {} aggregates were mended\n",
             found.referrals(), found.referrals_mended(), found.aggregates_mended());
  return absl::OkStatus();
}

}  // namespace

void AddStatisticsCommands(std::vector<Command>& commands) {
  commands.push_back(
      {.name = "statistics rebuild",
       .usage = "",
       .explanation = "Makes the referrals' statistics anew from the rows; safe at any time.",
       .run = Rebuild});
}

}  // namespace yilian::ctl
