#include "services/scheduling/store/travel_rows.h"

#include <set>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "services/scheduling/domain/errors.h"
#include "services/scheduling/store/template_rows.h"

namespace yilian::scheduling {
namespace {

using mysql::Query;

// Primary key, all.
constexpr Query kLoadTravelTime{
    "scheduling.LoadTravelTime",
    "SELECT minutes, version FROM travel_time WHERE from_site_id = ? AND to_site_id = ?"};
constexpr Query kSaveTravelTime{
    "scheduling.SaveTravelTime",
    "INSERT INTO travel_time (from_site_id, to_site_id, minutes, version, updated_at) VALUES (?, "
    "?, ?, ?, ?) ON DUPLICATE KEY UPDATE minutes = ?, version = ?, updated_at = ?"};
constexpr Query kLoadPlace{"scheduling.LoadSitePlace",
                           "SELECT longitude_e6, latitude_e6 FROM site_place WHERE site_id = ?"};
constexpr Query kSavePlace{
    "scheduling.SaveSitePlace",
    "INSERT INTO site_place (site_id, longitude_e6, latitude_e6) VALUES (?, ?, ?) ON DUPLICATE KEY "
    "UPDATE longitude_e6 = ?, latitude_e6 = ?"};

absl::Status LoadWay(mysql::Session& sql, const Way& way, TravelTimes& travel) {
  return sql.SelectValues(kLoadTravelTime, {way.from, way.to}, [&](const mysql::Row& row) {
    std::optional<absl::Duration> time;
    if (!row.IsNull(0)) time = absl::Minutes(row.Int(0));
    travel.Give(way, time, row.Int(1));
    return absl::OkStatus();
  });
}

absl::Status LoadPlace(mysql::Session& sql, OrganizationId site, TravelTimes& travel) {
  return sql.SelectValues(kLoadPlace, {site}, [&](const mysql::Row& row) {
    travel.Locate(site, {static_cast<int32_t>(row.Int(0)), static_cast<int32_t>(row.Int(1))});
    return absl::OkStatus();
  });
}

}  // namespace

absl::StatusOr<TravelTimes> LoadTravelTimes(mysql::Session& sql, OrganizationId place,
                                            const std::vector<BusySpan>& busy,
                                            const TravelRules& rules) {
  TravelTimes travel(rules);
  std::set<OrganizationId> others;
  for (const BusySpan& one : busy) {
    if (one.site != place && !one.site.is_nil()) others.insert(one.site);
  }
  if (place.is_nil() || others.empty()) return travel;
  RETURN_IF_ERROR(LoadPlace(sql, place, travel));
  // An expert sits at a handful of sites.
  for (const OrganizationId other : others) {
    RETURN_IF_ERROR(LoadWay(sql, {place, other}, travel));
    RETURN_IF_ERROR(LoadWay(sql, {other, place}, travel));
    RETURN_IF_ERROR(LoadPlace(sql, other, travel));
  }
  return travel;
}

absl::Status CheckExpertFree(mysql::Session& sql, const Session& session,
                             const TravelRules& rules) {
  ASSIGN_OR_RETURN(const std::vector<BusySpan> busy,
                   BusySpansOf(sql, session.practitioner, session.time, TemplateId()));
  const OrganizationId place = PlaceOf(session.kind, session.site);
  ASSIGN_OR_RETURN(const TravelTimes travel, LoadTravelTimes(sql, place, busy, rules));
  const auto clash = FirstTravelClash(busy, session.time, place, travel);
  return clash ? errors::ExpertOverlap(*clash) : absl::OkStatus();
}

absl::Status SaveTravelTime(mysql::Session& sql, const Way& way, std::optional<absl::Duration> time,
                            int64_t version, absl::Time now) {
  std::optional<int64_t> minutes;
  if (time) minutes = absl::ToInt64Minutes(*time);
  return sql
      .Execute(kSaveTravelTime, way.from, way.to, minutes, version, now, minutes, version, now)
      .status();
}

absl::Status SaveSitePlace(mysql::Session& sql, OrganizationId site, const Place& place) {
  return sql
      .Execute(kSavePlace, site, place.longitude_e6, place.latitude_e6, place.longitude_e6,
               place.latitude_e6)
      .status();
}

}  // namespace yilian::scheduling
