#include "services/referral/app/build_statistics.h"

#include <memory>

#include "services/referral/rpc/statistics_handlers.h"
#include "services/referral/store/mysql_statistics_store.h"

namespace yilian::referral {

absl::Status BuildStatistics(service::Context& context, MysqlReferralStore& referrals) {
  auto* store = context.Own(std::make_unique<MysqlStatisticsStore>(context.pool(), referrals));
  auto* handlers = context.Own(std::make_unique<StatisticsHandlers>(*store));
  context.Serve(Bind(*handlers));
  context.Consume({.name = "referral.statistics", .source = "referral"},
                  [store](mysql::Session& session, const event::v1::Event& event) {
                    return store->Apply(session, event);
                  });
  return absl::OkStatus();
}

}  // namespace yilian::referral
