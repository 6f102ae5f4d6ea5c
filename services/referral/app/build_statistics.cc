#include "services/referral/app/build_statistics.h"

#include <memory>
#include <span>
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
  // Gathered, for a hundred events cost it little more than one.
  context.ConsumeTogether(
      {.name = std::string(kStatisticsConsumer),
       .source = std::string(kStatisticsSource),
       .linger = absl::Milliseconds(200),
       .together = 500},
      [store](mysql::Session& session, std::span<const event::v1::Event> events) {
        return store->Apply(session, events);
      });
  return absl::OkStatus();
}

}  // namespace yilian::referral
