#include "services/scheduling/store/mysql_travel_store.h"

#include <optional>
#include <utility>

#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "services/scheduling/domain/template_errors.h"
#include "services/scheduling/store/events.h"
#include "services/scheduling/store/party_rows.h"
#include "services/scheduling/store/travel_rows.h"

namespace yilian::scheduling {
namespace {

absl::StatusOr<TravelTime> LoadTravelTime(mysql::Session& sql, const Way& way,
                                          const TravelRules& rules) {
  ASSIGN_OR_RETURN(const TravelTimes travel,
                   LoadTravelTimes(sql, way.from, {{.site = way.to}}, rules));
  return travel.Between(way);
}

}  // namespace

absl::StatusOr<v1::TravelTime> MysqlTravelStore::Set(const unit::WriteContext& context,
                                                     const Way& way,
                                                     std::optional<absl::Duration> time,
                                                     const std::string& etag) {
  return unit_of_work_.Run<v1::TravelTime>(
      context, [&](unit::Scope& scope) -> absl::StatusOr<v1::TravelTime> {
        mysql::Session& sql = scope.sql();
        // A row that is not there yet cannot be locked.
        RETURN_IF_ERROR(GuardSite(sql, way.from));
        ASSIGN_OR_RETURN(const TravelTime before, LoadTravelTime(sql, way, rules_));
        if (before.etag() != etag) return errors::EtagStale(before.etag());
        RETURN_IF_ERROR(SaveTravelTime(sql, way, time, before.version + 1, scope.now()));
        ASSIGN_OR_RETURN(const TravelTime after, LoadTravelTime(sql, way, rules_));
        v1::TravelTimeChanged payload;
        *payload.mutable_travel_time() = encoding_(after);
        const base::Uuid way_id = base::Uuid::V5(way.from.uuid(), way.to.ToString());
        outbox::NewEvent event =
            outbox::NewEvent::Of("travel_time", way_id, after.version, payload, scope.now(),
                                 events::Audience(way.from, way.to));
        event.type = time ? "TravelTimeSet" : "TravelTimeRemoved";
        scope.Append(std::move(event));
        scope.Subject("travel_time", way_id, base::Uuid());
        return encoding_(after);
      });
}

absl::StatusOr<TravelTime> MysqlTravelStore::Get(const Way& way, absl::Time deadline) {
  std::optional<TravelTime> found;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& sql) -> absl::Status {
        ASSIGN_OR_RETURN(found, LoadTravelTime(sql, way, rules_));
        return absl::OkStatus();
      }));
  return *found;
}

}  // namespace yilian::scheduling
