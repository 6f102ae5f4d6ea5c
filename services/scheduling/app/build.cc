#include "services/scheduling/app/build.h"

#include <fmt/format.h>

#include <memory>

#include "common/base/status_macros.h"
#include "common/relationship/check.h"
#include "services/scheduling/jobs/directory_events.h"
#include "services/scheduling/jobs/timers.h"
#include "services/scheduling/rpc/convert.h"
#include "services/scheduling/rpc/handlers.h"
#include "services/scheduling/store/mysql_booking_store.h"
#include "services/scheduling/store/mysql_session_store.h"
#include "services/scheduling/store/upkeep.h"

namespace yilian::scheduling {

Rules RulesOf(const SchedulingConfig& config) {
  return {
      .reserved_percent = config.reserves().reserved_percent(),
      .expert_reserved_percent = config.reserves().expert_reserved_percent(),
      .green_seats = config.reserves().green_seats(),
      .organization_release = absl::Hours(config.reserves().organization_release_hours()),
      .open_release = absl::Hours(config.reserves().open_release_hours()),
      .hold = absl::Seconds(config.holds().default_seconds()),
      .longest_hold = absl::Seconds(config.holds().longest_seconds()),
  };
}

absl::Status Build(service::Context& context, const google::protobuf::Message& config) {
  const Rules rules = RulesOf(static_cast<const SchedulingConfig&>(config));
  ASSIGN_OR_RETURN(const crypto::Sealer* sealer, context.Sealer());
  const std::string peer = fmt::format("spiffe://{}/service/scheduling", context.config().region());
  auto* upkeep = context.Own(std::make_unique<Upkeep>(convert::StoreEncoding(), peer));
  auto* sessions = context.Own(
      std::make_unique<MysqlSessionStore>(context.unit_of_work(), convert::StoreEncoding(), rules));
  auto* bookings =
      context.Own(std::make_unique<MysqlBookingStore>(context.unit_of_work(), *upkeep, rules));
  auto* relationships = context.Own(std::make_unique<relationship::Check>(
      context.pool(), context.Channel("directory"), context.clock()));
  auto* handlers = context.Own(
      std::make_unique<SchedulingHandlers>(SchedulingHandlers::Deps{.sessions = *sessions,
                                                                    .bookings = *bookings,
                                                                    .relationships = *relationships,
                                                                    .sealer = *sealer,
                                                                    .rules = rules}));
  context.Serve(Bind(*handlers));

  const base::Clock& clock = context.clock();
  DefineTimers(context.timers(), *upkeep, clock);
  context.Consume(
      {.name = "scheduling.directory", .source = "directory", .types = DirectoryEventTypes()},
      [upkeep, &clock](mysql::Session& sql, const event::v1::Event& event) {
        return ApplyDirectoryEvent(sql, event, *upkeep, clock.Now());
      });
  return absl::OkStatus();
}

}  // namespace yilian::scheduling
