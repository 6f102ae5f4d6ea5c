#include "services/referral/app/build_statistics.h"

#include <memory>
#include <string>

#include "services/referral/rpc/statistics_handlers.h"
#include "services/referral/store/mysql_statistics_rebuild.h"
#include "services/referral/store/mysql_statistics_store.h"

namespace yilian::referral {

absl::Status BuildStatistics(service::Context& context, MysqlReferralStore& referrals) {
  auto* store = context.Own(std::make_unique<MysqlStatisticsStore>(context.pool(), referrals));
  auto* rebuild =
      context.Own(std::make_unique<MysqlStatisticsRebuild>(context.unit_of_work(), *store));
  auto* handlers = context.Own(std::make_unique<StatisticsHandlers>(*store, *rebuild));
  context.Serve(Bind(*handlers));
  context.Consume(
      {.name = std::string(kStatisticsConsumer), .source = std::string(kStatisticsSource)},
      [store](mysql::Session& session, const event::v1::Event& event) {
        return store->Apply(session, event);
      });
  return absl::OkStatus();
}

}  // namespace yilian::referral
